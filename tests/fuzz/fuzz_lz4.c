/*
 * Any bytes as an LZ4 block: nothing outside is touched, liblz4, where it is here, says the same of them, and what is
 * good unpacks over itself, too.
 *
 * Input: two bytes, how many the block should unpack to; then the block.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/lz4.h"

#if __has_include(<lz4.h>)
#include <lz4.h>
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifdef LZ4_VERSION_MAJOR

static size_t length_at(const uint8_t **at, const uint8_t *end, size_t length)
{
	bool more = length == 15;

	while (more && *at < end) {
		more = **at == 255;
		length += *(*at)++;
	}
	return length;
}

/* The format forbids it, liblz4 does not look. */
static bool has_offset_0(const uint8_t *at, const uint8_t *end)
{
	while (at < end) {
		uint8_t token = *at++;
		size_t literals = length_at(&at, end, token >> 4);

		if (literals + 2 > (size_t)(end - at))
			return false;
		at += literals;
		if (at[0] == 0 && at[1] == 0)
			return true;
		at += 2;
		length_at(&at, end, token & 15);
	}
	return false;
}

static void compare(const uint8_t *block, size_t block_size, const uint8_t *ours, size_t size, bool is_good)
{
	char *theirs = malloc(size);
	int count = LZ4_decompress_safe((const char *)block, theirs, (int)block_size, (int)size);
	bool is_good_there = count >= 0 && (size_t)count == size;

	if (is_good_there != is_good && !(is_good_there && has_offset_0(block, block + block_size)))
		abort();
	if (is_good && memcmp(ours, theirs, size) != 0)
		abort();
	free(theirs);
}

#else

static void compare(const uint8_t *block, size_t block_size, const uint8_t *ours, size_t size, bool is_good)
{
	(void)block;
	(void)block_size;
	(void)ours;
	(void)size;
	(void)is_good;
}

#endif

static void unpack_over_itself(const uint8_t *block, size_t block_size, const uint8_t *bytes, size_t size, bool is_good)
{
	size_t room = lz4_room((uint32_t)block_size, (uint32_t)size);
	uint8_t *memory;

	if (block_size > room)
		return;
	memory = malloc(room);
	memcpy(memory + room - block_size, block, block_size);
	if (!lz4_unpack(memory + room - block_size, block_size, memory, size) && is_good)
		abort();
	if (is_good && memcmp(memory, bytes, size) != 0)
		abort();
	free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *block, *to;
	size_t to_size;
	bool is_good;

	if (size < 2)
		return 0;
	to_size = 1 + (data[0] | data[1] << 8); /* of no bytes at all liblz4 has an opinion of its own */
	block = malloc(size - 2);
	memcpy(block, data + 2, size - 2);
	to = malloc(to_size);
	is_good = lz4_unpack(block, size - 2, to, to_size);
	compare(block, size - 2, to, to_size, is_good);
	unpack_over_itself(block, size - 2, to, to_size, is_good);
	free(to);
	free(block);
	return 0;
}
