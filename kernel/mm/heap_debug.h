/*
 * Guards around the blocks of a debug build (make DEBUG=1). In front of each block stands a guard that knows who
 * allocated it and who freed it; on both sides of it lie red zones that nobody may write to; and a block that is freed
 * stays out of use for a while, filled with a pattern that must not change. A build with SANITIZE=address does the same
 * and, besides, sees every wrong access when it happens.
 */
#ifndef MM_HEAP_DEBUG_H
#define MM_HEAP_DEBUG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/monitor_command.h"
#include "mm/heap.h"

#ifdef DEBUG
#define HEAP_DEBUG true
#else
#define HEAP_DEBUG false
#endif

/* What bytes are filled with. Eight of each are no canonical address: to use one as a pointer is a fault. */
#define HEAP_POISON_FRESH 0xf5u /* allocated, never written */
#define HEAP_POISON_FREED 0xdfu
#define HEAP_POISON_EDGE  0xedu /* red zone */

/* [irq] What a value is that looks like poison, up to 64 KiB off, as a pointer to a member would be; else NULL. */
const char *heap_poison_name(uint64_t value);

/* [irq] As kmalloc_aligned, for the code at `caller`; align 0: as kmalloc. */
void *heap_debug_allocate(size_t size, size_t align, uint64_t caller);

/* [irq] As heap_cache_allocate. The cache's blocks are as large as heap_debug_cache_size() says. */
void *heap_debug_allocate_from(struct heap_cache *cache, uint64_t caller);
size_t heap_debug_cache_size(size_t size, size_t align);

/* [irq] As kfree, but not for NULL; `cache` is the one the block must be of, or NULL. Panics if a guard or a red zone
 * is damaged or the block is not in use. */
void heap_debug_free(void *block, struct heap_cache *cache, uint64_t caller);

/* [irq] The bytes that were asked for. */
size_t heap_debug_size(void *block);

/* [irq] Really frees what waits, and panics if some of it was written to. True if something waited. */
bool heap_debug_release(void);

/* [irq] As a describer does (core/describer.h). */
bool heap_debug_describe(uint64_t address, char *text, size_t size);

/* [task] Prints how many blocks are in use, by who allocated them. */
void heap_debug_print_sites(struct command_output *output);

#endif
