#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dice.h"
#include "format/line_table.h"
#include "lib/line_table.h"

#define BUILD 0x1234abcdu

enum { TABLE_MAX = 1 << 16, RUNS_MAX = 500, FILES = 5 };

static const char names[] = "a.c\0b/c.c\0d.asm\0e.h\0f.c"; /* FILES of them; the compiler adds the last zero */
static const char *const name_of[FILES] = {"a.c", "b/c.c", "d.asm", "e.h", "f.c"};

/* Owned by the test; exactly as large as what it holds, so that a read behind it is seen. */
struct table {
	void *data;
	size_t size;
};

struct run {
	uint32_t offset, line, file;
};

static size_t put_number(uint8_t *at, uint32_t number)
{
	size_t length = 0;

	for (; number > 0x7f; number >>= 7)
		at[length++] = (uint8_t)(number | 0x80);
	at[length++] = (uint8_t)number;
	return length;
}

static size_t put_run(uint8_t *at, const struct run *last, const struct run *run)
{
	int32_t step = (int32_t)(run->line - last->line);
	uint32_t zigzag = step >= 0 ? 2 * (uint32_t)step : 2 * (uint32_t)-step - 1;
	size_t length = put_number(at, run->offset - last->offset);

	length += put_number(at + length, zigzag << 1 | (run->file != last->file));
	if (run->file != last->file)
		length += put_number(at + length, run->file);
	return length;
}

static struct table make_table(const struct run *runs, size_t count)
{
	static uint8_t encoded[TABLE_MAX];
	struct line_table_header header = {LINE_TABLE_MAGIC, BUILD, 0, sizeof(names)};
	struct run last = {0, 0, 0};
	struct table table;

	for (size_t i = 0; i < count; last = runs[i++])
		header.runs_size += (uint32_t)put_run(encoded + header.runs_size, &last, &runs[i]);
	table.size = sizeof(header) + header.runs_size + sizeof(names);
	table.data = malloc(table.size);
	memcpy(table.data, &header, sizeof(header));
	memcpy((uint8_t *)table.data + sizeof(header), encoded, header.runs_size);
	memcpy((uint8_t *)table.data + sizeof(header) + header.runs_size, names, sizeof(names));
	return table;
}

static void assert_place(const struct table *table, uint32_t offset, const char *file, uint32_t line)
{
	uint32_t found_line = 0;
	const char *found = line_table_find(table->data, offset, &found_line);

	if (file == NULL) {
		assert_null(found);
		return;
	}
	assert_non_null(found);
	assert_string_equal(found, file);
	assert_int_equal(found_line, line);
}

static void test_find(void **state)
{
	static const struct run runs[] = {{0x10, 7, 0}, {0x12, 300, 1}, {0x100, 0, 1}, {0x4000, 2, 4}};
	struct table table = make_table(runs, 4);

	(void)state;
	assert_true(line_table_is_of(table.data, table.size, BUILD));
	assert_place(&table, 0, NULL, 0);
	assert_place(&table, 0x0f, NULL, 0);
	assert_place(&table, 0x10, "a.c", 7);
	assert_place(&table, 0x11, "a.c", 7);
	assert_place(&table, 0x12, "b/c.c", 300);
	assert_place(&table, 0xff, "b/c.c", 300);
	assert_place(&table, 0x100, NULL, 0);
	assert_place(&table, 0x4000, "f.c", 2);
	assert_place(&table, UINT32_MAX, "f.c", 2);
	free(table.data);
}

static void test_random(void **state)
{
	struct dice dice = dice_take("test_line_table");

	(void)state;
	for (uint64_t round = 0; round < dice_rounds(100); round++) {
		struct run runs[RUNS_MAX] = {{0, 0, 0}};
		size_t count = 1 + dice_below(&dice, RUNS_MAX - 1);
		struct table table;

		for (size_t i = 1; i < count; i++)
			runs[i] = (struct run){runs[i - 1].offset + 1 + (uint32_t)dice_below(&dice, 200),
			        (uint32_t)dice_below(&dice, 3) * (uint32_t)dice_below(&dice, 70000),
			        (uint32_t)dice_below(&dice, FILES)};
		table = make_table(runs, count);
		for (size_t i = 1; i < count; i++)
			assert_place(
			        &table, runs[i].offset, runs[i].line != 0 ? name_of[runs[i].file] : NULL, runs[i].line);
		free(table.data);
	}
}

/* A part of a table is none, nor is one of another kernel, nor one whose sizes do not add up. */
static void test_refuses(void **state)
{
	static const struct run runs[] = {{1, 1, 1}};
	struct table table = make_table(runs, 1);
	struct line_table_header *header = table.data;

	(void)state;
	for (size_t size = 0; size < table.size; size++)
		assert_false(line_table_is_of(table.data, size, BUILD));
	assert_false(line_table_is_of(table.data, table.size, BUILD + 1));
	header->runs_size = UINT32_MAX;
	assert_false(line_table_is_of(table.data, table.size, BUILD));
	header->runs_size = (uint32_t)(table.size - sizeof(*header));
	header->names_size = 0;
	assert_false(line_table_is_of(table.data, table.size, BUILD));
	free(table.data);
	table = make_table(runs, 1);
	((char *)table.data)[table.size - 1] = 'x';
	assert_false(line_table_is_of(table.data, table.size, BUILD));
	free(table.data);
}

/* A file that has no name, a number without an end. */
static void test_damaged_runs(void **state)
{
	static const struct run nameless[] = {{1, 1, FILES}};
	struct table table = make_table(nameless, 1);
	struct line_table_header *header = table.data;

	(void)state;
	assert_place(&table, 1, NULL, 0);
	memset(header + 1, 0xff, header->runs_size);
	assert_true(line_table_is_of(table.data, table.size, BUILD));
	assert_place(&table, 1, NULL, 0);
	free(table.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_find),
	        cmocka_unit_test(test_random),
	        cmocka_unit_test(test_refuses),
	        cmocka_unit_test(test_damaged_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
