/* Any list of ranges as the firmware's memory map: cleaning keeps the invariants, and each page has the type it must.
 */
#include <stdlib.h>
#include <string.h>

#include "sample_memory_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct memory_map map;
	struct boot_raw_range raw[MEMORY_RAW_MAX];
	uint32_t count = size / sizeof(*raw) < MEMORY_RAW_MAX ? size / sizeof(*raw) : MEMORY_RAW_MAX;

	memcpy(raw, data, count * sizeof(*raw));
	memory_map_clean(&map, raw, count);
	if (sample_memory_map_judge(&map))
		abort();
	for (uint32_t i = 0; i < map.count; i++) { /* the first and last page of each range, and the page after it */
		uint64_t first = map.range[i].base, after = first + map.range[i].size;
		uint64_t probes[] = {first, after - MEMORY_MAP_PAGE, after};

		for (int k = 0; k < 3; k++)
			if (probes[k] < MEMORY_MAP_LIMIT && sample_memory_map_found(&map, probes[k]) !=
			                                            sample_memory_map_type(raw, count, probes[k]))
				abort();
	}
	return 0;
}
