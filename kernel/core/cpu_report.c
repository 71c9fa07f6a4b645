#include "core/cpu_report.h"

#include <stddef.h>

#include "core/log.h"
#include "cpu_identity.h"
#include "lib/format.h"
#include "lib/string.h"

#define LINE_WIDTH 76
#define INDENT     "     "

static void print_features(void)
{
	char line[LINE_WIDTH + 1] = "";
	size_t length = 0;

	for (int i = 0; i < CPU_FEATURE_COUNT; i++) {
		const char *name = cpu_feature_name((enum cpu_feature)i);

		if (!cpu_has((enum cpu_feature)i))
			continue;
		if (length + 2 + strlen(name) > LINE_WIDTH - strlen(INDENT)) {
			log_info(INDENT "%s,\n", line);
			length = 0;
		}
		length += format_string(line + length, sizeof(line) - length, "%s%s", length == 0 ? "" : ", ", name);
	}
	log_info(INDENT "%s\n", line);
}

void cpu_report_print(void)
{
	struct cpu_identity identity;

	cpu_identify(&identity);
	log_info("CPU: %s (family %u, model %u, stepping %u)\n", identity.brand, identity.family, identity.model,
	        identity.stepping);
	print_features();
}
