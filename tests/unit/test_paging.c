/*
 * Page tables on the host: what is mapped, unmapped, protected and noted, against a model of every page.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "abi/errno.h"
#include "dice.h"
#include "host_arch.h"
#include "host_machine.h"
#include "paging.h"

#define TWO_MIB MIB(2)

static const struct boot_memory_range ram[] = {{MIB(1), MIB(15), BOOT_MEMORY_USABLE, 0}};

/* Frames for tables: those that came back are used again, and the n-th can be refused. */
static struct {
	uint64_t next;
	uint64_t free[2000];
	size_t free_count, in_use;
	uint64_t refuse_in; /* 1: the next; 0: none */
} supply;

static uint64_t take_table(void)
{
	uint64_t table;

	if (supply.refuse_in != 0 && --supply.refuse_in == 0)
		return 0;
	if (supply.free_count > 0)
		table = supply.free[--supply.free_count];
	else
		table = supply.next += PAGE_SIZE;
	REQUIRE(table < MIB(16));
	memset(paging_direct(table), 0, PAGE_SIZE);
	supply.in_use++;
	return table;
}

static void give_table(uint64_t table)
{
	REQUIRE(supply.free_count < 2000 && supply.in_use > 0);
	supply.free[supply.free_count++] = table;
	supply.in_use--;
	memset(paging_direct(table), 0xff, PAGE_SIZE); /* whoever still follows it sees that */
}

static struct paging_space space = {.take_table = take_table, .give_table = give_table};

/* A machine with an empty space, which the CPU uses. */
static void start(void)
{
	host_machine_start(ram, 1);
	supply.next = MIB(1);
	space.root = take_table();
	host_cpu.cr3 = space.root;
}

static bool same_walk(struct paging_walk a, struct paging_walk b)
{
	return a.mapped == b.mapped && a.physical == b.physical && a.writable == b.writable && a.user == b.user &&
	       a.executable == b.executable;
}

/* ---- one page ---- */

static void one_page(void)
{
	uint64_t address = 0xffffc08000003000;
	struct paging_walk walk;

	start();
	REQUIRE(paging_map(&space, address, 0x5000, PAGE_SIZE, PAGE_WRITABLE | PAGE_NO_EXECUTE) == 0);
	walk = paging_look_up(address + 7);
	REQUIRE(walk.mapped && walk.writable && !walk.executable && !walk.user && walk.physical == 0x5007);
	REQUIRE(walk.entry & PAGE_GLOBAL);
	REQUIRE(!paging_look_up(address - 1).mapped && !paging_look_up(address + PAGE_SIZE).mapped);
	REQUIRE(paging_map(&space, address, 0x6000, PAGE_SIZE, 0) == -EEXIST);
	REQUIRE(paging_look_up(address).physical == 0x5000);

	host_cpu.invalidated = 0;
	REQUIRE(paging_protect(&space, address, PAGE_SIZE, PAGE_UNCACHED) == 0);
	REQUIRE(host_cpu.invalidated == 1);
	walk = paging_look_up(address);
	REQUIRE(walk.mapped && !walk.writable && walk.executable && (walk.entry & PAGE_UNCACHED) == PAGE_UNCACHED);
	REQUIRE(paging_protect(&space, address, 2 * PAGE_SIZE, PAGE_WRITABLE) == -EFAULT);
	REQUIRE(!paging_look_up(address).writable);

	host_cpu.invalidated = 0;
	paging_unmap(&space, address, PAGE_SIZE);
	REQUIRE(host_cpu.invalidated == 1 && !paging_look_up(address).mapped);
	paging_unmap(&space, address, PAGE_SIZE);

	/* Two pages, of which the first has no table. */
	REQUIRE(paging_map(&space, 0xffffc08040000000, 0x5000, PAGE_SIZE, 0) == 0);
	paging_unmap(&space, 0xffffc0803ffff000, 2 * PAGE_SIZE);
	REQUIRE(!paging_look_up(0xffffc08040000000).mapped);

	/* A program's page. */
	REQUIRE(paging_map(&space, 0x400000, 0x5000, PAGE_SIZE, PAGE_USER) == 0);
	walk = paging_look_up(0x400000);
	REQUIRE(walk.mapped && walk.user && !(walk.entry & PAGE_GLOBAL));
}

static void without_nx(void)
{
	start();
	host_cpu.efer = 0;
	paging_start(&host_info);
	REQUIRE(paging_map(&space, 0xffffc08000000000, 0x5000, PAGE_SIZE, PAGE_NO_EXECUTE) == 0);
	REQUIRE(!(paging_look_up(0xffffc08000000000).entry & PAGE_NO_EXECUTE)); /* the bit is reserved there */
}

static void test_one_page(void **state)
{
	(void)state;
	assert_true(host_machine_run(one_page));
	assert_true(host_machine_run(without_nx));
}

/* ---- large pages ---- */

#define LARGE 0xffff900000000000ull

/* The first GiB as one page, and as one of 2 MiB in the next. */
static void map_large(void)
{
	uint64_t *top = paging_direct(space.root);
	uint64_t third = take_table(), second = take_table();
	uint64_t *entries = paging_direct(third);

	top[LARGE >> 39 & 511] = third | PAGE_PRESENT | PAGE_WRITABLE;
	entries[0] = GIB(5) | PAGE_PRESENT | PAGE_WRITABLE | PAGE_LARGE | PAGE_NO_EXECUTE;
	entries[1] = second | PAGE_PRESENT | PAGE_WRITABLE;
	entries = paging_direct(second);
	entries[3] = GIB(9) | PAGE_PRESENT | PAGE_LARGE | PAGE_UNCACHED | PAGE_GLOBAL;
}

static void require_split(uint64_t address, uint64_t from, uint64_t end)
{
	struct dice dice = dice_take("large pages");
	struct paging_walk before[500];
	uint64_t places[500];

	for (int i = 0; i < 500; i++) {
		places[i] = from + dice_below(&dice, end - from);
		before[i] = paging_look_up(places[i]);
		REQUIRE(before[i].mapped);
	}
	REQUIRE(paging_protect(&space, address, 2 * PAGE_SIZE, PAGE_NO_EXECUTE) == 0);
	for (int i = 0; i < 500; i++) {
		struct paging_walk walk = paging_look_up(places[i]);

		if (places[i] - address < 2 * PAGE_SIZE) {
			REQUIRE(walk.physical == before[i].physical && !walk.writable && !walk.executable);
			continue;
		}
		REQUIRE(same_walk(walk, before[i]));
		REQUIRE((walk.entry & (PAGE_UNCACHED | PAGE_GLOBAL)) ==
		        (before[i].entry & (PAGE_UNCACHED | PAGE_GLOBAL)));
		REQUIRE(walk.level > 1 || !(walk.entry & PAGE_LARGE));
	}
	REQUIRE(!paging_look_up(address + PAGE_SIZE).writable);
}

static void large_pages(void)
{
	start();
	map_large();
	REQUIRE(paging_map(&space, LARGE + MIB(7), 0, PAGE_SIZE, 0) == -EEXIST);
	require_split(LARGE + MIB(7) - PAGE_SIZE, LARGE, LARGE + GIB(1));
	require_split(LARGE + GIB(1) + MIB(7), LARGE + GIB(1) + MIB(6), LARGE + GIB(1) + MIB(8));
}

static void large_pages_without_memory(void)
{
	start();
	map_large();
	for (uint64_t n = 1; n <= 2; n++) {
		supply.refuse_in = n;
		REQUIRE(paging_protect(&space, LARGE, PAGE_SIZE, 0) == -ENOMEM);
		REQUIRE(paging_look_up(LARGE).mapped && paging_look_up(LARGE).writable);
		REQUIRE(paging_look_up(LARGE + GIB(1) - 1).physical == GIB(6) - 1);
	}
}

static void test_large_pages(void **state)
{
	(void)state;
	assert_true(host_machine_run(large_pages));
	assert_true(host_machine_run(large_pages_without_memory));
}

/* ---- a copy of the kernel's half ---- */

static void copy(void)
{
	struct paging_space copied = space;
	static const uint64_t places[] = {LARGE, LARGE + MIB(700), LARGE + GIB(1) + MIB(7), 0xffffc08000001000,
	        0xffffe00000002000, 0xfffffffffffff000, 0xffffe00000003000};
	struct paging_walk before[7];
	uint64_t *old, *new;

	start();
	map_large();
	REQUIRE(paging_map(&space, 0x1000, 0x5000, PAGE_SIZE, PAGE_USER) == 0);
	for (int i = 3; i < 6; i++)
		REQUIRE(paging_map(&space, places[i], 0x7000, PAGE_SIZE, PAGE_WRITABLE) == 0);
	for (int i = 0; i < 7; i++)
		before[i] = paging_look_up(places[i]);
	old = paging_direct(space.root);
	copied.root = take_table();
	new = paging_direct(copied.root);
	REQUIRE(paging_copy_kernel(&copied, 0xffffe00000000000));
	REQUIRE(paging_make_top(&copied, 0xffffd00000000000));
	paging_start_cpu(&copied);
	REQUIRE(host_cpu.cr3 == copied.root && (host_cpu.cr4 & CPU_CR4_PGE));
	for (int i = 0; i < 256; i++)
		REQUIRE(new[i] == 0);
	for (int i = 256; i < 512; i++)
		REQUIRE((new[i] == old[i]) == (new[i] == 0 || i == (0xffffe00000000000 >> 39 & 511)));
	for (int i = 0; i < 7; i++)
		REQUIRE(same_walk(paging_look_up(places[i]), before[i]));
	REQUIRE(paging_look_up(LARGE).entry & PAGE_GLOBAL);
	REQUIRE(paging_map(&space, places[6], 0x8000, PAGE_SIZE, 0) == 0); /* below the shared entry */
	REQUIRE(paging_look_up(places[6]).physical == 0x8000);
	REQUIRE(paging_map(&space, 0xffffc08000002000, 0x8000, PAGE_SIZE, 0) == 0); /* and below another */
	REQUIRE(!paging_look_up(0xffffc08000002000).mapped);
}

static void copy_without_memory(void)
{
	struct paging_space copied = space;
	uint64_t needed = 0;

	start();
	map_large();
	copied.root = take_table();
	do {
		supply.refuse_in = ++needed;
		memset(paging_direct(copied.root), 0, PAGE_SIZE);
	} while (!paging_copy_kernel(&copied, 0));
	REQUIRE(needed == 3); /* two tables: the third would have been refused */
	supply.refuse_in = 1;
	REQUIRE(!paging_make_top(&copied, 0xffffd00000000000));
}

static void test_copy(void **state)
{
	(void)state;
	assert_true(host_machine_run(copy));
	assert_true(host_machine_run(copy_without_memory));
}

/* ---- random traces ---- */

/* Pages across the border of two top-level entries, of two third-level ones, and within. */
#define PAGES  3000u
#define PLACES 3u
static const uint64_t bases[PLACES] = {0xffffc0ffffa00000, 0xffffc0bfffb00000, 0xffffc09234567000};

static struct model_page {
	uint64_t physical, bits;
	int64_t note;
	bool mapped;
} model[PLACES][PAGES];

static uint64_t address_of(uint64_t place, uint64_t page)
{
	return bases[place] + page * PAGE_SIZE;
}

static void require_page(uint64_t place, uint64_t page)
{
	const struct model_page *m = &model[place][page];
	struct paging_walk walk = paging_look_up(address_of(place, page));

	REQUIRE(walk.mapped == m->mapped);
	if (m->mapped) {
		REQUIRE(walk.physical == m->physical);
		REQUIRE((walk.entry & PAGE_CHOICES) == m->bits && walk.writable == ((m->bits & PAGE_WRITABLE) != 0));
		REQUIRE(paging_note(&space, address_of(place, page)) == 0);
	} else {
		REQUIRE(paging_note(&space, address_of(place, page)) == m->note);
	}
}

static bool any_is(uint64_t place, uint64_t page, uint64_t count, bool mapped)
{
	for (uint64_t i = 0; i < count; i++) {
		if (model[place][page + i].mapped == mapped)
			return true;
	}
	return false;
}

static uint64_t roll_bits(struct dice *dice)
{
	uint64_t bits = dice_roll(dice) & (PAGE_WRITABLE | PAGE_NO_EXECUTE);
	uint64_t kind = dice_below(dice, 3);

	return bits | (kind == 1 ? PAGE_UNCACHED : kind == 2 ? PAGE_WRITE_COMBINING : 0);
}

static void map_some(struct dice *dice, uint64_t place, uint64_t page, uint64_t count)
{
	uint64_t physical = dice_below(dice, 1u << 30) * PAGE_SIZE, bits = roll_bits(dice);
	bool any_mapped = any_is(place, page, count, true), may_fail = supply.refuse_in != 0;
	int result = paging_map(&space, address_of(place, page), physical, count * PAGE_SIZE, bits);

	REQUIRE(result == (any_mapped ? -EEXIST : 0) || (may_fail && result == -ENOMEM));
	if (result != 0) { /* notes on the way to the page where it ended are gone */
		for (uint64_t i = 0; i < count && !model[place][page + i].mapped; i++)
			model[place][page + i].note = paging_note(&space, address_of(place, page + i));
		return;
	}
	for (uint64_t i = 0; i < count; i++)
		model[place][page + i] = (struct model_page){physical + i * PAGE_SIZE, bits, 0, true};
}

static void unmap_some(uint64_t place, uint64_t page, uint64_t count)
{
	uint64_t begin = address_of(place, page), end = address_of(place, page + count);

	paging_unmap(&space, begin, end - begin);
	for (uint64_t i = page; i < page + count; i++) {
		uint64_t table = address_of(place, i) & ~(TWO_MIB - 1);
		struct model_page *m = &model[place][i];

		if (m->mapped || (table >= begin && table + TWO_MIB <= end))
			m->note = 0;
		m->mapped = false;
	}
}

static void protect_some(struct dice *dice, uint64_t place, uint64_t page, uint64_t count)
{
	uint64_t bits = roll_bits(dice);
	bool any_unmapped = any_is(place, page, count, false), may_fail = supply.refuse_in != 0;
	int result = paging_protect(&space, address_of(place, page), count * PAGE_SIZE, bits);

	REQUIRE(result == (any_unmapped ? -EFAULT : 0) || (may_fail && result == -ENOMEM));
	if (result != 0)
		return;
	for (uint64_t i = 0; i < count; i++)
		model[place][page + i].bits = bits;
}

static void note_one(struct dice *dice, uint64_t place, uint64_t page)
{
	int64_t note = (int64_t)dice_roll(dice) >> 1;

	if (!model[place][page].mapped && paging_set_note(&space, address_of(place, page), note) == 0)
		model[place][page].note = note;
}

static void random_step(struct dice *dice)
{
	uint64_t place = dice_below(dice, PLACES), page = dice_below(dice, PAGES);
	uint64_t most = PAGES - page;
	uint64_t count = 1 + dice_below(dice, dice_below(dice, 50) == 0 ? most : most < 6 ? most : 6);

	supply.refuse_in = dice_below(dice, 4) == 0 ? 1 + dice_below(dice, 3) : 0;
	switch (dice_below(dice, 4)) {
	case 0:
		map_some(dice, place, page, count);
		break;
	case 1:
		unmap_some(place, page, count);
		break;
	case 2:
		protect_some(dice, place, page, count);
		break;
	default:
		note_one(dice, place, page);
	}
	supply.refuse_in = 0;
	for (int i = 0; i < 3; i++)
		require_page(place, dice_below(dice, PAGES));
	require_page(place, page);
	require_page(place, page + count - 1);
}

static void random_trace(void)
{
	struct dice dice = dice_take("page tables");
	uint64_t steps = dice_rounds(100000);
	size_t empty;

	start();
	for (uint64_t place = 0; place < PLACES; place++) { /* the tables above the lowest ones */
		REQUIRE(paging_map(&space, address_of(place, 0), 0, PAGES * PAGE_SIZE, 0) == 0);
		paging_unmap(&space, bases[place] & ~(TWO_MIB - 1), 16 * TWO_MIB);
	}
	empty = supply.in_use;
	for (uint64_t i = 0; i < steps; i++) {
		random_step(&dice);
		if (i % 10000 != 0)
			continue;
		for (uint64_t place = 0; place < PLACES; place++) {
			for (uint64_t page = 0; page < PAGES; page++)
				require_page(place, page);
		}
	}
	for (uint64_t place = 0; place < PLACES; place++)
		paging_unmap(&space, bases[place] & ~(TWO_MIB - 1), 16 * TWO_MIB);
	REQUIRE(supply.in_use == empty); /* no lowest-level table is left */
}

static void test_random_trace(void **state)
{
	(void)state;
	assert_true(host_machine_run(random_trace));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_one_page),
	        cmocka_unit_test(test_large_pages),
	        cmocka_unit_test(test_copy),
	        cmocka_unit_test(test_random_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
