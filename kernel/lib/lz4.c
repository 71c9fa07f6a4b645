/*
 * A block is sequences: a token with two lengths, literals, and a match, which repeats what was unpacked before. Most
 * are short, and most of a kernel's start is spent here: so those with both lengths in the token have a loop of their
 * own, which leaves to the other one all that is rare, and the ends of block and room.
 */
#include "lib/lz4.h"

#define MATCH_MIN      4u
#define LENGTH_GOES_ON 15u /* in a token's half: what follows is added */
#define OFFSET_SIZE    2u

/* The end of a block, by the format: so many literals at least, and no match that begins nearer to it. */
#define LITERALS_AT_END 5u
#define MATCH_TO_END    12u

/* What a short sequence reads at most, its literals rounded up to words, and what must be left for it to be written:
 * copies rounded up need less than the end of a block. */
#define SHORT_READS  (1u + 16 + OFFSET_SIZE)
#define SHORT_WRITES (14u + 18 + LITERALS_AT_END)

#define ALWAYS_INLINE static inline __attribute__((always_inline))

#define WORD 4u

/* What is yet to be read and written. */
struct unpacker {
	const uint8_t *in, *end;
	uint8_t *begin, *out;
	size_t room;
};

ALWAYS_INLINE void copy_word(uint8_t *to, const uint8_t *from)
{
	uint32_t word;

	__builtin_memcpy(&word, from, WORD); /* one load and one store, whatever the alignment, in this order */
	__builtin_memcpy(to, &word, WORD);
}

ALWAYS_INLINE void copy_two_words(uint8_t *to, const uint8_t *from)
{
	copy_word(to, from);
	copy_word(to + WORD, from + WORD);
}

/* From the lowest byte on: what begins a word or more before `to`, but less than `length`, is repeated. Touches up to
 * WORD bytes too many. */
static void copy_words(uint8_t *to, const uint8_t *from, size_t length)
{
	size_t i = 0;

	do {
		copy_word(to + i, from + i);
		i += WORD;
	} while (i < length);
}

static void copy_bytes(uint8_t *to, const uint8_t *from, size_t length)
{
	for (size_t i = 0; i < length; i++)
		to[i] = from[i];
}

/* Stops before a sequence that is not short, or not good, and before the end in any case. */
ALWAYS_INLINE void unpack_short(struct unpacker *u)
{
	const uint8_t *in = u->in, *in_last;
	uint8_t *out = u->out, *out_last;

	if ((size_t)(u->end - in) < SHORT_READS || u->room < SHORT_WRITES)
		return;
	in_last = u->end - SHORT_READS;
	out_last = out + u->room - SHORT_WRITES;
	while (in <= in_last && out <= out_last) {
		unsigned token = *in, literals = token >> 4, match = token & 15, offset;
		const uint8_t *from = in + 1;

		if (literals == LENGTH_GOES_ON || match == LENGTH_GOES_ON)
			break;
		copy_two_words(out, from);
		if (literals > 2 * WORD)
			copy_two_words(out + 2 * WORD, from + 2 * WORD);
		from += literals;
		offset = from[0] | from[1] << 8;
		if (offset < WORD || offset > (size_t)(out - u->begin) + literals)
			break;
		in = from + OFFSET_SIZE;
		out += literals;
		from = out - offset;
		copy_two_words(out, from);
		if (match > 2 * WORD - MATCH_MIN) {
			copy_two_words(out + 2 * WORD, from + 2 * WORD);
			copy_word(out + 4 * WORD, from + 4 * WORD);
		}
		out += match + MATCH_MIN;
	}
	u->room -= (size_t)(out - u->out);
	u->out = out;
	u->in = in;
}

/* Adds to a length that goes on. False if it is cut off; one above `most` may be, without wrapping around. */
static bool read_length(struct unpacker *u, size_t most, size_t *length)
{
	uint8_t more = 255;

	if (*length < LENGTH_GOES_ON)
		return true;
	while (more == 255 && *length <= most) {
		if (u->in == u->end)
			return false;
		more = *u->in++;
		*length += more;
	}
	return true;
}

/* One sequence of any kind. Behind the last one, of literals alone, there is no more room; behind another one there is.
 */
static bool unpack_any(struct unpacker *u)
{
	size_t literals = *u->in >> 4, match = *u->in & 15, left, offset;

	u->in++;
	if (!read_length(u, u->room, &literals) || literals > u->room || literals > (size_t)(u->end - u->in))
		return false;
	left = (size_t)(u->end - u->in) - literals;
	u->room -= literals;
	if (left == 0) {
		copy_bytes(u->out, u->in, literals);
		u->in = u->end;
		return true;
	}
	if (u->room < MATCH_TO_END || left < OFFSET_SIZE + 1 + LITERALS_AT_END)
		return false;
	copy_words(u->out, u->in, literals);
	u->out += literals;
	u->in += literals;

	offset = u->in[0] | u->in[1] << 8;
	u->in += OFFSET_SIZE;
	if (!read_length(u, u->room, &match) || match > u->room - MATCH_MIN - LITERALS_AT_END || offset == 0 ||
	        offset > (size_t)(u->out - u->begin))
		return false;
	match += MATCH_MIN;
	if (offset >= WORD)
		copy_words(u->out, u->out - offset, match);
	else
		copy_bytes(u->out, u->out - offset, match);
	u->out += match;
	u->room -= match;
	return true;
}

bool lz4_unpack(const void *block, size_t block_size, void *to, size_t size)
{
	struct unpacker u = {
	        .in = block, .end = (const uint8_t *)block + block_size, .begin = to, .out = to, .room = size};

	while (u.in < u.end) {
		unpack_short(&u);
		if (!unpack_any(&u))
			return false;
	}
	return block_size > 0 && u.room == 0;
}
