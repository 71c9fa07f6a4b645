/*
 * Physical memory in frames of 4 KiB, given out in blocks of 2^order contiguous, aligned frames.
 *
 * Three zones, by what a device can reach: below 16 MiB, below 4 GiB, and the rest. Who does not ask for a zone gets
 * memory from the highest that has some. Each zone is a buddy system (mm/buddy.h); single frames come from a short list
 * that each CPU has of its own.
 *
 * The frame database has a struct frame for every frame, but is filled in only as far as memory is used: RAM is opened
 * in chunks of 16 MiB when a zone runs dry (mm/chunk.h).
 *
 * Memory keeps what was written into it: who shows a frame to a program, or to a device, takes it with FRAMES_ZERO.
 */
#ifndef MM_FRAMES_H
#define MM_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/boot_info.h"
#include "core/symbols.h"

#define FRAMES_ORDER_MAX 10           /* blocks of 4 MiB */
#define FRAMES_END       (1ull << 40) /* 1 TiB: RAM beyond it is left alone */

enum frames_flags {
	FRAMES_ZERO = 1, /* cleared */
	FRAMES_BELOW_16M = 2,
	FRAMES_BELOW_4G = 4,
};

enum frame_state {
	FRAME_INSIDE, /* no block begins here: inside of one, or memory that is not managed */
	FRAME_FREE,
	FRAME_CACHED, /* in the list of a CPU */
	FRAME_ALLOCATED,
};

/* What stands here about a block stands at its first frame. */
struct frame {
	union {
		uint64_t owner_data; /* allocated: whatever the block's owner likes; 0 at first in the block's first
		                        frame */
		struct {
			uint32_t next, previous; /* free: neighbours in the list, as frame numbers; 0 at its ends */
		};
	};
	uint32_t allocated_by; /* return addresses: the lower half, the upper is that of the image */
	uint32_t freed_by;
	uint8_t state; /* enum frame_state */
	uint8_t order;
	uint16_t freed_order; /* of the block that was freed by `freed_by`: it may be part of a larger one by now */
};

_Static_assert(sizeof(struct frame) == 24, "0.6 % of RAM");

/* [init] From now on there is memory: all that the loader's map calls usable. Keeps on using that map. */
void frames_start(const struct boot_info *info);

/*
 * [init] What the loader itself used becomes usable: everything of type BOOT_MEMORY_LOADER but the stack and what
 * boot_info points at. After the kernel has page tables of its own.
 */
void frames_reclaim(const struct boot_info *info);

/* [irq] The physical address of 2^order frames, or 0 if there is no such block. `flags` are enum frames_flags. */
uint64_t frames_allocate(unsigned int order, unsigned int flags);

/*
 * [irq] Gives a block back, whose address this is. Panics, naming who allocated and who freed it, if it is free, lies
 * inside a block, or was never given out.
 */
void frames_free(uint64_t physical);

/* [irq] The database's entry for an address; NULL if that is no RAM, or RAM of which nothing was ever given out. */
struct frame *frames_find(uint64_t physical);

/* [irq] The entry of the block, free or not, in which an address lies; NULL if none: memory that is not managed. */
struct frame *frames_find_block(uint64_t physical);

/* [irq] The entry that tells who had this memory last, as far as the smallest block around it shows; NULL: nobody. */
struct frame *frames_find_freed(uint64_t physical);

/* [irq] Empties this CPU's list of single frames, so that they can become parts of larger blocks. */
void frames_drain(void);

/* [irq] In words, `allocated_by` or `freed_by` of a frame; returns `text`. */
const char *frames_describe_site(uint32_t site, char text[SYMBOLS_TEXT_MAX]);

struct frames_count {
	uint64_t total;      /* frames that are, or were, free to be given out */
	uint64_t free;       /* of these, now */
	uint64_t kernel_own; /* of these, in use for the database and its page tables */
};

/* [irq] Exact while the other CPUs neither allocate nor free. */
struct frames_count frames_count(void);

struct frames_zone {
	const char *name;
	uint64_t free;    /* frames, without those in the lists of CPUs */
	uint32_t largest; /* frames of the largest free block; 0: none */
};

/* [irq] The zone of that number, counted from 0; false behind the last. */
bool frames_zone(unsigned int number, struct frames_zone *zone);

/* [irq] Frames in this CPU's list; and those that nobody has used yet. */
uint32_t frames_listed(void);
uint64_t frames_unopened(void);

#endif
