/* What the loader asks the firmware about memory, asked of firmware that answers badly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "raw_memory.h"

#define SMAP 0x534d4150u
#define PAGE 0x1000ull

static struct raw_memory raw;

/* How the BIOS behaves; its list is `entries`, of which each answer has `bytes`. */
static struct {
	const struct boot_raw_range *entries;
	uint32_t count, bytes;
	uint32_t calls;
	uint32_t low_kib, e801_ax, e801_bx, e801_cx, e801_dx, kib_88;
	uint32_t odd_at; /* the answer that is wrong somehow, from 1 on */
	enum {
		PROPER,
		ENDS_BY_CARRY,
		NO_END,
		SAME_ANSWER,
		NEW_ANSWERS,
		LOSES_SMAP,
		TOO_SHORT,
		WRITES_CHANGES,
		WRITES_MORE
	} way;
} bios;

static void e820(struct bios_registers *r)
{
	uint32_t index = r->ebx;
	struct boot_raw_range *to = host_stage2.buffer;

	assert_int_equal(r->edx, SMAP);
	assert_true(r->ecx >= 20);
	bios.calls++;
	if (bios.count == 0 || (bios.way == ENDS_BY_CARRY && index == bios.count)) {
		r->flags |= BIOS_CARRY;
		return;
	}
	r->edx = r->esi = r->edi = 0xdeadbeef; /* which some spoil */
	r->eax = bios.way == LOSES_SMAP && bios.calls == bios.odd_at ? 0 : SMAP;
	r->ecx = bios.way == TOO_SHORT && bios.calls == bios.odd_at ? 16 : bios.bytes;
	if (bios.way == NEW_ANSWERS) {
		*to = (struct boot_raw_range){bios.calls * 2 * PAGE, PAGE, 1, 1};
		r->ebx = index + 1;
		return;
	}
	assert_true(index < bios.count);
	if (bios.way == WRITES_CHANGES && index > 0) { /* the type stays what it was in the last answer */
		to->base = bios.entries[index].base;
		to->size = bios.entries[index].size;
		assert_int_equal(bios.entries[index].type, bios.entries[index - 1].type);
	} else {
		memcpy(to, &bios.entries[index], bios.bytes);
	}
	if (bios.way == WRITES_MORE) {
		memset(to + 1, 0xff, 64);
		r->ecx = 255;
	}
	if (bios.way == SAME_ANSWER)
		r->ebx = 1;
	else if (index + 1 < bios.count || bios.way == ENDS_BY_CARRY)
		r->ebx = index + 1;
	else
		r->ebx = bios.way == NO_END ? 1 : 0;
}

static void call(unsigned vector, struct bios_registers *r)
{
	if (vector == 0x12) {
		r->eax = 0xabc00000 | bios.low_kib; /* of the register only ax counts */
		return;
	}
	assert_int_equal(vector, 0x15);
	if (r->eax == 0xe820) {
		e820(r);
	} else if (r->eax == 0xe801 && (bios.e801_ax || bios.e801_cx)) {
		r->eax = bios.e801_ax;
		r->ebx = bios.e801_bx;
		r->ecx = bios.e801_cx;
		r->edx = bios.e801_dx;
	} else if (r->eax == 0x8800 && bios.kib_88) {
		r->eax = bios.kib_88;
	} else {
		r->flags |= BIOS_CARRY;
	}
}

static int fresh(void **state)
{
	(void)state;
	host_stage2_reset();
	host_stage2.bios = call;
	memset(&bios, 0, sizeof(bios));
	memset(&raw, 0xa5, sizeof(raw));
	bios.bytes = 24;
	bios.low_kib = 639;
	return 0;
}

static const struct boot_raw_range list[] = {
        {0, 0x9f000, 1, 1}, {0x9f000, PAGE, 2, 1}, {0x100000, 0x100000, 1, 1}, {0x200000, PAGE, 3, 9}};
#define LIST (sizeof(list) / sizeof(*list))

static void give(const struct boot_raw_range *entries, uint32_t count)
{
	bios.entries = entries;
	bios.count = count;
}

static void expect(const struct boot_raw_range *want, uint32_t count)
{
	assert_int_equal(raw_memory_ask(&raw), BOOT_MEMORY_FROM_E820);
	assert_int_equal(raw.count, count);
	assert_memory_equal(raw.range, want, count * sizeof(*want));
}

static void takes_the_list_as_it_is(void **state)
{
	(void)state;
	give(list, LIST);
	expect(list, LIST);
	assert_string_equal(host_stage2.said, "");
	bios.way = ENDS_BY_CARRY;
	expect(list, LIST);
	assert_string_equal(host_stage2.said, "");
}

static void takes_lists_without_attributes(void **state)
{
	struct boot_raw_range want[LIST];

	(void)state;
	give(list, LIST);
	bios.bytes = 20;
	memcpy(want, list, sizeof(want));
	want[3].attributes = 1;
	expect(want, LIST);
}

static void takes_answers_that_say_only_what_changed(void **state)
{
	static const struct boot_raw_range same[] = {{0, PAGE, 1, 1}, {2 * PAGE, PAGE, 1, 1}, {4 * PAGE, PAGE, 1, 1}};

	(void)state;
	give(same, 3);
	bios.way = WRITES_CHANGES;
	expect(same, 3);
}

static void takes_answers_that_are_too_long(void **state)
{
	(void)state;
	give(list, LIST);
	bios.way = WRITES_MORE;
	expect(list, LIST);
}

static void an_endless_list_ends(void **state)
{
	(void)state;
	give(list, LIST);
	bios.way = NO_END;
	expect(list, LIST);
	assert_true(bios.calls <= 2 * MEMORY_RAW_MAX);
	assert_non_null(strstr(host_stage2.said, "repeats itself without end"));
}

static void one_answer_for_ever_ends(void **state)
{
	(void)state;
	give(list, LIST);
	bios.way = SAME_ANSWER;
	expect(list, 2);
	assert_true(bios.calls <= 2 * MEMORY_RAW_MAX);
	assert_non_null(strstr(host_stage2.said, "repeats itself without end"));
}

static void new_answers_for_ever_end(void **state)
{
	(void)state;
	give(list, LIST);
	bios.way = NEW_ANSWERS;
	assert_int_equal(raw_memory_ask(&raw), BOOT_MEMORY_FROM_E820);
	assert_int_equal(raw.count, MEMORY_RAW_MAX);
	assert_int_equal(raw.range[MEMORY_RAW_MAX - 1].base, MEMORY_RAW_MAX * 2 * PAGE);
	assert_int_equal(bios.calls, MEMORY_RAW_MAX + 1);
	assert_non_null(strstr(host_stage2.said, "more than 128 ranges"));
}

static void just_as_many_as_there_is_room_for(void **state)
{
	static struct boot_raw_range many[MEMORY_RAW_MAX];

	(void)state;
	for (uint32_t i = 0; i < MEMORY_RAW_MAX; i++)
		many[i] = (struct boot_raw_range){i * 2 * PAGE, PAGE, 1 + i % 2, 1};
	give(many, MEMORY_RAW_MAX);
	expect(many, MEMORY_RAW_MAX);
	assert_string_equal(host_stage2.said, "");
}

static void a_repeated_range_counts_once(void **state)
{
	static const struct boot_raw_range twice[] = {
	        {0, PAGE, 1, 1}, {2 * PAGE, PAGE, 1, 1}, {0, PAGE, 1, 3}, {0, PAGE, 2, 1}, {0, 2 * PAGE, 1, 1}};
	static const struct boot_raw_range once[] = {
	        {0, PAGE, 1, 1}, {2 * PAGE, PAGE, 1, 1}, {0, PAGE, 2, 1}, {0, 2 * PAGE, 1, 1}};

	(void)state;
	give(twice, 5);
	expect(once, 4);
	assert_string_equal(host_stage2.said, "The firmware's memory map repeats itself\n");
}

static void half_a_list_is_worth_nothing(void **state)
{
	(void)state;
	for (uint32_t way = LOSES_SMAP; way <= TOO_SHORT; way++) {
		for (uint32_t at = 1; at <= LIST; at++) {
			fresh(NULL);
			give(list, LIST);
			bios.way = way;
			bios.odd_at = at;
			bios.e801_ax = 1024;
			assert_int_equal(raw_memory_ask(&raw), BOOT_MEMORY_FROM_E801);
			assert_int_equal(raw.count, 2);
			assert_int_equal(raw.range[0].base, 0x100000);
			assert_int_equal(raw.range[0].size, 0x100000);
			assert_int_equal(raw.range[1].base, 0);
			assert_int_equal(raw.range[1].size, 639 * 1024);
		}
	}
}

static void attributes_that_forbid_everything_are_not_believed(void **state)
{
	static const struct boot_raw_range zero[] = {{0, PAGE, 1, 0}, {2 * PAGE, PAGE, 1, 2}};
	static const struct boot_raw_range one[] = {{0, PAGE, 1, 0}, {2 * PAGE, PAGE, 1, 1}};

	(void)state;
	give(zero, 2);
	assert_int_equal(raw_memory_ask(&raw), BOOT_MEMORY_FROM_E820);
	assert_int_equal(raw.range[0].attributes, 1);
	assert_int_equal(raw.range[1].attributes, 1);
	assert_non_null(strstr(host_stage2.said, "not believed"));
	host_stage2.said[0] = 0;
	give(one, 2);
	expect(one, 2);
	assert_string_equal(host_stage2.said, "");
}

static void expect_above(uint64_t below_16, uint64_t above_16)
{
	assert_int_equal(raw_memory_ask(&raw), BOOT_MEMORY_FROM_E801);
	assert_int_equal(raw.range[0].base, 1 << 20);
	assert_int_equal(raw.range[0].size, below_16);
	if (above_16) {
		assert_int_equal(raw.range[1].base, 16 << 20);
		assert_int_equal(raw.range[1].size, above_16);
	}
	assert_int_equal(raw.count, above_16 ? 3 : 2);
}

static void older_calls(void **state)
{
	(void)state;
	bios.e801_ax = 15 * 1024;
	bios.e801_bx = 0x100;
	expect_above(15 << 20, 16 << 20);
	bios.e801_cx = 1024; /* the other pair of registers, if it has something */
	bios.e801_dx = 0;
	expect_above(1 << 20, 0);
	bios.e801_cx = 0;
	bios.e801_ax = 0xabcd0000 | 512;
	bios.e801_bx = 0xabcd0000;
	expect_above(512 << 10, 0);

	bios.kib_88 = 0xffff;
	bios.e801_ax = 15 * 1024 + 1; /* more than there can be */
	assert_int_equal(raw_memory_ask(&raw), BOOT_MEMORY_FROM_88);
	assert_int_equal(raw.count, 2);
	assert_int_equal(raw.range[0].size, 0xffffull << 10);
	bios.kib_88 = 0x10000; /* zero, in the register that counts */
	assert_int_equal(raw_memory_ask(&raw), 0);
}

static void low_memory_is_the_least_of_what_is_said(void **state)
{
	(void)state;
	assert_int_equal(raw_memory_low_end(), 639 << 10);
	host_stage2.ebda = 0x9000;
	assert_int_equal(raw_memory_low_end(), 0x90000);
	host_stage2.ebda = 0x9fff;
	assert_int_equal(raw_memory_low_end(), 639 << 10);
	host_stage2.ebda = 0x8000;
	assert_int_equal(raw_memory_low_end(), 0x80000);
	host_stage2.ebda = 0x7fff; /* garbage is seen in the field */
	assert_int_equal(raw_memory_low_end(), 639 << 10);
	bios.low_kib = 511;
	assert_int_equal(raw_memory_low_end(), 0x80000);
	bios.low_kib = 641;
	assert_int_equal(raw_memory_low_end(), 0x80000);
	bios.low_kib = 640;
	assert_int_equal(raw_memory_low_end(), 0xa0000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(takes_the_list_as_it_is, fresh),
	        cmocka_unit_test_setup(takes_lists_without_attributes, fresh),
	        cmocka_unit_test_setup(takes_answers_that_say_only_what_changed, fresh),
	        cmocka_unit_test_setup(takes_answers_that_are_too_long, fresh),
	        cmocka_unit_test_setup(an_endless_list_ends, fresh),
	        cmocka_unit_test_setup(one_answer_for_ever_ends, fresh),
	        cmocka_unit_test_setup(new_answers_for_ever_end, fresh),
	        cmocka_unit_test_setup(just_as_many_as_there_is_room_for, fresh),
	        cmocka_unit_test_setup(a_repeated_range_counts_once, fresh),
	        cmocka_unit_test_setup(half_a_list_is_worth_nothing, fresh),
	        cmocka_unit_test_setup(attributes_that_forbid_everything_are_not_believed, fresh),
	        cmocka_unit_test_setup(older_calls, fresh),
	        cmocka_unit_test_setup(low_memory_is_the_least_of_what_is_said, fresh),
	};

	return cmocka_run_group_tests_name("raw_memory", tests, NULL, NULL);
}
