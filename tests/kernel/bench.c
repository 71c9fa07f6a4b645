#include "bench.h"

#include "core/boot_word.h"
#include "core/log.h"
#include "core/panic.h"
#include "lib/string.h"
#include "machine_end.h"

static void run_benches(const struct boot_info *info, const char *value, size_t value_length)
{
	bool any = false;

	panic_set_end(machine_end_failed);
	for (const struct kernel_bench *bench = linker_benches_start; bench != linker_benches_end; bench++) {
		if (strncmp(bench->name, value, value_length) != 0)
			continue;
		log_info("bench %s %lu %s\n", bench->name, bench->run(info), bench->unit);
		any = true;
	}
	if (!any)
		panic("No figure has a name that begins with %.*s.", (int)value_length, value);
	log_drain();
	machine_end(true);
}

BOOT_WORD(bench, "prints figures and ends the machine; bench=NAME only those that begin so", run_benches);
