#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/panic.h"
#include "core/random.h"
#include "lib/chacha20.h"

void panic(const char *format, ...)
{
	(void)format;
	abort();
}

/* What the header says, done again: the first half of each block is the next key, the second is given away. */
static void expect_block(uint32_t key[8], const uint8_t *given, size_t size)
{
	static const uint32_t nonce[3];
	uint8_t block[64];

	chacha20_block(key, 0, nonce, block);
	memcpy(key, block, 32);
	assert_memory_equal(given, block + 32, size);
}

static void test_gives_half_of_each_block(void **state)
{
	uint8_t seed[RANDOM_SEED_SIZE], given[32 + 32 + 7 + 8];
	uint32_t key[8];
	uint64_t word;

	(void)state;
	for (unsigned int i = 0; i < sizeof(seed); i++)
		seed[i] = (uint8_t)(i * 7 + 1);
	memcpy(key, seed, sizeof(key));
	random_start(seed);
	random_fill(given, 71);
	word = random_u64();
	memcpy(given + 71, &word, 8);
	expect_block(key, given, 32);
	expect_block(key, given + 32, 32);
	expect_block(key, given + 64, 7);
	expect_block(key, given + 71, 8);
}

static void test_writes_no_more_than_asked(void **state)
{
	uint8_t buffer[80];

	(void)state;
	for (size_t size = 0; size < 70; size++) {
		memset(buffer, 0x5a, sizeof(buffer));
		random_fill(buffer + 1, size);
		assert_int_equal(buffer[0], 0x5a);
		assert_int_equal(buffer[size + 1], 0x5a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_gives_half_of_each_block),
	        cmocka_unit_test(test_writes_no_more_than_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
