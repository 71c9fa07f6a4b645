/*
 * The kernel's half of every address space: the direct map, the regions (mm/region.h), the frame database (mm/chunk.h)
 * and the kernel's image. Its entries in the top-level table are made at the start and never change, so an address
 * space of a program is made by copying those 256 entries.
 */
#ifndef MM_KERNEL_MAP_H
#define MM_KERNEL_MAP_H

#include <stdint.h>

#include "boot/boot_info.h"

/* [init] From the loader's page tables to the kernel's own. Panics if there is not enough memory for them. */
void kernel_map_start(const struct boot_info *info);

/* [init] Lets another CPU use the kernel's page tables: what it remembers of others is forgotten. */
void kernel_map_start_cpu(void);

/* [init] From now on nobody writes what is marked SEALED (linker.h). */
void kernel_map_seal(const struct boot_info *info);

/*
 * [irq] As paging_map(), paging_unmap() and paging_protect() (paging.h), for addresses of the kernel's half and for all
 * CPUs. The caller holds no lock, for the latter two wait until the other CPUs have forgotten what was there.
 */
int kernel_map_add(uint64_t address, uint64_t physical, uint64_t size, uint64_t bits);
void kernel_map_remove(uint64_t address, uint64_t size);
int kernel_map_protect(uint64_t address, uint64_t size, uint64_t bits);

/* [irq] As paging_set_note() and paging_note(); the latter takes no lock. */
int kernel_map_set_note(uint64_t address, int64_t note);
int64_t kernel_map_note(uint64_t address);

#endif
