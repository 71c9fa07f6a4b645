#include "bench.h"
#include "mm/frames.h"
#include "mm/heap.h"
#include "mm/memory_map.h"
#include "paging.h"

/* All RAM that nobody can have any more: firmware's tables, black box, kernel, page tables, frame database, heap. */
BENCH_IN(memory_taken, "KiB")
{
	heap_trim();
	return (memory_map_ram(info) - frames_count().free * PAGE_SIZE) / 1024;
}
