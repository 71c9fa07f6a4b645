/*
 * The page tables the CPU walks (4 levels, Intel SDM volume 3, chapter 4).
 */
#ifndef ARCH_PAGING_H
#define ARCH_PAGING_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/boot_info.h"

#define PAGE_SIZE 4096ull

/* Bits of an entry. */
#define PAGE_PRESENT    (1ull << 0)
#define PAGE_WRITABLE   (1ull << 1)
#define PAGE_USER       (1ull << 2)
#define PAGE_LARGE      (1ull << 7) /* in levels 3 and 2: this is a page of 1 GiB or 2 MiB */
#define PAGE_NO_EXECUTE (1ull << 63)
#define PAGE_ADDRESS    0x000ffffffffff000ull

/* What the CPU does with one address. */
struct paging_walk {
	bool mapped;
	bool writable, user, executable; /* over all levels, as the CPU combines them */
	unsigned int level;              /* of the last entry read: 4 is the top, 1 a 4 KiB page */
	uint64_t entry;                  /* that entry */
	uint64_t physical;               /* if mapped: where the address leads */
};

/* [init] Notes where RAM is mapped, and clears the lowest 512 GiB: the loader's identity mapping ends here. */
void paging_start(const struct boot_info *info);

/* [any] Where the kernel sees a physical address of RAM. */
void *paging_direct(uint64_t physical);

/* [irq] Looks an address up in the tables CR3 points at. A non-canonical address is not mapped. */
struct paging_walk paging_look_up(uint64_t address);

/* [irq] Can `size` bytes at `address` be read without a fault? False for the user half. */
bool paging_can_read(uint64_t address, uint64_t size);

#endif
