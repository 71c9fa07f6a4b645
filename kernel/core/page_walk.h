/*
 * The way of an address through the page tables, in one line.
 */
#ifndef CORE_PAGE_WALK_H
#define CORE_PAGE_WALK_H

#include <stddef.h>
#include <stdint.h>

#define PAGE_WALK_TEXT_MAX 120

/*
 * [any] Writes for each level its number, the index of the entry in brackets, and what the entry allows (r, w, x, and u
 * for programs): "4[511] rwx-, 3[510] rwx-, 2[1] absent". `entries` are as paging_entries() stores them. Returns
 * `text`.
 */
const char *page_walk_describe(uint64_t address, const uint64_t *entries, unsigned int count, char *text, size_t size);

#endif
