/* The kernel's first page tables (Intel SDM volume 3, 4.5): four levels, pages of 4 KiB, 2 MiB and 1 GiB. */
#ifndef STAGE2_PAGE_TABLES_H
#define STAGE2_PAGE_TABLES_H

#include <stdint.h>

#include "cpu.h"

/* Writes to a framebuffer are combined: cpu_combine_writes(). */
enum page_flags { PAGE_WRITE = 1, PAGE_EXECUTE = 2, PAGE_DEVICE = 4, PAGE_FRAMEBUFFER = 8 };

void page_tables_init(const struct cpu_features *cpu);

/* Maps [physical, physical + size) at `virtual`, all multiples of 4 KiB, with the largest pages that fit. */
void page_tables_map(uint64_t virtual, uint64_t physical, uint64_t size, unsigned flags);

/* Unmaps the GiB that begins at `virtual`. */
void page_tables_forget(uint64_t virtual);

/* What CR3 gets. */
uint32_t page_tables_root(void);

#endif
