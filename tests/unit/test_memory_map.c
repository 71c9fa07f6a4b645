/* The memory map's cleaner against a model that looks at each page by itself, and on maps that firmware really gave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dice.h"
#include "sample_memory_map.h"

#define PAGE  MEMORY_MAP_PAGE
#define PAGES 48u /* the random maps lie in this many pages, so that they overlap a lot */

static struct memory_map map;

static void expect_map(
        const struct boot_raw_range *raw, uint32_t count, const struct boot_memory_range *want, uint32_t ranges)
{
	memory_map_clean(&map, raw, count);
	assert_null(sample_memory_map_judge(&map));
	assert_int_equal(map.count, ranges);
	for (uint32_t i = 0; i < ranges; i++) {
		assert_int_equal(map.range[i].base, want[i].base);
		assert_int_equal(map.range[i].size, want[i].size);
		assert_int_equal(map.range[i].type, want[i].type);
	}
}

/* QEMU 7.2, pc, 128 MiB, SeaBIOS 1.16.2. */
static void cleans_what_qemu_says(void **state)
{
	static const struct boot_raw_range raw[] = {
	        {0x0, 0x9fc00, 1, 1},
	        {0x9fc00, 0x400, 2, 1},
	        {0xf0000, 0x10000, 2, 1},
	        {0x100000, 0x7ee0000, 1, 1},
	        {0x7fe0000, 0x20000, 2, 1},
	        {0xfffc0000, 0x40000, 2, 1},
	        {0xfd00000000, 0x300000000, 2, 1},
	};
	static const struct boot_memory_range want[] = {
	        {0x0, 0x9f000, 1, 0},
	        {0x9f000, 0x1000, 2, 0},
	        {0xf0000, 0x10000, 2, 0},
	        {0x100000, 0x7ee0000, 1, 0},
	        {0x7fe0000, 0x20000, 2, 0},
	        {0xfffc0000, 0x40000, 2, 0},
	        {0xfd00000000, 0x300000000, 2, 0},
	};

	(void)state;
	expect_map(raw, 7, want, 7);
	assert_int_equal(memory_map_usable(&map), 0x9f000 + 0x7ee0000);
}

static void reserved_wins_over_usable(void **state)
{
	static const struct boot_raw_range raw[] = {
	        {0, 16 * PAGE, 1, 1}, {4 * PAGE + 1, 1, 7, 1}, {8 * PAGE, 2 * PAGE, 4, 1}, {9 * PAGE, PAGE, 3, 1}};
	static const struct boot_memory_range want[] = {{0, 4 * PAGE, 1, 0}, {4 * PAGE, PAGE, 2, 0},
	        {5 * PAGE, 3 * PAGE, 1, 0}, {8 * PAGE, 2 * PAGE, 4, 0}, {10 * PAGE, 6 * PAGE, 1, 0}};

	(void)state;
	expect_map(raw, 4, want, 5);
}

static void survives_nonsense(void **state)
{
	static const struct boot_raw_range raw[] = {
	        {5 * PAGE, 0, 1, 1},                         /* empty */
	        {6 * PAGE, PAGE, 1, 0},                      /* "ignore this" */
	        {UINT64_MAX - 4095, 8192, 1, 1},             /* wraps, and lies beyond any CPU */
	        {MEMORY_MAP_LIMIT - PAGE, UINT64_MAX, 2, 1}, /* wraps */
	        {7 * PAGE + 1, PAGE, 1, 1},                  /* holds no whole page */
	        {8 * PAGE, UINT64_MAX, 1, 1},                /* usable, and wraps */
	        {8 * PAGE, MEMORY_MAP_LIMIT, 1, 1},          /* usable, and more than any CPU reaches */
	};
	static const struct boot_memory_range want[] = {{MEMORY_MAP_LIMIT - PAGE, PAGE, 2, 0}};

	(void)state;
	expect_map(raw, sizeof(raw) / sizeof(*raw), want, 1);
	expect_map(raw, 0, NULL, 0);
}

static void attributes_say_what_to_leave_alone(void **state)
{
	static const struct boot_raw_range raw[] = {
	        {0, PAGE, 1, 1},
	        {PAGE, PAGE, 1, 1 | 4},     /* slow */
	        {2 * PAGE, PAGE, 1, 1 | 2}, /* non-volatile */
	        {3 * PAGE, PAGE, 1, 1 | 8}, /* where errors are logged */
	        {4 * PAGE, PAGE, 1, 2},     /* not valid at all */
	        {5 * PAGE, PAGE, 3, 1 | 2},
	        {6 * PAGE + 1, 1, 1, 1 | 2}, /* what is left alone grows to a page */
	        {7 * PAGE, PAGE, 0, 1},      /* types that nobody knows */
	        {9 * PAGE, PAGE, 12, 1},
	        {11 * PAGE, PAGE, UINT32_MAX, 1},
	};
	static const struct boot_memory_range want[] = {
	        {0, 2 * PAGE, 1, 0},
	        {2 * PAGE, 2 * PAGE, 2, 0},
	        {5 * PAGE, PAGE, 3, 0},
	        {6 * PAGE, 2 * PAGE, 2, 0},
	        {9 * PAGE, PAGE, 2, 0},
	        {11 * PAGE, PAGE, 2, 0},
	};

	(void)state;
	expect_map(raw, sizeof(raw) / sizeof(*raw), want, sizeof(want) / sizeof(*want));
}

static uint32_t random_ranges(struct dice *dice, struct boot_raw_range *raw)
{
	uint32_t count = 1 + dice_below(dice, 12);

	for (uint32_t i = 0; i < count; i++) {
		raw[i].base = dice_below(dice, PAGES * PAGE);
		raw[i].size = dice_below(dice, 16 * PAGE);
		if (dice_below(dice, 2)) {
			raw[i].base &= ~(uint64_t)(PAGE - 1);
			raw[i].size &= ~(uint64_t)(PAGE - 1);
		}
		raw[i].type = dice_below(dice, 3) ? 1 : dice_below(dice, 9);
		raw[i].attributes = dice_below(dice, 3) ? 1 : dice_below(dice, 16);
	}
	return count;
}

static void agrees_with_the_model(void **state)
{
	struct dice dice = dice_take("memory_map");
	struct boot_raw_range raw[12];

	(void)state;
	for (uint64_t rounds = dice_rounds(20000); rounds > 0; rounds--) {
		uint32_t count = random_ranges(&dice, raw);

		memory_map_clean(&map, raw, count);
		assert_null(sample_memory_map_judge(&map));
		for (uint64_t at = 0; at < (PAGES + 20) * PAGE; at += PAGE)
			assert_int_equal(sample_memory_map_found(&map, at), sample_memory_map_type(raw, count, at));
	}
}

static void holds_the_worst_map(void **state)
{
	struct boot_raw_range raw[MEMORY_RAW_MAX];

	(void)state;
	for (uint32_t i = 0; i < MEMORY_RAW_MAX;
	        i++) /* nested like the skins of an onion: the most stretches there can be */
		raw[i] = (struct boot_raw_range){i * PAGE, (2 * MEMORY_RAW_MAX - 2 * i) * PAGE, i % 2 ? 5 : 2, 1};
	memory_map_clean(&map, raw, MEMORY_RAW_MAX);
	assert_null(sample_memory_map_judge(&map));
	for (uint64_t at = 0; at < 2 * MEMORY_RAW_MAX * PAGE; at += PAGE)
		assert_int_equal(sample_memory_map_found(&map, at), sample_memory_map_type(raw, MEMORY_RAW_MAX, at));
}

/* Random takings against an array of pages. */
static void takes_what_is_usable_and_nothing_else(void **state)
{
	struct dice dice = dice_take("memory_map_take");
	struct boot_raw_range raw[12];
	uint32_t page[PAGES + 20];

	(void)state;
	for (uint64_t rounds = dice_rounds(5000); rounds > 0; rounds--) {
		memory_map_clean(&map, raw, random_ranges(&dice, raw));
		for (uint32_t i = 0; i < PAGES + 20; i++)
			page[i] = sample_memory_map_found(&map, (uint64_t)i * PAGE);
		for (int takes = 0; takes < 10; takes++) {
			uint32_t first = dice_below(&dice, PAGES), count = dice_below(&dice, 6);
			uint32_t type = BOOT_MEMORY_LOADER + dice_below(&dice, 2);
			bool possible = count > 0;

			for (uint32_t i = first; i < first + count; i++)
				possible = possible && page[i] == BOOT_MEMORY_USABLE;
			assert_int_equal(
			        memory_map_take(&map, (uint64_t)first * PAGE, (uint64_t)count * PAGE, type), possible);
			for (uint32_t i = first; possible && i < first + count; i++)
				page[i] = type;
			assert_null(sample_memory_map_judge(&map));
			for (uint32_t i = 0; i < PAGES + 20; i++)
				assert_int_equal(sample_memory_map_found(&map, (uint64_t)i * PAGE), page[i]);
		}
	}
}

static void a_full_map_refuses_to_be_cut(void **state)
{
	(void)state;
	map.count = MEMORY_MAP_MAX;
	for (uint32_t i = 0; i < MEMORY_MAP_MAX; i++)
		map.range[i] = (struct boot_memory_range){(uint64_t)i * 4 * PAGE, 3 * PAGE, BOOT_MEMORY_USABLE, 0};
	assert_false(memory_map_take(&map, 5 * PAGE, PAGE, BOOT_MEMORY_LOADER));
	assert_int_equal(map.count, MEMORY_MAP_MAX);
	assert_true(memory_map_take(&map, 4 * PAGE, 3 * PAGE, BOOT_MEMORY_LOADER));
	assert_null(sample_memory_map_judge(&map));
}

static void finds_the_lowest_place(void **state)
{
	static const struct boot_raw_range raw[] = {{PAGE, 3 * PAGE, 1, 1}, {6 * PAGE, 30 * PAGE, 1, 1}};
	uint64_t base;

	(void)state;
	memory_map_clean(&map, raw, 2);
	assert_true(memory_map_find(&map, 3 * PAGE, PAGE, 0, MEMORY_MAP_LIMIT, &base));
	assert_int_equal(base, PAGE);
	assert_true(memory_map_find(&map, 4 * PAGE, PAGE, 0, MEMORY_MAP_LIMIT, &base));
	assert_int_equal(base, 6 * PAGE);
	assert_true(memory_map_find(&map, PAGE, 16 * PAGE, 0, MEMORY_MAP_LIMIT, &base));
	assert_int_equal(base, 16 * PAGE);
	assert_true(memory_map_find(&map, PAGE, PAGE, 3 * PAGE, MEMORY_MAP_LIMIT, &base));
	assert_int_equal(base, 3 * PAGE);
	assert_false(memory_map_find(&map, 2 * PAGE, PAGE, 3 * PAGE, 7 * PAGE, &base));
	assert_false(memory_map_find(&map, 31 * PAGE, PAGE, 0, MEMORY_MAP_LIMIT, &base));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(cleans_what_qemu_says),
	        cmocka_unit_test(reserved_wins_over_usable),
	        cmocka_unit_test(survives_nonsense),
	        cmocka_unit_test(attributes_say_what_to_leave_alone),
	        cmocka_unit_test(agrees_with_the_model),
	        cmocka_unit_test(holds_the_worst_map),
	        cmocka_unit_test(takes_what_is_usable_and_nothing_else),
	        cmocka_unit_test(a_full_map_refuses_to_be_cut),
	        cmocka_unit_test(finds_the_lowest_place),
	};

	return cmocka_run_group_tests_name("memory_map", tests, NULL, NULL);
}
