/*
 * The page tables the CPU walks (4 levels, Intel SDM volume 3, chapter 4).
 */
#ifndef ARCH_PAGING_H
#define ARCH_PAGING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot/boot_info.h"

#define PAGE_SIZE   4096ull
#define PAGE_LEVELS 4

/* Bits of an entry. */
#define PAGE_PRESENT    (1ull << 0)
#define PAGE_WRITABLE   (1ull << 1)
#define PAGE_USER       (1ull << 2)
#define PAGE_LARGE      (1ull << 7) /* in levels 3 and 2: this is a page of 1 GiB or 2 MiB */
#define PAGE_GLOBAL     (1ull << 8) /* the translation outlives a change of CR3: the same in every address space */
#define PAGE_NO_EXECUTE (1ull << 63)
#define PAGE_ADDRESS    0x000ffffffffff000ull

/* How a page is cached: nothing set is write-back, as RAM wants it. By the order in which paging_start_cpu() fills PAT.
 */
#define PAGE_WRITE_COMBINING (1ull << 3)
#define PAGE_UNCACHED        (3ull << 3)

/* Bits of an entry that a caller chooses; the others are made here. */
#define PAGE_CHOICES (PAGE_WRITABLE | PAGE_USER | PAGE_UNCACHED | PAGE_NO_EXECUTE)

/* A tree of tables, and where the frames for more tables come from. */
struct paging_space {
	uint64_t root;                /* physical address of the top-level table */
	uint64_t (*take_table)(void); /* physical address of a cleared frame; 0 if there is none */
	void (*give_table)(uint64_t physical);
};

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

/* Where physical address 0 is seen; written by paging_start() alone. */
extern uint64_t paging_direct_map;

/* [any] Where the kernel sees a physical address of RAM. */
static inline void *paging_direct(uint64_t physical)
{
	return (void *)(paging_direct_map + physical);
}

/* [any] The inverse: the physical address behind a pointer into the direct map. */
static inline uint64_t paging_physical(const void *pointer)
{
	return (uint64_t)pointer - paging_direct_map;
}

/*
 * [init] Makes the kernel's half of a new space as the CPU sees it now: with tables of its own, except below the
 * top-level entry of `shared`, whose tables both have. All pages are global. The lowest entry of the tables in use, and
 * so all they map for programs, is left behind. False if frames are missing.
 */
bool paging_copy_kernel(const struct paging_space *space, uint64_t shared);

/* [init] Makes the table below the top-level entry of an address, for whatever will be mapped there. False without a
 * frame. */
bool paging_make_top(const struct paging_space *space, uint64_t address);

/* [init] Lets this CPU use these tables, with global pages, and fills its PAT (Intel SDM volume 3, 12.12). */
void paging_start_cpu(const struct paging_space *space);

/*
 * [irq] Maps 4 KiB pages: [address, address + size) to [physical, physical + size), all multiples of 4 KiB. `bits` are
 * of PAGE_CHOICES; a page of the kernel's half is global. 0; -EEXIST if some page of it is mapped; -ENOMEM. After an
 * error nothing of it is mapped. The caller sees to it that nobody else changes tables below the same top-level entry.
 */
int paging_map(const struct paging_space *space, uint64_t address, uint64_t physical, uint64_t size, uint64_t bits);

/*
 * [irq] Ends the mapping of 4 KiB pages, and this CPU's memory of it. Lowest-level tables that the range covers from
 * end to end go, with the notes in them; others stay for the next who is mapped there.
 */
void paging_unmap(const struct paging_space *space, uint64_t address, uint64_t size);

/*
 * [irq] Gives mapped pages other rights; large pages are split where that is needed. 0; -EFAULT if some page of it is
 * not mapped; -ENOMEM. After an error all rights are what they were.
 */
int paging_protect(const struct paging_space *space, uint64_t address, uint64_t size, uint64_t bits);

/*
 * [irq] The CPU does not look into an entry that maps nothing: it can hold a note of 63 bits, until something is mapped
 * there. 0, or -ENOMEM without a table for it.
 */
int paging_set_note(const struct paging_space *space, uint64_t address, int64_t note);

/* [irq] The note at an address that is not mapped; 0 if there is none. */
int64_t paging_note(const struct paging_space *space, uint64_t address);

/* [any] Are the bits above the 48 that are translated all like the highest of those? Any other address is a fault. */
static inline bool paging_is_canonical(uint64_t address)
{
	return (uint64_t)((int64_t)(address << 16) >> 16) == address;
}

/*
 * [irq] Stores the entries on the way to an address, the top level's first, down to one that maps a page or is not
 * present; returns how many. None for an address that is not canonical, and before paging_start().
 */
unsigned int paging_entries(uint64_t address, uint64_t entries[PAGE_LEVELS]);

/* [any] Can [physical, physical + size) be mapped at all? Not if it is empty, or beyond the CPU's address lines. */
bool paging_is_physical(uint64_t physical, uint64_t size);

/* [irq] Looks an address up in the tables CR3 points at. A non-canonical address is not mapped. */
struct paging_walk paging_look_up(uint64_t address);

/* [irq] Can `size` bytes at `address` be read without a fault? False for the user half. */
bool paging_can_read(uint64_t address, uint64_t size);

#endif
