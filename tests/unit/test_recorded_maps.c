/*
 * Memory maps that firmware really gave (tests/data/e820/), cleaned as somebody else cleaned them. A file has lines
 *
 *     raw BASE SIZE TYPE      as the firmware gave it, in its order
 *     map BASE SIZE TYPE      what must come of it
 *
 * in hexadecimal, and comments. The second kind was not written by the code under test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dice.h"
#include "sample_memory_map.h"

#define LEAST 10 /* maps, or somebody lost them */

struct record {
	char name[64];
	struct boot_raw_range raw[MEMORY_RAW_MAX];
	struct boot_memory_range map[MEMORY_RAW_MAX];
	uint32_t raw_count, map_count;
};

static struct record records[64];
static uint32_t record_count;

static void read_line(struct record *record, const char *line)
{
	unsigned long long base, size;
	unsigned int type;
	char kind[4];

	if (line[0] == '#')
		return;
	assert_int_equal(sscanf(line, "%3s %llx %llx %x", kind, &base, &size, &type), 4);
	assert_true(record->raw_count < MEMORY_RAW_MAX && record->map_count < MEMORY_RAW_MAX);
	if (strcmp(kind, "raw") == 0) {
		record->raw[record->raw_count++] = (struct boot_raw_range){base, size, type, 1};
	} else {
		assert_string_equal(kind, "map");
		record->map[record->map_count++] = (struct boot_memory_range){base, size, type, 0};
	}
}

static void read_file(struct record *record, const char *name)
{
	char path[512], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", RECORDED_MAPS, name);
	snprintf(record->name, sizeof(record->name), "%s", name);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		read_line(record, line);
	fclose(file);
	assert_true(record->raw_count > 0);
}

static int read_all(void **state)
{
	DIR *directory = opendir(RECORDED_MAPS);

	(void)state;
	if (!directory)
		return -1;
	for (struct dirent *entry; (entry = readdir(directory));) {
		const char *end = strrchr(entry->d_name, '.');

		if (end && strcmp(end, ".txt") == 0 && record_count < sizeof(records) / sizeof(*records))
			read_file(&records[record_count++], entry->d_name);
	}
	closedir(directory);
	return 0;
}

static void expect(const struct record *record, const struct boot_raw_range *raw, uint32_t count)
{
	static struct memory_map map;

	memory_map_clean(&map, raw, count);
	assert_null(sample_memory_map_judge(&map));
	if (map.count != record->map_count || memcmp(map.range, record->map, map.count * sizeof(*map.range)) != 0) {
		for (uint32_t i = 0; i < map.count; i++)
			print_error("%s: map %llx %llx %x\n", record->name, (unsigned long long)map.range[i].base,
			        (unsigned long long)map.range[i].size, map.range[i].type);
		fail_msg("%s is cleaned to something else", record->name);
	}
}

static void each_is_cleaned_as_it_must_be(void **state)
{
	(void)state;
	assert_true(record_count >= LEAST);
	for (uint32_t i = 0; i < record_count; i++)
		expect(&records[i], records[i].raw, records[i].raw_count);
}

/* No order is promised, and nobody promises not to say a thing twice. */
static void the_order_makes_no_difference(void **state)
{
	struct dice dice = dice_take("recorded_maps");

	(void)state;
	for (uint64_t rounds = dice_rounds(50); rounds > 0; rounds--) {
		for (uint32_t i = 0; i < record_count; i++) {
			struct boot_raw_range raw[MEMORY_RAW_MAX];
			uint32_t count = records[i].raw_count;

			memcpy(raw, records[i].raw, sizeof(raw));
			while (count < MEMORY_RAW_MAX && dice_below(&dice, 4)) {
				raw[count] = raw[dice_below(&dice, count)];
				count++;
			}
			for (uint32_t last = count - 1; last > 0; last--) {
				uint32_t other = (uint32_t)dice_below(&dice, last + 1);
				struct boot_raw_range swap = raw[last];

				raw[last] = raw[other];
				raw[other] = swap;
			}
			expect(&records[i], raw, count);
		}
	}
}

/* Byte by byte of the borders: what is called usable is in some usable range, and in no other. */
static void no_usable_byte_is_anybody_elses(void **state)
{
	static struct memory_map map;

	(void)state;
	for (uint32_t i = 0; i < record_count; i++) {
		memory_map_clean(&map, records[i].raw, records[i].raw_count);
		for (uint32_t k = 0; k < map.count; k++) {
			uint64_t base = map.range[k].base, end = base + map.range[k].size;

			for (uint32_t j = 0; map.range[k].type == 1 && j < records[i].raw_count; j++) {
				const struct boot_raw_range *raw = &records[i].raw[j];

				assert_true(raw->type == 1 || raw->base >= end || raw->base + raw->size <= base);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_is_cleaned_as_it_must_be),
	        cmocka_unit_test(the_order_makes_no_difference),
	        cmocka_unit_test(no_usable_byte_is_anybody_elses),
	};

	return cmocka_run_group_tests_name("recorded_maps", tests, read_all, NULL);
}
