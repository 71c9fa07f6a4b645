/* CRC-32C against published values, against the definition bit by bit, and in every way to cut up and align its input.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dice.h"
#include "lib/crc32c.h"

static struct crc32c_table table;

static int prepare(void **state)
{
	(void)state;
	crc32c_table_init(&table);
	return 0;
}

/* The definition: divide by the polynomial, one bit at a time. */
static uint32_t by_definition(const uint8_t *data, size_t length)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < length; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
	}
	return crc ^ 0xffffffff;
}

static void fill(struct dice *dice, uint8_t *data, size_t length)
{
	for (size_t i = 0; i < length; i++)
		data[i] = (uint8_t)dice_roll(dice);
}

/* RFC 3720, B.4, and the check value every catalogue of CRCs gives for CRC-32C. */
static void test_published_values(void **state)
{
	static const uint8_t command[48] = {
	        0x01,
	        0xc0,
	        [16] = 0x14,
	        [22] = 0x04,
	        [27] = 0x14,
	        [31] = 0x18,
	        0x28,
	        [40] = 0x02,
	};
	uint8_t data[32];

	(void)state;
	assert_int_equal(crc32c(&table, 0, "123456789", 9), 0xe3069283);
	memset(data, 0, sizeof(data));
	assert_int_equal(crc32c(&table, 0, data, 32), 0x8a9136aa);
	memset(data, 0xff, sizeof(data));
	assert_int_equal(crc32c(&table, 0, data, 32), 0x62a8ab43);
	for (uint8_t i = 0; i < 32; i++)
		data[i] = i;
	assert_int_equal(crc32c(&table, 0, data, 32), 0x46dd794e);
	for (uint8_t i = 0; i < 32; i++)
		data[i] = 31 - i;
	assert_int_equal(crc32c(&table, 0, data, 32), 0x113fdb5c);
	assert_int_equal(crc32c(&table, 0, command, 48), 0xd9963a56);
}

static void test_nothing(void **state)
{
	(void)state;
	assert_int_equal(crc32c(&table, 0, "", 0), 0);
	assert_int_equal(crc32c(&table, 0xe3069283, "", 0), 0xe3069283);
}

/* Buffers of exactly the length, so that the sanitizer sees a read past the end. */
static void test_every_length_and_alignment(void **state)
{
	struct dice dice = dice_take("lengths");

	(void)state;
	for (size_t offset = 0; offset < 8; offset++) {
		for (size_t length = 0; length < 260; length++) {
			uint8_t *exact = malloc(offset + length);

			fill(&dice, exact, offset + length);
			assert_int_equal(
			        crc32c(&table, 0, exact + offset, length), by_definition(exact + offset, length));
			free(exact);
		}
	}
}

static void test_going_on_equals_all_at_once(void **state)
{
	struct dice dice = dice_take("going on");
	uint8_t data[300];

	(void)state;
	fill(&dice, data, sizeof(data));
	for (size_t cut = 0; cut <= sizeof(data); cut++) {
		uint32_t crc = crc32c(&table, 0, data, cut);

		crc = crc32c(&table, crc, data + cut, sizeof(data) - cut);
		assert_int_equal(crc, by_definition(data, sizeof(data)));
	}
}

static void test_random_buffers(void **state)
{
	struct dice dice = dice_take("buffers");
	uint8_t data[5000];

	(void)state;
	for (int round = 0; round < 200; round++) {
		size_t length = (size_t)dice_below(&dice, sizeof(data) + 1);

		fill(&dice, data, length);
		assert_int_equal(crc32c(&table, 0, data, length), by_definition(data, length));
	}
}

/* What the loader counts on: no error of up to 32 bits in a row goes unseen in a block. */
static void test_bursts_in_a_block_are_seen(void **state)
{
	struct dice dice = dice_take("bursts");
	uint8_t block[4096];
	uint32_t right;

	(void)state;
	fill(&dice, block, sizeof(block));
	right = crc32c(&table, 0, block, sizeof(block));
	for (int round = 0; round < 2000; round++) {
		size_t at = (size_t)dice_below(&dice, sizeof(block) - 4);
		uint8_t before[4], burst[4];
		uint32_t error = (uint32_t)dice_roll(&dice);

		if (!error)
			continue;
		memcpy(before, block + at, 4);
		memcpy(burst, &error, 4);
		for (int i = 0; i < 4; i++)
			block[at + (size_t)i] ^= burst[i];
		assert_int_not_equal(crc32c(&table, 0, block, sizeof(block)), right);
		memcpy(block + at, before, 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_published_values),
	        cmocka_unit_test(test_nothing),
	        cmocka_unit_test(test_every_length_and_alignment),
	        cmocka_unit_test(test_going_on_equals_all_at_once),
	        cmocka_unit_test(test_random_buffers),
	        cmocka_unit_test(test_bursts_in_a_block_are_seen),
	};

	return cmocka_run_group_tests_name("crc32c", tests, prepare, NULL);
}
