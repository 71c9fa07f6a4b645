#include "lib/human_size.h"

#include "lib/format.h"

const char *human_size(uint64_t bytes, char text[HUMAN_SIZE_MAX])
{
	static const char units[][6] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
	unsigned int unit = 0, whole, tenths;

	while (unit < 4 && bytes >> (10 * (unit + 1)) != 0)
		unit++;
	whole = (unsigned int)(bytes >> (10 * unit));
	tenths = unit == 0 ? 0 : (unsigned int)(bytes >> (10 * (unit - 1)) & 1023) * 10 / 1024;
	if (tenths == 0)
		format_string(text, HUMAN_SIZE_MAX, "%u %s", whole, units[unit]);
	else
		format_string(text, HUMAN_SIZE_MAX, "%u.%u %s", whole, tenths, units[unit]);
	return text;
}
