/*
 * The frame allocator on invented machines, against a model: which frames of the map are taken, and by which block.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dice.h"
#include "host_arch.h"
#include "host_machine.h"
#include "mm/chunk.h"
#include "mm/frames.h"
#include "paging.h"

#define USABLE(base, end)                                                                                              \
	{                                                                                                              \
		(base), (end) - (base), BOOT_MEMORY_USABLE, 0                                                          \
	}
#define OF_TYPE(base, end, type)                                                                                       \
	{                                                                                                              \
		(base), (end) - (base), (type), 0                                                                      \
	}
#define RANGES_OF(map) (map), sizeof(map) / sizeof((map)[0])

static const struct boot_memory_range tiny[] = {
        USABLE(KIB(200), KIB(636)),
        OF_TYPE(MIB(1), MIB(1) + KIB(300), BOOT_MEMORY_KERNEL),
        OF_TYPE(MIB(1) + KIB(300), MIB(1) + KIB(400), BOOT_MEMORY_LOADER),
        USABLE(MIB(1) + KIB(400), MIB(4) - KIB(128)),
};

/* Three zones, holes in them, a chunk too small to be opened, and an end in the middle of a block. */
static const struct boot_memory_range usual[] = {
        USABLE(KIB(200), KIB(636)),
        OF_TYPE(MIB(1), MIB(2), BOOT_MEMORY_KERNEL),
        OF_TYPE(MIB(2), MIB(2) + KIB(100), BOOT_MEMORY_LOADER),
        USABLE(MIB(2) + KIB(100), MIB(47) + KIB(12)),
        OF_TYPE(MIB(47) + KIB(12), MIB(47) + KIB(100), BOOT_MEMORY_ACPI_TABLES),
        USABLE(MIB(50), MIB(56)),
        USABLE(MIB(64), MIB(64) + KIB(80)),
        USABLE(GIB(4), GIB(4) + MIB(33) + KIB(20)),
};

/* ---- what is true of every state ---- */

static bool lies_in(const struct boot_info *info, uint64_t base, uint64_t size, bool loader_too)
{
	const struct boot_memory_range *map = paging_direct(info->memory_map);

	for (uint32_t i = 0; i < info->memory_map_count; i++) {
		bool usable = map[i].type == BOOT_MEMORY_USABLE || (loader_too && map[i].type == BOOT_MEMORY_LOADER);

		if (base >= map[i].base && base + size <= map[i].base + map[i].size)
			return usable;
	}
	return false;
}

static uint64_t end_of_ram(void)
{
	const struct boot_memory_range *map = paging_direct(host_info.memory_map);
	const struct boot_memory_range *last = &map[host_info.memory_map_count - 1];

	return last->base + last->size;
}

/* All free blocks in ascending order, first frame and order in one number each. Panics if two could be joined. */
static size_t list_free(uint64_t *blocks, size_t max, uint64_t *frames)
{
	size_t count = 0;

	*frames = 0;
	for (uint64_t physical = 0; physical < end_of_ram(); physical += PAGE_SIZE) {
		struct frame *f = frames_find(physical);
		uint64_t size = f != NULL ? PAGE_SIZE << f->order : 0;
		struct frame *buddy;

		if (f == NULL || f->state != FRAME_FREE)
			continue;
		REQUIRE(physical % size == 0 && count < max);
		buddy = f->order < FRAMES_ORDER_MAX ? frames_find(physical ^ size) : NULL;
		REQUIRE(buddy == NULL || buddy->state != FRAME_FREE || buddy->order != f->order);
		blocks[count++] = physical | f->order;
		*frames += 1u << f->order;
	}
	return count;
}

/* Takes all memory, frame by frame; nothing twice, nothing that is not usable. Returns how many. */
static size_t take_all(uint64_t *taken, size_t max)
{
	size_t count = 0;
	uint64_t frame;

	while ((frame = frames_allocate(0, 0)) != 0) {
		REQUIRE(count < max && frame % PAGE_SIZE == 0 && lies_in(&host_info, frame, PAGE_SIZE, true));
		REQUIRE(frames_find(frame)->owner_data == 0);
		frames_find(frame)->owner_data = 1;
		taken[count++] = frame;
	}
	for (size_t i = 0; i < count; i++) {
		REQUIRE(frames_find(taken[i])->owner_data == 1);
		frames_find(taken[i])->owner_data = 2;
	}
	return count;
}

static void give_all(const uint64_t *taken, size_t count)
{
	for (size_t i = 0; i < count; i++)
		frames_free(taken[i]);
	frames_drain();
}

#define MANY 40000u
static uint64_t taken[MANY], before[MANY], after[MANY];

/* Opens all memory, so that the free lists are what they will be whenever everything is free. */
static size_t open_all(uint64_t *blocks)
{
	uint64_t frames;
	size_t count = take_all(taken, MANY);
	struct frames_count now = frames_count();

	REQUIRE(now.free == 0 && now.total == count + now.kernel_own);
	give_all(taken, count);
	count = list_free(blocks, MANY, &frames);
	REQUIRE(frames == frames_count().free);
	return count;
}

static void require_as_before(size_t count)
{
	uint64_t frames;

	frames_drain();
	REQUIRE(list_free(after, MANY, &frames) == count && memcmp(before, after, count * sizeof(before[0])) == 0);
	REQUIRE(frames == frames_count().free);
}

/* ---- all memory, once ---- */

/* What is asked about any address finds the block that holds it, or none. */
static void require_blocks(void)
{
	uint64_t end = 0;

	for (uint64_t physical = 0; physical < end_of_ram(); physical += PAGE_SIZE) {
		struct frame *f = frames_find(physical), *block = frames_find_block(physical);

		if (f != NULL && f->state == FRAME_FREE)
			end = physical + (PAGE_SIZE << f->order);
		REQUIRE((block != NULL) == (physical < end));
		if (block != NULL && f->state == FRAME_FREE)
			REQUIRE(block == f);
	}
}

static void all_of_it(void)
{
	size_t count, blocks;

	frames_start(&host_info);
	blocks = open_all(before);
	require_blocks();
	count = take_all(taken, MANY);
	REQUIRE(count + frames_count().kernel_own == frames_count().total);
	for (size_t i = 0; i < count; i += 2)
		frames_free(taken[i]);
	for (size_t i = 1; i < count; i += 2)
		frames_free(taken[i]);
	require_as_before(blocks);
}

static void all_of_tiny(void)
{
	host_machine_start(RANGES_OF(tiny));
	all_of_it();
	REQUIRE(frames_count().total == (636 - 200 + 3 * 1024 - 400 - 128) / 4);
}

static void all_of_usual(void)
{
	host_machine_start(RANGES_OF(usual));
	all_of_it();
	/* All but what the 80 KiB are too few for. */
	REQUIRE(frames_count().total == (636 - 200 + 45 * 1024 - 100 + 12 + 6 * 1024 + 33 * 1024 + 20) / 4);
	/* Five chunks of full size and one of 4 MiB's with nothing behind it; page tables for low and for high memory.
	 */
	REQUIRE(frames_count().kernel_own == 6 * 24 + 6 + 1 + 4);
}

static void test_every_frame_is_given_out_once(void **state)
{
	(void)state;
	assert_true(host_machine_run(all_of_tiny));
	assert_true(host_machine_run(all_of_usual));
}

/* ---- zones ---- */

static void zones(void)
{
	uint64_t frame;

	host_machine_start(RANGES_OF(usual));
	frames_start(&host_info);
	REQUIRE(frames_allocate(0, 0) >= GIB(4));
	REQUIRE(frames_count().kernel_own == 24 + 3);
	frame = frames_allocate(3, FRAMES_BELOW_4G);
	REQUIRE(frame >= MIB(16) && frame < GIB(4));
	REQUIRE(frames_allocate(0, FRAMES_BELOW_16M) < MIB(16));
	REQUIRE(frames_allocate(0, FRAMES_BELOW_16M | FRAMES_BELOW_4G) < MIB(16));
	while ((frame = frames_allocate(0, 0)) >= GIB(4))
		;
	REQUIRE(frame >= MIB(16)); /* when the best is used up, the next; the lowest last */
	while ((frame = frames_allocate(0, 0)) >= MIB(16))
		;
	REQUIRE(frame != 0 && frame < MIB(16));
	while (frames_allocate(0, FRAMES_BELOW_4G) != 0)
		;
	REQUIRE(frames_allocate(0, 0) == 0);
	frames_free(MIB(20));
	frames_free(MIB(3));
	REQUIRE(frames_allocate(0, 0) == MIB(20)); /* the last to be freed, but for those to be spared */
	REQUIRE(frames_allocate(0, FRAMES_BELOW_16M) == MIB(3));
}

static void test_zones(void **state)
{
	(void)state;
	assert_true(host_machine_run(zones));
}

/* A single frame in this CPU's list must not keep a block from being whole. */
static void list_is_emptied(void)
{
	size_t count;

	host_machine_start(RANGES_OF(tiny));
	frames_start(&host_info);
	count = take_all(taken, MANY);
	for (size_t i = 0; i < count; i++) {
		if (taken[i] >= MIB(2) && taken[i] < MIB(2) + 16 * PAGE_SIZE)
			frames_free(taken[i]);
	}
	REQUIRE(frames_allocate(4, 0) == MIB(2));
	REQUIRE(frames_allocate(FRAMES_ORDER_MAX + 1, 0) == 0);
}

static void test_list_is_emptied(void **state)
{
	(void)state;
	assert_true(host_machine_run(list_is_emptied));
}

/* ---- 64 GiB ---- */

static void large_machine(void)
{
	static const struct boot_memory_range map[] = {
	        USABLE(MIB(1), GIB(3)),
	        USABLE(GIB(4), GIB(65)),
	};
	uint64_t blocks = 0;

	host_machine_start(RANGES_OF(map));
	frames_start(&host_info);
	REQUIRE(frames_count().kernel_own == 27 && frames_count().total == (GIB(64) - MIB(1)) / PAGE_SIZE);
	while (frames_allocate(FRAMES_ORDER_MAX, 0) != 0)
		blocks++;
	/* The database takes one block of each chunk's four. */
	REQUIRE(blocks >= 3 * (GIB(64) / MIB(16)));
	REQUIRE(frames_count().kernel_own * 1000 < 7 * frames_count().total);
}

static void test_large_machine(void **state)
{
	(void)state;
	assert_true(host_machine_run(large_machine));
}

/* ---- mistakes ---- */

static void free_it(void *context)
{
	frames_free(*(uint64_t *)context);
}

static void require_refused(uint64_t physical, const char *says)
{
	REQUIRE(host_machine_panics(free_it, &physical));
	if (strstr(host_panic_text, says) == NULL)
		fprintf(stderr, "\"%s\" is not in \"%s\"\n", says, host_panic_text);
	REQUIRE(strstr(host_panic_text, says) != NULL);
}

/* Is this the place where the text says something was allocated or freed? */
static bool names(const char *word, void *function)
{
	const char *at = strstr(host_panic_text, word);
	uint64_t address = at != NULL ? strtoull(at + strlen(word), NULL, 16) : 0;

	return (uint32_t)(address - (uint64_t)function) < 100;
}

static __attribute__((noinline)) uint64_t take_here(unsigned int order)
{
	uint64_t block = frames_allocate(order, 0);

	return block + 0 * frames_count().free; /* keeps it from being a tail call */
}

static __attribute__((noinline)) uint64_t give_here(uint64_t block)
{
	frames_free(block);
	return frames_count().free;
}

static void mistakes(void)
{
	uint64_t block, single;

	host_machine_start(RANGES_OF(usual));
	frames_start(&host_info);
	block = take_here(3);
	single = take_here(0);

	require_refused(block + PAGE_SIZE, "inside of a block of 8 frames");
	REQUIRE(names("allocated by <", take_here));
	require_refused(single + 8, "inside of a block of 1 frames");
	REQUIRE(names("allocated by <", take_here));
	give_here(block);
	for (uint64_t inside = block; inside < block + 8 * PAGE_SIZE; inside += PAGE_SIZE) {
		require_refused(inside, "it is free");
		REQUIRE(names("Allocated by <", take_here) && names("freed by <", give_here));
	}
	give_here(single);
	require_refused(single, "it is free");
	REQUIRE(names("Allocated by <", take_here) && names("freed by <", give_here));
	require_refused(GIB(4) + MIB(12), "nobody ever had it"); /* in an open chunk */
	require_refused(GIB(4), "never given out");              /* the database's own */
	require_refused(MIB(20), "never given out");             /* a chunk yet to be opened */
	require_refused(MIB(1), "never given out");              /* the kernel */
	require_refused(GIB(2), "never given out");              /* no RAM */
	require_refused(1ull << 50, "never given out");
	require_refused(0, "never given out");
	require_refused(UINT64_MAX, "never given out");
}

static void test_mistakes_are_named(void **state)
{
	(void)state;
	assert_true(host_machine_run(mistakes));
}

static void no_memory(void)
{
	static const struct boot_memory_range map[] = {USABLE(MIB(1), MIB(1) + KIB(24))};

	host_machine_start(RANGES_OF(map));
	REQUIRE(host_machine_panics((void (*)(void *))frames_start, &host_info));
	REQUIRE(strcmp(host_panic_text, "Not enough memory: 24 KiB are usable.") == 0);
}

static void test_no_memory(void **state)
{
	(void)state;
	assert_true(host_machine_run(no_memory));
}

/* ---- the loader's memory ---- */

static void require_reclaimed(uint64_t frames)
{
	uint64_t total = frames_count().total;
	size_t count;

	frames_reclaim(&host_info);
	REQUIRE(frames_count().total == total + frames);
	count = take_all(taken, MANY);
	for (size_t i = 0; i < count; i++) {
		REQUIRE(taken[i] < HOST_STACK_BASE || taken[i] >= HOST_STACK_BASE + HOST_STACK_SIZE);
		REQUIRE(taken[i] < HOST_INFO_BASE || taken[i] >= HOST_INFO_BASE + HOST_INFO_SIZE);
	}
	REQUIRE(count + frames_count().kernel_own == frames_count().total);
}

#define RECLAIMED ((HOST_LOADER_END - HOST_LOADER_BASE - HOST_STACK_SIZE - HOST_INFO_SIZE) / PAGE_SIZE + 25)

/* The page tables lie in the loader's memory, too: they are left alone here, by never being asked for once more. */
static void reclaim_in_open_chunk(void)
{
	host_machine_start(RANGES_OF(tiny));
	frames_start(&host_info);
	open_all(before);
	require_reclaimed(RECLAIMED);
}

static void reclaim_in_unopened_chunk(void)
{
	host_machine_start(RANGES_OF(usual));
	frames_start(&host_info);
	require_reclaimed(RECLAIMED);
}

static void test_reclaim(void **state)
{
	(void)state;
	assert_true(host_machine_run(reclaim_in_open_chunk));
	assert_true(host_machine_run(reclaim_in_unopened_chunk));
}

/* ---- random traces ---- */

/* What is allocated, and for each frame of the machine whether it is part of that. */
struct model {
	struct {
		uint64_t physical;
		unsigned int order;
	} blocks[2000];
	size_t count;
	uint8_t *is_taken;
};

static void mark(struct model *m, uint64_t physical, unsigned int order, bool taken_now)
{
	for (uint64_t frame = physical / PAGE_SIZE; frame < (physical >> 12) + (1ull << order); frame++) {
		REQUIRE(m->is_taken[frame] == !taken_now);
		m->is_taken[frame] = taken_now;
	}
}

static void require_clear(uint64_t physical, uint64_t size)
{
	const uint64_t *words = paging_direct(physical);

	for (uint64_t i = 0; i < size / sizeof(*words); i += 61)
		REQUIRE(words[i] == 0);
	REQUIRE(words[size / sizeof(*words) - 1] == 0);
}

/* Of every order, the small ones more often. */
static unsigned int roll_order(struct dice *dice)
{
	uint64_t roll = dice_below(dice, 100);

	return roll < 60 ? 0 : (unsigned int)dice_below(dice, roll < 90 ? 4 : FRAMES_ORDER_MAX + 1);
}

static void allocate_one(struct model *m, struct dice *dice)
{
	unsigned int order = roll_order(dice);
	unsigned int flags = (unsigned int)dice_below(dice, 8);
	uint64_t size = PAGE_SIZE << order;
	uint64_t physical;

	if (order > 2)
		flags &= ~(unsigned int)FRAMES_ZERO; /* takes long */
	physical = frames_allocate(order, flags);
	if (physical == 0)
		return;
	REQUIRE(physical % size == 0 && lies_in(&host_info, physical, size, false));
	REQUIRE(!(flags & FRAMES_BELOW_16M) || physical + size <= MIB(16));
	REQUIRE(!(flags & FRAMES_BELOW_4G) || physical + size <= GIB(4));
	REQUIRE(frames_find_block(physical + dice_below(dice, size)) == frames_find(physical));
	if (flags & FRAMES_ZERO)
		require_clear(physical, size);
	memset(paging_direct(physical), 0xa5, 64);
	memset((char *)paging_direct(physical) + size - 64, 0xa5, 64);
	mark(m, physical, order, true);
	m->blocks[m->count].physical = physical;
	m->blocks[m->count++].order = order;
}

static void free_one(struct model *m, size_t index)
{
	mark(m, m->blocks[index].physical, m->blocks[index].order, false);
	frames_free(m->blocks[index].physical);
	m->blocks[index] = m->blocks[--m->count];
}

static void random_trace(const struct boot_memory_range *map, uint32_t ranges, uint64_t operations)
{
	struct dice dice = dice_take("frames");
	struct model m = {.is_taken = calloc(1, GIB(5) / PAGE_SIZE)};
	uint64_t limit = 1;
	size_t blocks;

	host_machine_start(map, ranges);
	frames_start(&host_info);
	blocks = open_all(before);
	for (uint64_t i = 0; i < operations; i++) {
		if (i % 5000 == 0) /* now nearly empty, now full */
			limit = 1 + dice_below(&dice, sizeof(m.blocks) / sizeof(m.blocks[0]));
		if (m.count < limit && (m.count == 0 || dice_below(&dice, 2) == 0))
			allocate_one(&m, &dice);
		else
			free_one(&m, dice_below(&dice, m.count));
	}
	while (m.count > 0)
		free_one(&m, m.count - 1);
	require_as_before(blocks);
	free(m.is_taken);
}

static void random_tiny(void)
{
	random_trace(RANGES_OF(tiny), dice_rounds(50000));
}

static void random_usual(void)
{
	random_trace(RANGES_OF(usual), dice_rounds(50000));
}

static void test_random_traces(void **state)
{
	(void)state;
	assert_true(host_machine_run(random_tiny));
	assert_true(host_machine_run(random_usual));
}

static uint64_t map_number;

/* Maps of any kind: pieces and holes of random sizes, some of them frames only. */
static void random_map(void)
{
	struct dice dice = dice_take("maps of memory");
	struct boot_memory_range map[40];
	uint64_t at = HOST_LOADER_END;
	uint64_t expected = 0;
	uint32_t count = 0;

	dice.state += map_number;
	while (count < 40 && at < MIB(100)) {
		uint64_t span = dice_below(&dice, 3) == 0 ? 5000 : 60;
		uint64_t size = (1 + dice_below(&dice, span)) * PAGE_SIZE;
		uint32_t type = dice_below(&dice, 3) == 0 ? BOOT_MEMORY_RESERVED : BOOT_MEMORY_USABLE;

		at += dice_below(&dice, 3) == 0 ? dice_below(&dice, span) * PAGE_SIZE : 0;
		map[count++] = (struct boot_memory_range){at, size, type, 0};
		expected += type == BOOT_MEMORY_USABLE ? size / PAGE_SIZE : 0;
		at += size;
	}
	map[count - 1].type = BOOT_MEMORY_USABLE;
	if (expected < 5000)
		return;
	host_machine_start(map, count);
	all_of_it();
	REQUIRE(frames_count().total + 40 * 27 >= expected);
}

static void test_random_maps(void **state)
{
	(void)state;
	for (map_number = 0; map_number < dice_rounds(20); map_number++)
		assert_true(host_machine_run(random_map));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_every_frame_is_given_out_once),
	        cmocka_unit_test(test_zones),
	        cmocka_unit_test(test_list_is_emptied),
	        cmocka_unit_test(test_large_machine),
	        cmocka_unit_test(test_mistakes_are_named),
	        cmocka_unit_test(test_no_memory),
	        cmocka_unit_test(test_reclaim),
	        cmocka_unit_test(test_random_traces),
	        cmocka_unit_test(test_random_maps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
