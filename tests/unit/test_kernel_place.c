/* Where the loader puts a kernel that can be moved: on random maps, in every case in free memory and in its 2 GiB. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dice.h"
#include "kernel_place.h"
#include "memory.h"
#include "sample_memory_map.h"
#include "seed.h"

#define MIB      0x100000ull
#define SLOT     (2 * MIB)
#define TWO_GIB  0x80000000ull
#define FOUR_GIB 0x100000000ull
#define LINKED   0xffffffff80000000ull
#define LOWEST   0x110000u
#define ROUNDS   20000u

static struct memory_map map, saved;
static uint32_t seed[8];

struct memory_map *memory_map(void)
{
	return &map;
}

void memory_save(void)
{
	saved = map;
}

void memory_restore(void)
{
	map = saved;
}

bool memory_find(uint64_t size, uint64_t *base)
{
	return memory_map_find(&map, size, MEMORY_MAP_PAGE, LOWEST, FOUR_GIB, base);
}

uint32_t seed_make(const struct cpu_features *cpu, uint8_t bytes[32])
{
	(void)cpu;
	memcpy(bytes, seed, sizeof(seed));
	return 0;
}

static void draw(uint32_t memory, uint32_t addresses)
{
	seed[0] = memory;
	seed[1] = addresses;
	kernel_place_init(NULL, "video=text");
}

static void use_memory(const struct boot_raw_range *raw, uint32_t count)
{
	memory_map_clean(&map, raw, count);
}

static void each_slot_is_drawn(void **state)
{
	static const struct boot_raw_range raw[] = {{0, 5 * MIB, 1, 1}, {7 * MIB, 4 * MIB, 1, 1}};
	/* Slots for 1 MiB: 2 and 4 in the first range, 8 and 10 in the second. */
	static const uint64_t want[] = {2 * MIB, 4 * MIB, 8 * MIB, 10 * MIB};
	uint64_t found;

	(void)state;
	use_memory(raw, 2);
	for (uint32_t i = 0; i < 8; i++) {
		draw((i / 2) * 0x40000000u + (i % 2 ? 0x3fffffffu : 0), 0);
		assert_true(kernel_place_find(MIB, MIB, &found));
		assert_int_equal(found, want[i / 2]);
	}
}

static void without_a_slot_it_is_the_lowest_place(void **state)
{
	static const struct boot_raw_range small = {0, 2 * MIB, 1, 1}, large = {0, 64 * MIB, 1, 1};
	uint64_t found;

	(void)state;
	draw(0x80000000, 0);
	use_memory(&small, 1);
	assert_true(kernel_place_find(MIB / 2, MIB / 4, &found));
	assert_int_equal(found, LOWEST);
	use_memory(&large, 1);
	assert_true(kernel_place_find(MIB, 40 * MIB, &found)); /* in the middle it would leave 32 MiB */
	assert_int_equal(found, LOWEST);
	assert_false(kernel_place_find(64 * MIB, MIB, &found));
	assert_int_equal(map.count, 1);
}

static void nokaslr_is_obeyed(void **state)
{
	static const struct boot_raw_range raw = {0, 64 * MIB, 1, 1};
	uint64_t found;

	(void)state;
	draw(0x80000000, 0x80000000);
	assert_true(kernel_place_slide(LINKED, MIB) != 0);
	kernel_place_init(NULL, "a nokaslr b");
	use_memory(&raw, 1);
	assert_true(kernel_place_find(MIB, MIB, &found));
	assert_int_equal(found, LOWEST);
	assert_int_equal(kernel_place_slide(LINKED, MIB), 0);
	assert_int_equal(kernel_place_slide(0, MIB), SLOT); /* but away from null pointers */
}

static void what_is_drawn_is_free(void **state)
{
	struct dice dice = dice_take(__func__);

	(void)state;
	for (uint64_t round = 0; round < dice_rounds(ROUNDS); round++) {
		struct boot_raw_range raw[4];
		uint64_t found, size = (1 + dice_below(&dice, 2000)) * MEMORY_MAP_PAGE,
		                room = dice_below(&dice, 8) * MIB;

		for (unsigned int i = 0; i < 4; i++)
			raw[i] = (struct boot_raw_range){
			        dice_below(&dice, 2100) * SLOT + dice_below(&dice, 512) * MEMORY_MAP_PAGE,
			        dice_below(&dice, 4096) * MEMORY_MAP_PAGE, 1 + dice_below(&dice, 2), 1};
		use_memory(raw, 4);
		draw((uint32_t)dice_roll(&dice), (uint32_t)dice_roll(&dice));
		if (!kernel_place_find(size, room, &found))
			continue;
		assert_true(found >= LOWEST && found + size <= FOUR_GIB);
		assert_true(memory_map_take(&map, found, size, BOOT_MEMORY_KERNEL));
	}
}

static void a_slide_stays_in_its_two_gib(void **state)
{
	struct dice dice = dice_take(__func__);

	(void)state;
	for (uint64_t round = 0; round < dice_rounds(ROUNDS); round++) {
		uint64_t base = dice_roll(&dice) & ~(uint64_t)(MEMORY_MAP_PAGE - 1);
		uint64_t size = (1 + dice_below(&dice, 1u << dice_below(&dice, 20))) * MEMORY_MAP_PAGE;

		if (dice_below(&dice, 8) == 0)
			base &= SLOT - 1;
		draw((uint32_t)dice_roll(&dice), (uint32_t)dice_roll(&dice));
		uint64_t slide = kernel_place_slide(base, size);
		assert_int_equal(slide % SLOT, 0);
		assert_true(base + slide >= SLOT);
		if (slide > SLOT) {
			uint64_t end = (base | (TWO_GIB - 1)) + 1 - SLOT; /* of what may be used; 0 is none */

			assert_true(base + slide < end && size <= end - (base + slide));
		}
	}
	draw(0, 0);
	assert_int_equal(kernel_place_slide(LINKED, MIB), 0);
	draw(0, 0xffffffff);
	assert_int_equal(kernel_place_slide(LINKED, SLOT), TWO_GIB - 2 * SLOT);
	assert_int_equal(kernel_place_slide(LINKED, TWO_GIB), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_slot_is_drawn),
	        cmocka_unit_test(without_a_slot_it_is_the_lowest_place),
	        cmocka_unit_test(nokaslr_is_obeyed),
	        cmocka_unit_test(what_is_drawn_is_free),
	        cmocka_unit_test(a_slide_stays_in_its_two_gib),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
