/*
 * LZ4 blocks: the examples of its format, what must be refused, and what mkimage packs, unpacked over itself. Where
 * liblz4 is here it is the second opinion in both directions. Memory is allocated to the byte, for the sanitizers.
 */
#include "mkimage.h" /* first: its fail() is a function, cmocka's a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#if __has_include(<lz4.h>)
#include <lz4.h>
#include <lz4hc.h>
#define HAS_LZ4 1
#else
#define HAS_LZ4 0
#endif

#include "dice.h"
#include "lib/lz4.h"

#define SIZE_MOST 200000u

/* ---- by hand ---- */

struct example {
	const char *what;
	const char *block;
	size_t block_size;
	const char *bytes; /* NULL: refused */
	size_t size;
};

#define BLOCK(text)        (text), sizeof(text) - 1
#define UNPACKS(text)      (text), sizeof(text) - 1
#define REFUSED(size)      NULL, (size)
#define TWELVE             "abcdefghijkl"
#define END_OF_TWELVE      "\xc0" TWELVE
#define ONE_LITERAL_MATCH5 "\x11" /* a literal, then a match of 5 */

static const struct example examples[] = {
        {"nothing", BLOCK("\x00"), UNPACKS("")},
        {"literals", BLOCK("\x50hello"), UNPACKS("hello")},
        {"fifteen literals",
                BLOCK("\xf0\x00"
                      "123456789abcdef"),
                UNPACKS("123456789abcdef")},
        {"a run", BLOCK(ONE_LITERAL_MATCH5 "x\x01\x00" END_OF_TWELVE), UNPACKS("xxxxxx" TWELVE)},
        {"a pattern of three", BLOCK("\x32xyz\x03\x00" END_OF_TWELVE), UNPACKS("xyzxyzxyz" TWELVE)},
        {"a pattern of four", BLOCK("\x44wxyz\x04\x00" END_OF_TWELVE), UNPACKS("wxyzwxyzwxyz" TWELVE)},
        {"a pattern of five", BLOCK("\x54vwxyz\x05\x00" END_OF_TWELVE), UNPACKS("vwxyzvwxyzvwx" TWELVE)},
        {"a match of 19", BLOCK("\x1fx\x01\x00\x00" END_OF_TWELVE), UNPACKS("xxxxxxxxxxxxxxxxxxxx" TWELVE)},
        {"no literals between matches", BLOCK("\x10x\x01\x00\x00\x05\x00" END_OF_TWELVE), UNPACKS("xxxxxxxxx" TWELVE)},
        /* Unpacked over itself, its copies end nearest to what is yet to be read. */
        {"a match of nine before many literals", BLOCK("\x45wxyz\x04\x00\xf0\x15" TWELVE TWELVE TWELVE),
                UNPACKS("wxyzwxyzwxyzw" TWELVE TWELVE TWELVE)},
        {"a match that is not short, behind literals whose copies reach its token",
                BLOCK("\xd0"
                      "abcdefghijklm"
                      "\x03\x00\xf0\x05"
                      "12345678901234567890"),
                UNPACKS("abcdefghijklmklmk12345678901234567890")},
        {"five literals at the end", BLOCK("\x1ex\x01\x00\x50hello"), UNPACKS("xxxxxxxxxxxxxxxxxxxhello")},

        {"no token", BLOCK(""), REFUSED(0)},
        {"no token for a byte", BLOCK(""), REFUSED(1)},
        {"more than there is room for", BLOCK("\x50hello"), REFUSED(4)},
        {"less than there should be", BLOCK("\x50hello"), REFUSED(6)},
        {"fewer literals than said", BLOCK("\x60hello"), REFUSED(6)},
        {"a length that is cut off", BLOCK("\xf0"), REFUSED(15)},
        {"a length that is cut off later", BLOCK("\xf0\xff\xff"), REFUSED(1000)},
        {"literals without a match", BLOCK("\x50helloworld"), REFUSED(10)},
        {"half an offset", BLOCK("\x10x\x01"), REFUSED(5)},
        {"nothing behind a match", BLOCK("\x10x\x01\x00"), REFUSED(5)},
        {"nothing behind the length of a match", BLOCK("\x1fx\x01\x00\xff\xff\xff\xff\xff\x00"), REFUSED(1300)},
        {"offset 0", BLOCK(ONE_LITERAL_MATCH5 "x\x00\x00" END_OF_TWELVE), REFUSED(18)},
        {"an offset to before the beginning", BLOCK(ONE_LITERAL_MATCH5 "x\x02\x00" END_OF_TWELVE), REFUSED(18)},
        {"a far offset", BLOCK(ONE_LITERAL_MATCH5 "x\xff\xff" END_OF_TWELVE), REFUSED(18)},
        {"a match past the end", BLOCK("\x1fx\x01\x00\xff\x00" END_OF_TWELVE), REFUSED(18)},
        {"four literals at the end",
                BLOCK("\x1ex\x01\x00\x40"
                      "1234"),
                REFUSED(23)},
        {"four literals at the end of short ones",
                BLOCK("\xee" TWELVE "yz\x04\x00\x40"
                      "1234"),
                REFUSED(36)},
        {"a match that ends too late",
                BLOCK("\x1fx\x01\x00\x00\x40"
                      "1234"),
                REFUSED(24)},
        {"a match that begins too late", BLOCK("\x10x\x01\x00\x50hello"), REFUSED(10)},
};

static bool unpacks(const void *block, size_t block_size, const void *bytes, size_t size)
{
	uint8_t *from = malloc(block_size), *to = malloc(size);
	bool good;

	memcpy(from, block, block_size);
	good = lz4_unpack(from, block_size, to, size);
	if (good && bytes)
		assert_memory_equal(to, bytes, size);
	free(from);
	free(to);
	return good;
}

static void unpacks_over_itself(const void *block, size_t block_size, const void *bytes, size_t size)
{
	size_t room = lz4_room((uint32_t)block_size, (uint32_t)size);
	uint8_t *memory = malloc(room);

	assert_true(block_size <= room);
	memcpy(memory + room - block_size, block, block_size);
	assert_true(lz4_unpack(memory + room - block_size, block_size, memory, size));
	assert_memory_equal(memory, bytes, size);
	free(memory);
}

static void examples_are_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct example *e = &examples[i];

		if (unpacks(e->block, e->block_size, e->bytes, e->size) != (e->bytes != NULL))
			fail_msg("%s", e->what);
		if (e->bytes)
			unpacks_over_itself(e->block, e->block_size, e->bytes, e->size);
	}
}

/* ---- at random ---- */

/* Bytes that repeat themselves more or less: runs, copies of what was before, noise. */
static uint8_t *roll_bytes(struct dice *dice, size_t *size)
{
	size_t most = 1 + dice_below(dice, 1u << (1 + dice_below(dice, 18)));
	uint64_t noise = dice_below(dice, 11);
	uint8_t *bytes = malloc(*size = most < SIZE_MOST ? most : SIZE_MOST);

	for (size_t at = 0; at < *size;) {
		size_t length = 1 + dice_below(dice, 1u << dice_below(dice, 12)), back = 1;
		bool is_new = at == 0 || dice_below(dice, 10) < noise;

		if (at > 0)
			back += dice_below(dice, dice_below(dice, 2) ? at : at < 8 ? at : 8);
		for (; length > 0 && at < *size; at++, length--)
			bytes[at] = is_new ? (uint8_t)dice_roll(dice) : bytes[at - back];
	}
	return bytes;
}

/* Cut off anywhere, into more or fewer bytes, or with bytes changed: it may be refused, and touches nothing outside. */
static void damage(struct dice *dice, const uint8_t *block, size_t block_size, const uint8_t *bytes, size_t size)
{
	uint8_t *changed = malloc(block_size);
	size_t cut = dice_below(dice, block_size);

	assert_false(unpacks(block, cut, bytes, size));
	assert_false(unpacks(block, block_size, NULL, size + 1));
	assert_false(unpacks(block, block_size, NULL, size - 1));
	memcpy(changed, block, block_size);
	for (uint64_t i = dice_below(dice, 5) + 1; i > 0; i--)
		changed[dice_below(dice, block_size)] = (uint8_t)dice_roll(dice);
	unpacks(changed, block_size, NULL, size);
	free(changed);
}

static void what_is_packed_unpacks(void **state)
{
	struct dice dice = dice_take("lz4");

	(void)state;
	for (uint64_t round = dice_rounds(300); round > 0; round--) {
		size_t size, block_size;
		uint8_t *block, *bytes = roll_bytes(&dice, &size);

		block_size = pack(bytes, size, &block);
		assert_true(unpacks(block, block_size, bytes, size));
		unpacks_over_itself(block, block_size, bytes, size);
		damage(&dice, block, block_size, bytes, size);
		free(block);
		free(bytes);
	}
}

#if HAS_LZ4

static void the_other_unpacks_ours(const uint8_t *block, size_t block_size, const uint8_t *bytes, size_t size)
{
	char *other = malloc(size);

	assert_int_equal(LZ4_decompress_safe((const char *)block, other, (int)block_size, (int)size), size);
	assert_memory_equal(other, bytes, size);
	free(other);
}

static void the_other_packs_as_well(void **state)
{
	struct dice dice = dice_take("lz4");
	uint64_t ours = 0, theirs = 0;

	(void)state;
	for (uint64_t round = dice_rounds(200); round > 0; round--) {
		size_t size, block_size;
		uint8_t *block, *bytes = roll_bytes(&dice, &size);
		int other_most = LZ4_compressBound((int)size), other_size;
		char *other = malloc((size_t)other_most);

		block_size = pack(bytes, size, &block);
		the_other_unpacks_ours(block, block_size, bytes, size);
		other_size = LZ4_compress_HC((const char *)bytes, other, (int)size, other_most,
		        1 + (int)dice_below(&dice, LZ4HC_CLEVEL_MAX));
		assert_true(unpacks(other, (size_t)other_size, bytes, size));
		unpacks_over_itself(other, (size_t)other_size, bytes, size);
		ours += block_size;
		theirs += (uint64_t)other_size;
		free(other);
		free(block);
		free(bytes);
	}
	print_message("ours %llu bytes, liblz4's %llu\n", (unsigned long long)ours, (unsigned long long)theirs);
	assert_true(ours < theirs + theirs / 100);
}

#else

static void the_other_packs_as_well(void **state)
{
	(void)state;
	print_message("liblz4 is not here\n");
	skip();
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(examples_are_right),
	        cmocka_unit_test(what_is_packed_unpacks),
	        cmocka_unit_test(the_other_packs_as_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
