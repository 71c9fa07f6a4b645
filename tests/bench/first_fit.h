/*
 * What the heap is compared with: one list of free memory in the order of addresses, the first piece that is large
 * enough is taken, and what is freed is joined with its neighbours. The reference system's allocator works like this.
 */
#ifndef BENCH_FIRST_FIT_H
#define BENCH_FIRST_FIT_H

#include <stddef.h>

void first_fit_start(void *memory, size_t size);
void *first_fit_allocate(size_t size);
void first_fit_free(void *block);

#endif
