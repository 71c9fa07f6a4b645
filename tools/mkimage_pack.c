/*
 * Packs bytes into an LZ4 block as small as the format allows, or nearly. Of our own, so that the same kernel gives the
 * same image wherever it is built.
 *
 * Piece by piece: the longest match at each place is looked up; then, from the piece's end to its beginning, the
 * cheapest way from there to the end is found; then that way is walked and written.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/lz4.h"
#include "mkimage.h"

#define MATCH_MIN     4u
#define MATCH_END     12u /* where a match may begin at the latest, and ... */
#define LITERALS_END  5u  /* ... end, before the end of the block: the format wants it so */
#define OFFSET_MAX    65535u
#define LENGTH_INLINE 15u
#define MATCH_PRICE   3u                              /* token and offset */
#define MATCH_CHEAP   (MATCH_MIN + LENGTH_INLINE - 1) /* the longest without a byte more */
#define HASH_BITS     16u
#define PIECE         (256u * 1024u)
#define TRIES         256u /* places that are compared */
#define LONG_ENOUGH   256u /* to look for no longer one */

/* What to do at a place: take a match of so many bytes, or a literal (length 1). */
struct step {
	uint32_t length, offset;
	uint32_t price;    /* bytes of the block from here to the end of the piece */
	uint32_t literals; /* that follow each other from here on */
};

struct packer {
	const uint8_t *in;
	size_t size;
	size_t newest[1u << HASH_BITS]; /* the last place where four bytes of this hash begin, + 1; 0: none */
	size_t before[OFFSET_MAX + 1];  /* the one before a place, by the place's low bits */
	struct step step[PIECE + 1];
	uint8_t *out;
	size_t written; /* bytes of `in` that are in the block */
};

static uint32_t hash(const uint8_t *bytes)
{
	uint32_t word;

	memcpy(&word, bytes, sizeof(word));
	return word * 2654435761u >> (32 - HASH_BITS);
}

static size_t *remember(struct packer *p, size_t at)
{
	size_t *newest = &p->newest[hash(p->in + at)];
	size_t *before = &p->before[at % (OFFSET_MAX + 1)];

	*before = *newest;
	*newest = at + 1;
	return before;
}

/* How many bytes are the same at two places. */
static uint32_t match_length(const struct packer *p, size_t a, size_t b, uint32_t most)
{
	uint32_t length = 0;

	while (length < most && p->in[a + length] == p->in[b + length])
		length++;
	return length;
}

/* `best` is what the place before leaves: its match, less the first byte. */
static void find_longest(struct packer *p, size_t at, uint32_t most, struct step *best)
{
	size_t *next = remember(p, at);

	for (unsigned tries = TRIES; tries > 0 && *next && best->length < LONG_ENOUGH && best->length < most; tries--) {
		size_t from = *next - 1;

		if (at - from > OFFSET_MAX)
			break;
		if (p->in[from + best->length] == p->in[at + best->length]) { /* else it is no longer */
			uint32_t length = match_length(p, from, at, most);

			if (length > best->length)
				*best = (struct step){.length = length, .offset = (uint32_t)(at - from)};
		}
		next = &p->before[from % (OFFSET_MAX + 1)];
	}
}

static void find_matches(struct packer *p, size_t begin, uint32_t count)
{
	struct step best = {0};

	for (uint32_t i = 0; i < count; i++) {
		size_t at = begin + i;
		size_t most = p->size - at < LITERALS_END ? 0 : p->size - LITERALS_END - at;

		if (best.length > 0)
			best.length--;
		if (p->size - at >= MATCH_END)
			find_longest(p, at, (uint32_t)(most < count - i ? most : count - i), &best);
		p->step[i] = p->size - at >= MATCH_END && best.length >= MATCH_MIN ? best : (struct step){0};
	}
}

/* Bytes that a length takes behind its token. */
static uint32_t length_price(uint32_t length)
{
	return length < LENGTH_INLINE ? 0 : 1 + (length - LENGTH_INLINE) / 255;
}

static void try_match(struct step *step, const struct step *found, uint32_t length)
{
	uint32_t price;

	if (length < MATCH_MIN || length > found->length)
		return;
	price = MATCH_PRICE + length_price(length - MATCH_MIN) + step[length].price;
	if (price < step->price)
		*step = (struct step){.length = length, .offset = found->offset, .price = price};
}

/* A part of a match may be better than all of it, where a better one begins. */
static void choose(struct packer *p, uint32_t count)
{
	p->step[count] = (struct step){0};
	for (uint32_t i = count; i-- > 0;) {
		struct step *step = &p->step[i], found = *step;
		uint32_t run = step[1].literals;

		*step = (struct step){
		        .length = 1,
		        .price = step[1].price + 1 + length_price(run + 1) - length_price(run),
		        .literals = run + 1,
		};
		try_match(step, &found, found.length);
		for (uint32_t length = MATCH_MIN; length <= MATCH_CHEAP; length++)
			try_match(step, &found, length);
	}
}

static void write_length(struct packer *p, size_t length)
{
	if (length < LENGTH_INLINE)
		return;
	for (length -= LENGTH_INLINE; length >= 255; length -= 255)
		*p->out++ = 255;
	*p->out++ = (uint8_t)length;
}

static size_t in_token(size_t length)
{
	return length < LENGTH_INLINE ? length : LENGTH_INLINE;
}

/* All bytes before `at` that are not in the block yet, as literals, with what a match adds to their token. */
static void write_literals(struct packer *p, size_t at, size_t match)
{
	size_t count = at - p->written;

	*p->out++ = (uint8_t)(in_token(count) << 4 | in_token(match));
	write_length(p, count);
	memcpy(p->out, p->in + p->written, count);
	p->out += count;
	p->written = at;
}

static void write_match(struct packer *p, size_t at, const struct step *step)
{
	write_literals(p, at, step->length - MATCH_MIN);
	*p->out++ = (uint8_t)step->offset;
	*p->out++ = (uint8_t)(step->offset >> 8);
	write_length(p, step->length - MATCH_MIN);
	p->written += step->length;
}

size_t pack(const uint8_t *data, size_t size, uint8_t **block)
{
	struct packer *p = allocate(sizeof(*p));
	size_t packed;

	*block = allocate(size + size / 255 + 16);
	p->in = data;
	p->size = size;
	p->out = *block;
	for (size_t begin = 0, count; begin < size; begin += count) {
		count = size - begin < PIECE ? size - begin : PIECE;
		find_matches(p, begin, (uint32_t)count);
		choose(p, (uint32_t)count);
		for (size_t i = 0; i < count; i += p->step[i].length)
			if (p->step[i].length > 1)
				write_match(p, begin + i, &p->step[i]);
	}
	write_literals(p, size, 0);
	packed = (size_t)(p->out - *block);
	free(p);
	return packed;
}
