/* The ELF reader: what it must accept, each thing it must refuse with the reason it gives, and relocation byte by byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dice.h"
#include "sample_elf64.h"

/* Parses a copy of exactly `size` bytes, so that the sanitizer sees a read past the end. NULL, or why it was refused.
 */
static const char *parse(const struct sample_elf64 *elf, size_t size, struct elf64_layout *layout)
{
	uint8_t *copy = malloc(size);
	const char *why = NULL;
	int result;

	memcpy(copy, elf->bytes, size);
	result = elf64_parse(copy, size, layout, &why);
	free(copy);
	assert_true(result == 0 ? why == NULL : result == -1 && why != NULL);
	return why;
}

/* ---- parsing ---- */

static void test_sample_is_read(void **state)
{
	struct sample_elf64 elf;
	struct elf64_layout layout;

	(void)state;
	sample_elf64_fill(&elf);
	assert_null(parse(&elf, sizeof(elf.bytes), &layout));
	assert_null(sample_elf64_judge(&layout, sizeof(elf.bytes)));
	assert_int_equal(layout.type, ET_DYN);
	assert_false(layout.interpreter);
	assert_int_equal(layout.entry, SAMPLE_ELF64_BASE + SAMPLE_ELF64_TEXT + 0x10);
	assert_int_equal(layout.dynamic, SAMPLE_ELF64_BASE + SAMPLE_ELF64_DATA);
	assert_int_equal(layout.base, SAMPLE_ELF64_BASE);
	assert_int_equal(layout.size, SAMPLE_ELF64_SPAN);
	assert_int_equal(layout.segment_count, 3);
	assert_int_equal(layout.segment[1].flags, PF_R | PF_X);
	assert_int_equal(layout.segment[2].virtual_address, SAMPLE_ELF64_BASE + SAMPLE_ELF64_DATA);
	assert_int_equal(layout.segment[2].physical_address, 0x100000 + SAMPLE_ELF64_DATA);
	assert_int_equal(layout.segment[2].file_offset, SAMPLE_ELF64_DATA);
	assert_int_equal(layout.segment[2].file_size, SAMPLE_ELF64_SIZE - SAMPLE_ELF64_DATA);
	assert_int_equal(layout.segment[2].memory_size, SAMPLE_ELF64_SPAN - SAMPLE_ELF64_DATA);
}

static void test_fixed_sample_is_read(void **state)
{
	struct sample_elf64 elf;
	struct elf64_layout layout;

	(void)state;
	sample_elf64_fill(&elf);
	sample_elf64_header(&elf)->type = ET_EXEC;
	sample_elf64_program(&elf, 3)->type = 0x6474e551; /* PT_GNU_STACK: of no interest */
	assert_null(parse(&elf, sizeof(elf.bytes), &layout));
	assert_int_equal(layout.type, ET_EXEC);
	assert_int_equal(layout.dynamic, 0);
}

static void test_interpreter_is_seen(void **state)
{
	struct sample_elf64 elf;
	struct elf64_layout layout;

	(void)state;
	sample_elf64_fill(&elf);
	sample_elf64_program(&elf, 3)->type = PT_INTERP;
	assert_null(parse(&elf, sizeof(elf.bytes), &layout));
	assert_true(layout.interpreter);
}

/* GNU ld makes such a header when a section is empty. */
static void test_empty_segment_is_passed_over(void **state)
{
	struct sample_elf64 elf;
	struct elf64_layout layout;

	(void)state;
	sample_elf64_fill(&elf);
	*sample_elf64_program(&elf, 4) = (struct elf64_program){.type = PT_LOAD};
	sample_elf64_header(&elf)->program_count = 5;
	assert_null(parse(&elf, sizeof(elf.bytes), &layout));
	assert_int_equal(layout.segment_count, 3);
}

/* The last segment ends with the file, so nothing shorter can be right. */
static void test_every_truncation_is_refused(void **state)
{
	struct sample_elf64 elf;
	struct elf64_layout layout;

	(void)state;
	sample_elf64_fill(&elf);
	for (size_t size = 0; size < sizeof(elf.bytes); size++)
		assert_non_null(parse(&elf, size, &layout));
}

static void bad_magic(struct sample_elf64 *elf)
{
	elf->bytes[3] = 'G';
}
static void bad_class(struct sample_elf64 *elf)
{
	sample_elf64_header(elf)->class = 1;
}
static void big_endian(struct sample_elf64 *elf)
{
	sample_elf64_header(elf)->data = 2;
}
static void bad_version(struct sample_elf64 *elf)
{
	sample_elf64_header(elf)->version = 0;
}
static void bad_file_version(struct sample_elf64 *elf)
{
	sample_elf64_header(elf)->file_version = 2;
}
static void bad_machine(struct sample_elf64 *elf)
{
	sample_elf64_header(elf)->machine = 3;
}
static void object_file(struct sample_elf64 *elf)
{
	sample_elf64_header(elf)->type = 1;
}
static void no_headers(struct sample_elf64 *elf)
{
	sample_elf64_header(elf)->program_count = 0;
}
static void odd_header_size(struct sample_elf64 *elf)
{
	sample_elf64_header(elf)->program_size = 32;
}
static void headers_far(struct sample_elf64 *elf)
{
	sample_elf64_header(elf)->program_offset = SAMPLE_ELF64_SIZE - 223;
}
static void headers_wrap(struct sample_elf64 *elf)
{
	sample_elf64_header(elf)->program_offset = UINT64_MAX - 8;
}
static void many_headers(struct sample_elf64 *elf)
{
	sample_elf64_header(elf)->program_count = 0xffff;
}
static void nothing_loaded(struct sample_elf64 *elf)
{
	for (unsigned i = 0; i < 3; i++)
		sample_elf64_program(elf, i)->type = 4;
}
static void less_memory(struct sample_elf64 *elf)
{
	sample_elf64_program(elf, 1)->memory_size = 0x7ff;
}
static void past_the_file(struct sample_elf64 *elf)
{
	sample_elf64_program(elf, 2)->offset += 1;
}
static void offset_wraps(struct sample_elf64 *elf)
{
	sample_elf64_program(elf, 2)->offset = UINT64_MAX - 15;
}
static void memory_wraps(struct sample_elf64 *elf)
{
	sample_elf64_program(elf, 2)->memory_size = 0x80000000u;
}
static void physical_wraps(struct sample_elf64 *elf)
{
	sample_elf64_program(elf, 1)->physical_address = UINT64_MAX - 9;
}
static void overlap(struct sample_elf64 *elf)
{
	sample_elf64_program(elf, 1)->memory_size = 0x1001;
}
static void swapped(struct sample_elf64 *elf)
{
	struct elf64_program first = *sample_elf64_program(elf, 0);

	*sample_elf64_program(elf, 0) = *sample_elf64_program(elf, 1);
	*sample_elf64_program(elf, 1) = first;
}
static void nine_segments(struct sample_elf64 *elf)
{
	for (unsigned i = 3; i < 9; i++) {
		*sample_elf64_program(elf, i) = *sample_elf64_program(elf, 2);
		sample_elf64_program(elf, i)->virtual_address += 0x10000 * i;
	}
	sample_elf64_header(elf)->program_count = 9;
}
static void entry_in_data(struct sample_elf64 *elf)
{
	sample_elf64_header(elf)->entry = SAMPLE_ELF64_BASE + SAMPLE_ELF64_DATA;
}
static void entry_behind_code(struct sample_elf64 *elf)
{
	sample_elf64_header(elf)->entry = SAMPLE_ELF64_BASE + SAMPLE_ELF64_TEXT + 0x800;
}
static void entry_nowhere(struct sample_elf64 *elf)
{
	sample_elf64_header(elf)->entry = 0;
}
static void two_dynamics(struct sample_elf64 *elf)
{
	*sample_elf64_program(elf, 4) = *sample_elf64_program(elf, 3);
	sample_elf64_header(elf)->program_count = 5;
}
static void dynamic_nowhere(struct sample_elf64 *elf)
{
	sample_elf64_program(elf, 3)->virtual_address += 0x2000;
}

static void test_refusals(void **state)
{
	static const struct {
		void (*bend)(struct sample_elf64 *elf);
		const char *why;
	} refusals[] = {
	        {bad_magic, "not an ELF file"},
	        {bad_class, "not a 64-bit ELF file"},
	        {big_endian, "not a little-endian ELF file of version 1"},
	        {bad_version, "not a little-endian ELF file of version 1"},
	        {bad_file_version, "not a little-endian ELF file of version 1"},
	        {bad_machine, "made for another machine than x86-64"},
	        {object_file, "not an executable ELF file"},
	        {no_headers, "the ELF file has no program headers"},
	        {odd_header_size, "the ELF program headers have an unknown size"},
	        {headers_far, "the ELF file is cut off before the end of its program headers"},
	        {headers_wrap, "the ELF file is cut off before the end of its program headers"},
	        {many_headers, "the ELF file is cut off before the end of its program headers"},
	        {nothing_loaded, "the ELF file has no loadable segment"},
	        {less_memory, "a segment has more bytes in the file than in memory"},
	        {past_the_file, "the ELF file is cut off before the end of a segment"},
	        {offset_wraps, "the ELF file is cut off before the end of a segment"},
	        {memory_wraps, "a segment reaches past the end of the address space"},
	        {physical_wraps, "a segment reaches past the end of the address space"},
	        {overlap, "two segments overlap in memory"},
	        {swapped, "the segments are not in ascending order"},
	        {nine_segments, "the ELF file has more than 8 loadable segments"},
	        {entry_in_data, "the entry point lies in no executable segment"},
	        {entry_behind_code, "the entry point lies in no executable segment"},
	        {entry_nowhere, "the entry point lies in no executable segment"},
	        {two_dynamics, "the ELF file has two dynamic sections"},
	        {dynamic_nowhere, "the dynamic section lies in no loadable segment"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct sample_elf64 elf;
		struct elf64_layout layout;
		const char *why;

		sample_elf64_fill(&elf);
		refusals[i].bend(&elf);
		why = parse(&elf, sizeof(elf.bytes), &layout);
		assert_non_null(why);
		assert_string_equal(why, refusals[i].why);
	}
}

static void test_random_damage_is_refused_or_harmless(void **state)
{
	struct dice dice = dice_take("damage");
	uint64_t accepted = 0, count = dice_rounds(20000);

	(void)state;
	for (uint64_t rounds = count; rounds > 0; rounds--) {
		struct sample_elf64 elf;
		struct elf64_layout layout;

		sample_elf64_fill(&elf);
		for (uint64_t n = 1 + dice_below(&dice, 3); n > 0; n--)
			elf.bytes[dice_below(&dice, 64 + 4 * 56)] = (uint8_t)dice_roll(&dice);
		if (parse(&elf, sizeof(elf.bytes), &layout))
			continue;
		accepted++;
		assert_null(sample_elf64_judge(&layout, sizeof(elf.bytes)));
	}
	assert_in_range(accepted, 1, count - 1);
}

/* ---- relocating ---- */

/* Loads a sample into memory of exactly its span, to be freed. */
static uint8_t *load(const struct sample_elf64 *elf)
{
	uint8_t *memory = calloc(1, SAMPLE_ELF64_SPAN);

	memcpy(memory, elf->bytes, SAMPLE_ELF64_SIZE);
	return memory;
}

/* NULL, or why it was refused. */
static const char *relocate(uint8_t *memory, uint64_t slide)
{
	const char *why = NULL;
	int result = elf64_relocate(
	        memory, SAMPLE_ELF64_SPAN, SAMPLE_ELF64_BASE, SAMPLE_ELF64_BASE + SAMPLE_ELF64_DATA, slide, &why);

	assert_true(result == 0 ? why == NULL : result == -1 && why != NULL);
	return why;
}

static uint64_t word_at(const uint8_t *memory, unsigned number)
{
	uint64_t value;

	memcpy(&value, memory + SAMPLE_ELF64_WORDS + 8 * number, 8);
	return value;
}

/* Words 0 and 1 by RELA, 2, 3 and 5 by RELR; nothing else may change. */
static void relocate_and_compare(uint64_t slide)
{
	struct sample_elf64 elf;
	uint8_t *before, *memory;

	sample_elf64_fill(&elf);
	before = load(&elf);
	memory = load(&elf);
	assert_null(relocate(memory, slide));
	for (unsigned i = 0; i < 64; i++) {
		uint64_t linked = SAMPLE_ELF64_BASE + SAMPLE_ELF64_WORDS + 8 * i;

		assert_int_equal(word_at(memory, i), i <= 3 || i == 5 ? linked + slide : linked);
	}
	memset(before + SAMPLE_ELF64_WORDS, 0, 64 * 8);
	memset(memory + SAMPLE_ELF64_WORDS, 0, 64 * 8);
	assert_memory_equal(memory, before, SAMPLE_ELF64_SPAN);
	free(before);
	free(memory);
}

static void test_relocation(void **state)
{
	(void)state;
	relocate_and_compare(0); /* RELA's words are zero in the file: even without a slide there is work to do */
	relocate_and_compare(0x200000);
	relocate_and_compare(0x123456789000);
	relocate_and_compare(-(uint64_t)0x1000);
}

/* Each of the 63 bits, in the first and in a second bit map. */
static void test_packed_bit_maps(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 126; bit++) {
		struct sample_elf64 elf;
		uint64_t *relr, start = SAMPLE_ELF64_BASE + SAMPLE_ELF64_DATA + 0x1000, value;
		uint8_t *memory;

		sample_elf64_fill(&elf);
		relr = (void *)(elf.bytes + SAMPLE_ELF64_RELR);
		relr[0] = start;
		relr[1] = 1 | (bit < 63 ? 2ull << bit : 0);
		relr[2] = 1 | (bit < 63 ? 0 : 2ull << (bit - 63));
		sample_elf64_dynamic(&elf, DT_RELRSZ)->value = 24;
		memory = load(&elf);
		assert_null(relocate(memory, 0x1000));
		for (unsigned i = 0; i <= 126; i++) {
			memcpy(&value, memory + SAMPLE_ELF64_DATA + 0x1000 + 8 * i, 8);
			assert_int_equal(value, i == 0 || i == bit + 1 ? 0x1000 : 0);
		}
		free(memory);
	}
}

static struct elf64_rela *first_rela(struct sample_elf64 *elf)
{
	return (void *)(elf->bytes + SAMPLE_ELF64_RELA);
}
static uint64_t *relr(struct sample_elf64 *elf)
{
	return (void *)(elf->bytes + SAMPLE_ELF64_RELR);
}
static void set_tag(struct sample_elf64 *elf, int64_t tag, uint64_t value)
{
	*sample_elf64_dynamic(elf, tag) = (struct elf64_dynamic){tag, value};
}

static void rela_absolute(struct sample_elf64 *elf)
{
	first_rela(elf)->info = 1;
}
static void rela_with_symbol(struct sample_elf64 *elf)
{
	first_rela(elf)->info |= 1ull << 32;
}
static void rela_below(struct sample_elf64 *elf)
{
	first_rela(elf)->offset = SAMPLE_ELF64_BASE - 1;
}
static void rela_above(struct sample_elf64 *elf)
{
	first_rela(elf)->offset = SAMPLE_ELF64_BASE + SAMPLE_ELF64_SPAN - 7;
}
static void rela_table_above(struct sample_elf64 *elf)
{
	set_tag(elf, DT_RELA, SAMPLE_ELF64_BASE + SAMPLE_ELF64_SPAN - 47);
}
static void rela_table_wraps(struct sample_elf64 *elf)
{
	set_tag(elf, DT_RELASZ, UINT64_MAX - 15);
}
static void rela_table_missing(struct sample_elf64 *elf)
{
	sample_elf64_dynamic(elf, DT_RELA)->tag = 0x6ffffef5;
}
static void rela_cut(struct sample_elf64 *elf)
{
	set_tag(elf, DT_RELASZ, 47);
}
static void rela_entry(struct sample_elf64 *elf)
{
	set_tag(elf, DT_RELAENT, 16);
}
static void relr_below(struct sample_elf64 *elf)
{
	relr(elf)[0] = SAMPLE_ELF64_BASE - 8;
}
static void relr_above(struct sample_elf64 *elf)
{
	relr(elf)[0] = SAMPLE_ELF64_BASE + SAMPLE_ELF64_SPAN - 6;
}
static void relr_map_above(struct sample_elf64 *elf)
{
	relr(elf)[0] = SAMPLE_ELF64_BASE + SAMPLE_ELF64_SPAN - 16;
}
static void relr_map_first(struct sample_elf64 *elf)
{
	relr(elf)[0] = 3;
}
static void relr_table_above(struct sample_elf64 *elf)
{
	set_tag(elf, DT_RELR, SAMPLE_ELF64_BASE + SAMPLE_ELF64_SPAN - 8);
}
static void relr_cut(struct sample_elf64 *elf)
{
	set_tag(elf, DT_RELRSZ, 12);
}
static void relr_entry(struct sample_elf64 *elf)
{
	set_tag(elf, DT_RELRENT, 4);
}
static void with_rel(struct sample_elf64 *elf)
{
	set_tag(elf, DT_REL, 0);
}
static void with_plt(struct sample_elf64 *elf)
{
	set_tag(elf, DT_JMPREL, 0);
}
static void with_text(struct sample_elf64 *elf)
{
	set_tag(elf, DT_TEXTREL, 0);
}
static void endless(struct sample_elf64 *elf)
{
	memset(elf->bytes + SAMPLE_ELF64_DATA, 0x11, SAMPLE_ELF64_SIZE - SAMPLE_ELF64_DATA);
}

static void test_relocation_refusals(void **state)
{
	static const struct {
		void (*bend)(struct sample_elf64 *elf);
		const char *why;
	} refusals[] = {
	        {rela_absolute, "a relocation is not of type R_X86_64_RELATIVE"},
	        {rela_with_symbol, "a relocation is not of type R_X86_64_RELATIVE"},
	        {rela_below, "a relocation points outside the image"},
	        {rela_above, "a relocation points outside the image"},
	        {rela_table_above, "the relocation table lies outside the image"},
	        {rela_table_wraps, "the relocation table lies outside the image"},
	        {rela_table_missing, "the relocation table lies outside the image"},
	        {rela_cut, "the relocation table ends inside an entry"},
	        {rela_entry, "the relocation entries have an unknown size"},
	        {relr_below, "a relocation points outside the image"},
	        {relr_above, "a relocation points outside the image"},
	        {relr_map_above, "a relocation points outside the image"},
	        {relr_map_first, "a relocation points outside the image"},
	        {relr_table_above, "the packed relocation table lies outside the image"},
	        {relr_cut, "the packed relocation table ends inside an entry"},
	        {relr_entry, "the relocation entries have an unknown size"},
	        {with_rel, "the image asks for relocations that are not supported"},
	        {with_plt, "the image asks for relocations that are not supported"},
	        {with_text, "the image asks for relocations that are not supported"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct sample_elf64 elf;
		uint8_t *memory;
		const char *why;

		sample_elf64_fill(&elf);
		refusals[i].bend(&elf);
		memory = load(&elf);
		why = relocate(memory, 0x200000);
		assert_non_null(why);
		assert_string_equal(why, refusals[i].why);
		free(memory);
	}
}

/* The last place that is still inside. */
static void test_relocation_at_the_very_end(void **state)
{
	struct sample_elf64 elf;
	uint8_t *memory;
	uint64_t value;

	(void)state;
	sample_elf64_fill(&elf);
	first_rela(&elf)->offset = SAMPLE_ELF64_BASE + SAMPLE_ELF64_SPAN - 8;
	first_rela(&elf)->addend = 5;
	memory = load(&elf);
	assert_null(relocate(memory, 0x1000));
	memcpy(&value, memory + SAMPLE_ELF64_SPAN - 8, 8);
	assert_int_equal(value, 0x1005);
	free(memory);
}

/* A dynamic section that never ends, cut off by the image's end at every possible place. */
static void test_dynamic_section_without_end(void **state)
{
	(void)state;
	for (size_t size = 0; size < 64; size++) {
		struct sample_elf64 elf;
		const char *why = NULL;
		uint8_t *memory = malloc(size);

		sample_elf64_fill(&elf);
		endless(&elf);
		memcpy(memory, elf.bytes + SAMPLE_ELF64_DATA, size);
		assert_int_equal(elf64_relocate(memory, size, 0x1000, 0x1000, 0, &why), -1);
		assert_string_equal(why, "the dynamic section runs out of the image");
		free(memory);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_sample_is_read),
	        cmocka_unit_test(test_fixed_sample_is_read),
	        cmocka_unit_test(test_interpreter_is_seen),
	        cmocka_unit_test(test_empty_segment_is_passed_over),
	        cmocka_unit_test(test_every_truncation_is_refused),
	        cmocka_unit_test(test_refusals),
	        cmocka_unit_test(test_random_damage_is_refused_or_harmless),
	        cmocka_unit_test(test_relocation),
	        cmocka_unit_test(test_packed_bit_maps),
	        cmocka_unit_test(test_relocation_refusals),
	        cmocka_unit_test(test_relocation_at_the_very_end),
	        cmocka_unit_test(test_dynamic_section_without_end),
	};

	return cmocka_run_group_tests_name("elf64", tests, NULL, NULL);
}
