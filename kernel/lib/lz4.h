/*
 * Unpacks LZ4 blocks (github.com/lz4/lz4, doc/lz4_Block_format.md; no frame around them). Every byte of one is taken
 * for hostile.
 */
#ifndef LIB_LZ4_H
#define LIB_LZ4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * [any] Unpacks a block to exactly `size` bytes at `to`. False, and there is anything at `to`, when the block is
 * malformed or unpacks to more or fewer; it touches nothing outside either way. The block may lie at the very end of
 * lz4_room() bytes that begin at `to`: then it is overwritten as it is read.
 */
bool lz4_unpack(const void *block, size_t block_size, void *to, size_t size);

/*
 * [any] How many bytes a block needs to unpack over itself. A sequence with a match takes fewer bytes than it gives,
 * but for those that tell a length of 15 literals or more: one for every 255 of them. The last one, of literals alone,
 * has two more. So what is yet to be read is never longer than what is yet to be written by more than a 256th of the
 * block and 2; the other 16 are for copies that are rounded up, by 11 at most, and to 16 in all where a token must stay
 * as it is: the loop for short sequences copies literals before it sees that the match is none of its own.
 */
static inline uint64_t lz4_room(uint32_t block_size, uint32_t size)
{
	return (uint64_t)size + block_size / 256 + 18;
}

#endif
