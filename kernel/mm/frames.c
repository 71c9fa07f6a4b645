#include "mm/frames.h"

#include "core/cpus.h"
#include "core/panic.h"
#include "core/spinlock.h"
#include "core/symbols.h"
#include "cpu.h"
#include "lib/string.h"
#include "linker.h"
#include "mm/address_sanitizer.h"
#include "mm/buddy.h"
#include "mm/chunk.h"
#include "paging.h"
#include "percpu.h"

#define LIST_MAX         32 /* single frames a CPU keeps for itself: two batches */
#define LIST_BATCH_ORDER 4
#define LIST_BATCH       (1 << LIST_BATCH_ORDER) /* as many go to or come from a zone at a time */

#define LIMITS (FRAMES_BELOW_16M | FRAMES_BELOW_4G)

/* From the zone that everyone likes best to the one to be spared. */
enum zone_name { ZONE_REST, ZONE_BELOW_4G, ZONE_BELOW_16M, ZONES };

struct zone {
	uint32_t first_chunk, end_chunk;
	uint32_t next_chunk; /* to be opened when `buddy` has nothing */
	struct buddy buddy;
};

static struct spinlock lock = SPINLOCK(RANK_FRAMES, "frames");

static struct zone zones[ZONES] = {
        [ZONE_REST] = {.first_chunk = 256, .next_chunk = 256, .end_chunk = CHUNK_COUNT},
        [ZONE_BELOW_4G] = {.first_chunk = 1, .next_chunk = 1, .end_chunk = 256},
        [ZONE_BELOW_16M] = {.first_chunk = 0, .next_chunk = 0, .end_chunk = 1},
};

/* Single frames, the last to be freed on top: the cache may still have them. */
struct list {
	uint32_t count;
	uint32_t numbers[1 + LIST_MAX]; /* number 0 is 0: what a look at the top of an empty list finds */
};
static PERCPU(struct list, list);

/* Frames below this are no longer given to a CPU's list: memory below 16 MiB, unless there is no other. */
static uint32_t spared_end;

static struct zone *zone_of(uint32_t number)
{
	uint32_t chunk = number / CHUNK_FRAMES;

	if (chunk >= zones[ZONE_REST].first_chunk)
		return &zones[ZONE_REST];
	return chunk >= zones[ZONE_BELOW_4G].first_chunk ? &zones[ZONE_BELOW_4G] : &zones[ZONE_BELOW_16M];
}

/* With the lock held. */
static uint32_t take(unsigned int order, unsigned int flags)
{
	enum zone_name name = ZONE_REST;

	if (flags & LIMITS)
		name = flags & FRAMES_BELOW_16M ? ZONE_BELOW_16M : ZONE_BELOW_4G;
	for (struct zone *zone = &zones[name]; zone != &zones[ZONES]; zone++) {
		do {
			uint32_t number = buddy_take(&zone->buddy, order);

			if (number != 0)
				return number;
		} while (chunk_open_next(&zone->next_chunk, zone->end_chunk, &zone->buddy));
	}
	return 0;
}

/* With the lock held. */
static void give_from_list(struct list *mine, uint32_t count)
{
	for (; count > 0; count--) {
		uint32_t number = mine->numbers[mine->count--];

		buddy_give(&zone_of(number)->buddy, number, 0);
	}
}

static void add_to_list(struct list *mine, uint32_t number, uint32_t count)
{
	for (; count > 0; count--, number++) {
		chunk_frame(number)->state = FRAME_CACHED;
		mine->numbers[++mine->count] = number;
	}
}

/*
 * With interrupts off, and the list empty. A batch comes at once if the zone whose turn it is has one; else single
 * frames do, so that no zone is spared on account of being in pieces.
 */
static void refill(struct list *mine)
{
	uint64_t flags = spin_lock(&lock);
	uint32_t number;

	while (mine->count < LIST_BATCH && (number = take(0, 0)) != 0) {
		add_to_list(mine, number, 1);
		number = buddy_take(&zone_of(number)->buddy, LIST_BATCH_ORDER);
		if (number != 0)
			add_to_list(mine, number, LIST_BATCH);
	}
	spin_unlock(&lock, flags);
}

static uint32_t take_single(void)
{
	uint64_t flags = cpu_interrupts_save();
	struct list *mine = percpu(list);
	uint32_t number;

	if (mine->count == 0)
		refill(mine);
	number = mine->numbers[mine->count];
	if (number != 0)
		mine->count--;
	cpu_interrupts_restore(flags);
	return number;
}

static void give_single(uint32_t number)
{
	uint64_t flags = cpu_interrupts_save();
	struct list *mine = percpu(list);

	if (mine->count == LIST_MAX) {
		uint64_t locked = spin_lock(&lock);

		give_from_list(mine, LIST_BATCH);
		spin_unlock(&lock, locked);
	}
	mine->numbers[++mine->count] = number;
	cpu_interrupts_restore(flags);
}

static uint32_t take_block(unsigned int order, unsigned int flags)
{
	uint64_t interrupts = spin_lock(&lock);
	uint32_t number = 0;

	if (order <= FRAMES_ORDER_MAX)
		number = take(order, flags);
	if (number == 0 && order <= FRAMES_ORDER_MAX) { /* perhaps this CPU has the missing piece */
		give_from_list(percpu(list), percpu(list)->count);
		number = take(order, flags);
	}
	spin_unlock(&lock, interrupts);
	return number;
}

/* The code that called: of its address the lower half, the upper is that of the image. */
#define CALLER ((uint32_t)(uintptr_t)__builtin_return_address(0))

static inline uint64_t hand_out(uint32_t number, unsigned int order, uint32_t caller)
{
	uint64_t physical = number * PAGE_SIZE;
	struct frame *f = chunk_frame(number);

	f->owner_data = 0;
	f->allocated_by = caller;
	f->state = FRAME_ALLOCATED;
	f->order = (uint8_t)order;
	address_sanitizer_allow(paging_direct(physical), PAGE_SIZE << order);
	return physical;
}

static __attribute__((noinline)) uint64_t allocate(unsigned int order, unsigned int flags, uint32_t caller)
{
	bool is_single = order == 0 && !(flags & LIMITS);
	uint32_t number = is_single ? take_single() : take_block(order, flags);
	uint64_t physical = number * PAGE_SIZE;

	if (number == 0)
		return 0;
	hand_out(number, order, caller);
	if (flags & FRAMES_ZERO)
		memset(paging_direct(physical), 0, PAGE_SIZE << order);
	return physical;
}

uint64_t frames_allocate(unsigned int order, unsigned int flags)
{
	uint32_t caller = CALLER;

	if ((order | flags) == 0) { /* the usual way, in few instructions */
		uint64_t interrupts = cpu_interrupts_save();
		struct list *mine = percpu(list);
		uint32_t number = mine->numbers[mine->count];

		if (number != 0) {
			mine->count--;
			cpu_interrupts_restore(interrupts);
			return hand_out(number, 0, caller);
		}
		cpu_interrupts_restore(interrupts);
	}
	return allocate(order, flags, caller);
}

const char *frames_describe_site(uint32_t site, char text[SYMBOLS_TEXT_MAX])
{
	uint64_t image = (uint64_t)linker_image_start;

	return symbols_describe_caller(image + (uint64_t)(int32_t)(site - (uint32_t)image), text);
}

static _Noreturn __attribute__((noinline)) void refuse(uint64_t physical)
{
	const struct frame *block = frames_find_block(physical);
	const struct frame *freed = frames_find_freed(physical);
	char allocated[SYMBOLS_TEXT_MAX], freed_by[SYMBOLS_TEXT_MAX];

	if (block == NULL)
		panic("frames_free(%lx): that memory was never given out.", physical);
	if (block->state == FRAME_ALLOCATED)
		panic("frames_free(%lx): inside of a block of %u frames, allocated by %s.", physical,
		        1u << block->order, frames_describe_site(block->allocated_by, allocated));
	if (freed == NULL)
		panic("frames_free(%lx): it is free, nobody ever had it.", physical);
	panic("frames_free(%lx): it is free. Allocated by %s, freed by %s.", physical,
	        frames_describe_site(freed->allocated_by, allocated), frames_describe_site(freed->freed_by, freed_by));
}

static __attribute__((noinline)) void give_back(uint64_t physical, uint32_t caller)
{
	struct frame *f = frames_find(physical);
	uint32_t number = (uint32_t)(physical / PAGE_SIZE);

	if (f == NULL || f->state != FRAME_ALLOCATED || physical % PAGE_SIZE != 0)
		refuse(physical);
	address_sanitizer_forbid(paging_direct(physical), PAGE_SIZE << f->order);
	f->freed_by = caller;
	f->freed_order = f->order;
	f->state = FRAME_CACHED;
	if (f->order == 0 && number >= spared_end) {
		give_single(number);
	} else {
		uint64_t flags = spin_lock(&lock);

		buddy_give(&zone_of(number)->buddy, number, f->order);
		spin_unlock(&lock, flags);
	}
}

void frames_free(uint64_t physical)
{
	uint64_t number = physical / PAGE_SIZE | physical << 52; /* none if it is not where a frame begins */

	/* The usual way, in few instructions: a single frame, and room in the list. */
	if (number - spared_end < FRAMES_END / PAGE_SIZE - CHUNK_FRAMES && chunk_is_open(number / CHUNK_FRAMES)) {
		struct frame *f = chunk_frame((uint32_t)number);
		uint64_t interrupts = cpu_interrupts_save();
		struct list *mine = percpu(list);

		if (f->state == FRAME_ALLOCATED && f->order == 0 && mine->count != LIST_MAX) {
			mine->numbers[++mine->count] = (uint32_t)number;
			f->freed_by = CALLER;
			f->state = FRAME_CACHED;
			f->order = 0; /* it is; so written, the three are one store */
			f->freed_order = 0;
			address_sanitizer_forbid(paging_direct(physical), PAGE_SIZE);
			cpu_interrupts_restore(interrupts);
			return;
		}
		cpu_interrupts_restore(interrupts);
	}
	give_back(physical, CALLER);
}

struct frame *frames_find(uint64_t physical)
{
	return chunk_has(physical) ? chunk_frame((uint32_t)(physical / PAGE_SIZE)) : NULL;
}

struct frame *frames_find_block(uint64_t physical)
{
	uint32_t number = (uint32_t)(physical / PAGE_SIZE);

	if (!chunk_has(physical))
		return NULL;
	for (unsigned int order = 0; order <= FRAMES_ORDER_MAX; order++) {
		struct frame *f = chunk_frame(number & ~((1u << order) - 1));

		if (f->state != FRAME_INSIDE)
			return f->order >= order ? f : NULL;
	}
	return NULL;
}

struct frame *frames_find_freed(uint64_t physical)
{
	uint32_t number = (uint32_t)(physical / PAGE_SIZE);

	for (unsigned int order = 0; chunk_has(physical) && order <= FRAMES_ORDER_MAX; order++) {
		struct frame *f = chunk_frame(number & ~((1u << order) - 1));

		if (f->freed_by != 0 && f->freed_order >= order)
			return f;
	}
	return NULL;
}

void frames_drain(void)
{
	uint64_t flags = spin_lock(&lock);

	give_from_list(percpu(list), percpu(list)->count);
	spin_unlock(&lock, flags);
}

/* Of the others as they are at the moment. */
static uint64_t listed_everywhere(void)
{
	uint64_t sum = 0;

	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		if (cpus_is_online(cpu))
			sum += __atomic_load_n(&percpu_of(list, cpu)->count, __ATOMIC_RELAXED);
	}
	return sum;
}

struct frames_count frames_count(void)
{
	uint64_t flags = spin_lock(&lock);
	struct frames_count count = {
	        .total = chunk_count.total,
	        .free = chunk_count.unopened + listed_everywhere(),
	        .kernel_own = chunk_count.own,
	};

	for (int i = 0; i < ZONES; i++)
		count.free += zones[i].buddy.free;
	spin_unlock(&lock, flags);
	return count;
}

static uint32_t largest_block(const struct buddy *buddy)
{
	for (unsigned int order = FRAMES_ORDER_MAX + 1; order-- > 0;) {
		if (buddy->first[order] != 0)
			return 1u << order;
	}
	return 0;
}

bool frames_zone(unsigned int number, struct frames_zone *zone)
{
	static const char *const names[ZONES] = {"above 4 GiB", "below 4 GiB", "below 16 MiB"};
	uint64_t flags;

	if (number >= ZONES)
		return false;
	flags = spin_lock(&lock);
	*zone = (struct frames_zone){names[number], zones[number].buddy.free, largest_block(&zones[number].buddy)};
	spin_unlock(&lock, flags);
	return true;
}

uint32_t frames_listed(void)
{
	return percpu(list)->count;
}

uint64_t frames_unopened(void)
{
	return __atomic_load_n(&chunk_count.unopened, __ATOMIC_RELAXED);
}

void frames_start(const struct boot_info *info)
{
	struct zone *zone = zones;
	uint64_t usable;

	chunk_start(info);
	usable = chunk_count.total;
	while (zone != &zones[ZONES] && !chunk_open_next(&zone->next_chunk, zone->end_chunk, &zone->buddy))
		zone++;
	if (zone == &zones[ZONES])
		panic("Not enough memory: %llu KiB are usable.", usable * (PAGE_SIZE / 1024));
	if (zone != &zones[ZONE_BELOW_16M])
		spared_end = CHUNK_FRAMES;
}

/* With the lock held. */
static void give_loader_memory(struct chunk_piece piece)
{
	uint32_t number = (uint32_t)(piece.base / PAGE_SIZE);
	uint32_t end = (uint32_t)(piece.end / PAGE_SIZE);
	struct zone *zone = zone_of(number);

	if (chunk_has(piece.base))
		buddy_give_range(&zone->buddy, number, end);
	else if (number / CHUNK_FRAMES >= zone->next_chunk)
		chunk_count.unopened += end - number;
	else
		return; /* a chunk that was too small to be opened */
	chunk_count.total += end - number;
}

void frames_reclaim(const struct boot_info *info)
{
	uint64_t stack = paging_look_up(info->kernel.stack_virtual).physical;
	struct chunk_piece a = {stack, stack + info->kernel.stack_size};
	struct chunk_piece b = {info->info_base, info->info_base + info->info_size};
	const struct chunk_piece kept[2] = {a.base < b.base ? a : b, a.base < b.base ? b : a};
	uint64_t flags = spin_lock(&lock);

	chunk_reclaim(kept, give_loader_memory);
	spin_unlock(&lock, flags);
}
