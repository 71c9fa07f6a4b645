#include "lib/crc32c.h"

#define POLYNOMIAL 0x82f63b78u /* 1EDC6F41h with its bits reversed: the lowest bit is sent first */

static uint32_t remainder_of_byte(uint32_t value)
{
	for (int bit = 0; bit < 8; bit++)
		value = (value >> 1) ^ (value & 1 ? POLYNOMIAL : 0);
	return value;
}

void crc32c_table_init(struct crc32c_table *table)
{
	for (uint32_t byte = 0; byte < 256; byte++)
		table->entry[0][byte] = remainder_of_byte(byte);
	for (uint32_t byte = 0; byte < 256; byte++) {
		uint32_t value = table->entry[0][byte];

		for (int zeros = 1; zeros < 4; zeros++) {
			value = (value >> 8) ^ table->entry[0][value & 0xff];
			table->entry[zeros][byte] = value;
		}
	}
}

uint32_t crc32c(const struct crc32c_table *table, uint32_t crc, const void *data, size_t length)
{
	const uint8_t *byte = data;

	crc = ~crc;
	for (; length >= 4; length -= 4, byte += 4) {
		uint32_t word;

		__builtin_memcpy(&word, byte, 4); /* one load, whatever the alignment */
		crc ^= word;
		crc = table->entry[3][crc & 0xff] ^ table->entry[2][crc >> 8 & 0xff] ^
		      table->entry[1][crc >> 16 & 0xff] ^ table->entry[0][crc >> 24];
	}
	for (; length > 0; length--, byte++)
		crc = (crc >> 8) ^ table->entry[0][(crc ^ *byte) & 0xff];
	return ~crc;
}
