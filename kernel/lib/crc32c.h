/*
 * CRC-32C (Castagnoli): the check on everything the loader reads from the disk.
 *
 * Pure: the caller owns the table, so that stage 2 can put it where it has room.
 */
#ifndef LIB_CRC32C_H
#define LIB_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* entry[b]: what byte b does to the remainder. */
struct crc32c_table {
	uint32_t entry[256];
};

/* [any] Fills the table. It must be filled before crc32c() uses it. */
void crc32c_table_init(struct crc32c_table *table);

/*
 * [any] Check value of `length` bytes at `data`. Begin with crc = 0; to go on with more bytes, pass the previous
 * result. The values are those of RFC 3720, appendix B.4, and of the SSE4.2 instruction CRC32.
 */
uint32_t crc32c(const struct crc32c_table *table, uint32_t crc, const void *data, size_t length);

#endif
