/*
 * The kernel's page tables and regions on an invented machine, against a list of what is in use; and each of their
 * steps with the n-th frame refused, for every n.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/describer.h"
#include "dice.h"
#include "host_arch.h"
#include "host_machine.h"
#include "mm/frames.h"
#include "mm/kernel_map.h"
#include "mm/region.h"
#include "paging.h"

static const struct boot_memory_range ram[] = {{MIB(1), MIB(63), BOOT_MEMORY_USABLE, 0}};

/* The linker leads all calls from outside of frames.c here. */
static uint64_t refuse_in; /* 1: the next; 0: none */
uint64_t __real_frames_allocate(unsigned int order, unsigned int flags);
uint64_t __wrap_frames_allocate(unsigned int order, unsigned int flags);

uint64_t __wrap_frames_allocate(unsigned int order, unsigned int flags)
{
	if (refuse_in != 0 && --refuse_in == 0)
		return 0;
	return __real_frames_allocate(order, flags);
}

static void start_map(void *context)
{
	(void)context;
	kernel_map_start(&host_info);
}

static void start(void)
{
	host_machine_start(ram, 1);
	frames_start(&host_info);
	kernel_map_start(&host_info);
	region_start();
	frames_reclaim(&host_info);
}

/* ---- the start ---- */

static void started(void)
{
	start();
	REQUIRE(paging_look_up(HOST_STACK).physical == HOST_STACK_BASE && paging_look_up(HOST_STACK).writable);
	REQUIRE(paging_look_up(HOST_DIRECT_MAP + MIB(50)).writable);
	REQUIRE(!paging_look_up(HOST_DIRECT_MAP + MIB(1)).writable); /* the image's second view */
	REQUIRE(!paging_look_up(HOST_DIRECT_MAP + MIB(1) + PAGE_SIZE).writable);
	REQUIRE(paging_look_up(HOST_DIRECT_MAP + MIB(1) + 2 * PAGE_SIZE).writable);
	REQUIRE(frames_find(host_cpu.cr3) != NULL && frames_find(host_cpu.cr3)->state == FRAME_ALLOCATED);
	REQUIRE(host_cpu.pat != 0);
}

static uint64_t nth;

static void start_without_nth(void)
{
	host_machine_start(ram, 1);
	frames_start(&host_info);
	refuse_in = nth;
	if (!host_machine_panics(start_map, NULL))
		_exit(2); /* it does not need that many */
	REQUIRE(strcmp(host_panic_text, "Not enough memory for the kernel's page tables.") == 0);
}

static void test_start(void **state)
{
	(void)state;
	assert_true(host_machine_run(started));
	for (nth = 1; host_machine_run(start_without_nth); nth++)
		;
	/* The top-level table; two below it for the direct map, two for its parts; three for the stack; one for
	 * regions. */
	assert_int_equal(nth, 1 + 1 + 2 + 3 + 1 + 1);
}

/* ---- regions ---- */

#define LIVE_MAX 300

static const char *const names[] = {"stack of a", "b", "the registers of c", "", "an odd address"};

static struct live {
	uint64_t start, pages;
	uint64_t physical; /* of a device; 0 for memory */
	const char *name;
} live[LIVE_MAX];
static size_t live_count;

static void require_text(uint64_t address, const char *format, const char *name)
{
	char text[DESCRIBER_TEXT_MAX], wanted[DESCRIBER_TEXT_MAX];

	snprintf(wanted, sizeof(wanted), format, name);
	REQUIRE(describer_ask(address, text));
	if (strcmp(text, wanted) != 0)

		REQUIRE(strcmp(text, wanted) == 0);
}

static void require_live(const struct live *r)
{
	for (uint64_t page = 0; page < r->pages; page++) {
		struct paging_walk walk = paging_look_up(r->start + page * PAGE_SIZE);

		REQUIRE(walk.mapped && walk.writable && !walk.executable && !walk.user);
		if (r->physical != 0)
			REQUIRE(walk.physical == r->physical + page * PAGE_SIZE);
		else
			REQUIRE(frames_find(walk.physical)->state == FRAME_ALLOCATED);
		REQUIRE(((walk.entry & PAGE_UNCACHED) != 0) == (r->physical != 0));
	}
	REQUIRE(!paging_look_up(r->start - 1).mapped);
	REQUIRE(!paging_look_up(r->start + r->pages * PAGE_SIZE).mapped);
	require_text(r->start - 1, "guard page below %s", r->name);
	require_text(r->start + r->pages * PAGE_SIZE, "guard page above %s", r->name);
	if (r->pages > 0)
		require_text(r->start, "%s, byte 0 of its pages", r->name);
}

/* A stack's size mostly; sometimes more than a page table covers. */
static uint64_t roll_size(struct dice *dice)
{
	uint64_t roll = dice_below(dice, 100);

	return dice_below(dice, roll < 80 ? KIB(40) : roll < 98 ? KIB(300) : MIB(5));
}

static void make_one(struct dice *dice)
{
	struct live *r = &live[live_count];
	uint64_t size = roll_size(dice), offset = 0;
	bool is_device = dice_below(dice, 3) == 0;
	void *region;

	r->name = names[dice_below(dice, sizeof(names) / sizeof(names[0]))];
	r->physical = is_device ? GIB(3) + dice_below(dice, 1000) * PAGE_SIZE : 0;
	if (is_device) {
		offset = dice_below(dice, PAGE_SIZE);
		region = region_map_device(r->physical + offset, size,
		        dice_below(dice, 2) ? REGION_UNCACHED : REGION_WRITE_COMBINING, r->name);
	} else {
		region = region_allocate(size, r->name);
	}
	if (region == NULL)
		return;
	r->start = (uint64_t)region - offset;
	r->pages = (offset + size + PAGE_SIZE - 1) / PAGE_SIZE;
	REQUIRE(r->start % PAGE_SIZE == 0 && r->start >= REGION_START && r->start < REGION_END);
	for (size_t i = 0; i < live_count; i++)
		REQUIRE(r->start + (r->pages + 1) * PAGE_SIZE <= live[i].start - PAGE_SIZE ||
		        live[i].start + (live[i].pages + 1) * PAGE_SIZE <= r->start - PAGE_SIZE);
	require_live(r);
	live_count++;
}

static void free_one(size_t index)
{
	struct live r = live[index];

	require_live(&r);
	live[index] = live[--live_count];
	region_free((void *)(r.start + (r.physical != 0 ? 5 : 0))); /* a device's registers begin anywhere in a page */
	for (uint64_t page = 0; page < r.pages; page++)
		REQUIRE(!paging_look_up(r.start + page * PAGE_SIZE).mapped);
	require_text(r.start, "kernel region that was given back", "");
}

static void random_trace(void)
{
	const struct dice first = dice_take("regions");
	uint64_t steps = dice_rounds(3000), limit = 1, free = 0;

	start();
	/* The second is the first again: it finds all page tables it needs, and leaves no frame less. */
	for (int round = 0; round < 2; round++) {
		struct dice dice = first;

		for (uint64_t i = 0; i < steps; i++) {
			if (i % 500 == 0)
				limit = 1 + dice_below(&dice, LIVE_MAX);
			if (dice_below(&dice, 8) == 0)
				refuse_in = 1 + dice_below(&dice, 20);
			if (live_count < limit && (live_count == 0 || dice_below(&dice, 3) > 0))
				make_one(&dice);
			else
				free_one(dice_below(&dice, live_count));
			refuse_in = 0;
		}
		while (live_count > 0)
			free_one(live_count - 1);
		frames_drain();
		/* Tables where other calls were refused; a frame lost each time would be hundreds. */
		REQUIRE(round == 0 || frames_count().free + 100 >= free);
		free = frames_count().free;
	}
}

static void test_random_trace(void **state)
{
	(void)state;
	assert_true(host_machine_run(random_trace));
}

/* ---- each of their steps without memory ---- */

static void *memory_of_six_mib(void)
{
	return region_allocate(MIB(6), "large");
}

static void *a_device(void)
{
	return region_map_device(GIB(2) + 100, MIB(6), REGION_UNCACHED, "device");
}

static void without_nth(void *(*make)(void), uint64_t frames_needed)
{
	uint64_t free, n = 0;
	void *region;

	start();
	region_free(make()); /* the tables that stay are there from now on, and the slot is one that was given back */
	free = frames_count().free;
	do {
		refuse_in = ++n;
		region = make();
		REQUIRE(region != NULL || frames_count().free == free);
	} while (region == NULL);
	REQUIRE(n == frames_needed + 1);
	refuse_in = 0;
	region_free(region);
	REQUIRE(frames_count().free == free);
}

/* And the same where nothing is there yet. */
static void fresh_without_nth(void *(*make)(void))
{
	uint64_t n = 0;
	void *region;

	start();
	do {
		refuse_in = ++n;
		region = make();
	} while (region == NULL);
	REQUIRE(n > 3);
	region_free(region);
}

/* Of the four page tables for 6 MiB, three came back: the first has the guard page's note in it. */
static void memory_without_nth(void)
{
	without_nth(memory_of_six_mib, MIB(6) / PAGE_SIZE + 3);
}

static void device_without_nth(void)
{
	without_nth(a_device, 3);
}

static void fresh_memory_without_nth(void)
{
	fresh_without_nth(memory_of_six_mib);
}

static void fresh_device_without_nth(void)
{
	fresh_without_nth(a_device);
}

static void test_without_memory(void **state)
{
	(void)state;
	assert_true(host_machine_run(memory_without_nth));
	assert_true(host_machine_run(device_without_nth));
	assert_true(host_machine_run(fresh_memory_without_nth));
	assert_true(host_machine_run(fresh_device_without_nth));
}

/* ---- limits and mistakes ---- */

static void free_it(void *context)
{
	region_free(*(void **)context);
}

static void require_refused(uint64_t address)
{
	void *region = (void *)address;

	REQUIRE(host_machine_panics(free_it, &region));
	REQUIRE(strstr(host_panic_text, "no region begins there") != NULL);
}

static void mistakes(void)
{
	char text[DESCRIBER_TEXT_MAX];
	uint64_t memory, device;

	start();
	memory = (uint64_t)region_allocate(KIB(12), "memory");
	device = (uint64_t)region_map_device(GIB(2) + 8, KIB(12), REGION_UNCACHED, "device");
	region_free(NULL);
	require_refused(memory + 8);
	require_refused(memory + PAGE_SIZE);
	require_refused(memory - PAGE_SIZE);
	require_refused(device + PAGE_SIZE);
	require_refused(REGION_START);
	require_refused(REGION_END - PAGE_SIZE);
	require_refused(REGION_END);
	require_refused(HOST_STACK);
	require_refused(1);
	region_free((void *)memory);
	require_refused(memory);
	region_free((void *)device);
	REQUIRE(!describer_ask(REGION_END - 1, text)); /* behind the last window */
	REQUIRE(!describer_ask(REGION_START - 1, text));
}

static void too_large(void)
{
	uint64_t free;

	start();
	free = frames_count().free;
	REQUIRE(region_allocate(SIZE_MAX, "") == NULL);
	REQUIRE(region_allocate(SIZE_MAX - PAGE_SIZE, "") == NULL);
	REQUIRE(region_map_device(4095, SIZE_MAX, REGION_UNCACHED, "") == NULL);
	/* Beyond the address lines of this CPU, in part or as a whole. */
	REQUIRE(region_map_device((1ull << 46) - 4096, 4097, REGION_UNCACHED, "") == NULL);
	REQUIRE(region_map_device(1ull << 63, 4096, REGION_UNCACHED, "") == NULL);
	REQUIRE(region_map_device(0, GIB(8), REGION_UNCACHED, "") == NULL);
	REQUIRE(frames_count().free == free);
}

static void test_mistakes(void **state)
{
	(void)state;
	assert_true(host_machine_run(mistakes));
	assert_true(host_machine_run(too_large));
}

/* A window has so many slots and no more: the largest size has two. */
static void window_is_used_up(void)
{
	void *first, *second;

	start();
	first = region_map_device(0, GIB(5), REGION_UNCACHED, "first");
	second = region_map_device(0, GIB(5), REGION_UNCACHED, "second");
	REQUIRE(first != NULL && second != NULL && first != second);
	REQUIRE(region_map_device(0, GIB(5), REGION_UNCACHED, "third") == NULL);
	region_free(first);
	REQUIRE(region_map_device(0, GIB(5), REGION_UNCACHED, "third") == first);
}

static void test_window_is_used_up(void **state)
{
	(void)state;
	assert_true(host_machine_run(window_is_used_up));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_start),
	        cmocka_unit_test(test_random_trace),
	        cmocka_unit_test(test_without_memory),
	        cmocka_unit_test(test_mistakes),
	        cmocka_unit_test(test_window_is_used_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
