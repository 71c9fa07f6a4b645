/*
 * Long input is folded before it meets the table. CRC-32C's generator divides
 *
 *     x^1672 + x^1152 + x^432 + x^312 + x^112 + 1        (8 times 209, 144, 54, 39, 14 and 0)
 *
 * so a byte may be left out of a message if it is added (exclusive or) to the bytes 65, 155, 170, 195 and 209 places
 * behind it: the remainder stays the same. That takes away all but the end of a message, a word in seven instructions,
 * where a table takes four for each byte. Of the generator's multiples with exponents divisible by 8 this is the
 * shortest of six terms; the shortest of four is longer than a block.
 */
#include "lib/crc32c.h"

#include "lib/string.h"

#define POLYNOMIAL 0x82f63b78u /* 1EDC6F41h with its bits reversed: the lowest bit is sent first */

#define REACH   209u
#define WORD    4u
#define ROW     (4 * WORD)
#define LONGEST 4096u /* bytes folded at a time */

void crc32c_table_init(struct crc32c_table *table)
{
	uint32_t value = POLYNOMIAL;

	/* The table is linear: what powers of two do gives all the rest. */
	table->entry[0] = 0;
	for (uint32_t power = 128; power; power /= 2) {
		for (uint32_t byte = power; byte < 256; byte += 2 * power)
			table->entry[byte] = table->entry[byte - power] ^ value;
		value = (value >> 1) ^ (value & 1 ? POLYNOMIAL : 0);
	}
}

static inline uint32_t load(const uint8_t *at)
{
	uint32_t word;

	__builtin_memcpy(&word, at, WORD); /* one load, whatever the alignment */
	return word;
}

/* The word at `data` and what the words left out before it add to it: they stand before `sum`. */
static inline __attribute__((always_inline)) uint32_t fold(const uint8_t *data, const uint8_t *sum)
{
	return load(data) ^ load(sum - 65) ^ load(sum - 155) ^ load(sum - 170) ^ load(sum - 195) ^ load(sum - 209);
}

static inline __attribute__((always_inline)) void fold_to(uint8_t *sum, const uint8_t *data)
{
	uint32_t word = fold(data, sum);

	__builtin_memcpy(sum, &word, WORD);
}

static inline uint32_t add_byte(const struct crc32c_table *table, uint32_t crc, uint32_t byte)
{
	return (crc >> 8) ^ table->entry[(crc ^ byte) & 0xff];
}

static inline uint32_t add_word(const struct crc32c_table *table, uint32_t crc, uint32_t word)
{
	crc ^= word;
	crc = add_byte(table, crc, 0);
	crc = add_byte(table, crc, 0);
	crc = add_byte(table, crc, 0);
	return add_byte(table, crc, 0);
}

static inline void fold_row(uint8_t *sum, const uint8_t *data)
{
	fold_to(sum, data);
	fold_to(sum + WORD, data + WORD);
	fold_to(sum + 2 * WORD, data + 2 * WORD);
	fold_to(sum + 3 * WORD, data + 3 * WORD);
}

/* Goes on with `length` bytes: a multiple of WORD, at least REACH and at most LONGEST. */
static uint32_t crc_by_folding(const struct crc32c_table *table, uint32_t crc, const uint8_t *data, uint32_t length)
{
	uint8_t sums[REACH + LONGEST], *sum = sums + REACH;
	const uint8_t *end = data + length;

	memset(sums, 0, REACH);
	__builtin_memcpy(sums, &crc, WORD); /* REACH before the first word, and so added to it */
	for (uint32_t rows = (length - REACH) / ROW; rows > 0; rows--, sum += ROW, data += ROW)
		fold_row(sum, data);
	memset(sum, 0, (size_t)(end - data));
	for (crc = 0; data < end; sum += WORD, data += WORD)
		crc = add_word(table, crc, fold(data, sum));
	return crc;
}

uint32_t crc32c(const struct crc32c_table *table, uint32_t crc, const void *data, size_t length)
{
	const uint8_t *byte = data;

	crc = ~crc;
	while (length >= REACH + ROW) {
		uint32_t part = length < LONGEST ? length / WORD * WORD : LONGEST;

		crc = crc_by_folding(table, crc, byte, part);
		byte += part;
		length -= part;
	}
	for (; length > 0; length--, byte++)
		crc = add_byte(table, crc, *byte);
	return ~crc;
}
