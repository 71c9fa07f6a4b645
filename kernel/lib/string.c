/*
 * Copying goes by machine words, eight in a row: plain C that an emulator runs faster than `rep movsq`, whose speed
 * there depends on how far apart the two areas are.
 */
#include "lib/string.h"

#include <stdint.h>

/* A machine word at any address, aliasing anything. */
struct word {
	uintptr_t value;
} __attribute__((packed, may_alias));

#define WORD ((size_t)sizeof(struct word))
#define ROW  (8 * WORD)

/* Keeps the compiler from seeing through a loop: it would replace the loop by a call of the function it stands in. */
static inline void opaque(void)
{
	__asm__ volatile("" ::: "memory");
}

static inline void copy_word(unsigned char *to, const unsigned char *from)
{
	((struct word *)(void *)to)->value = ((const struct word *)(const void *)from)->value;
}

/* Written out: where compilers save bytes, and gcc at -O2, a loop would take five instructions a word instead of two.
 */
static inline void copy_row(unsigned char *to, const unsigned char *from)
{
	copy_word(to, from);
	copy_word(to + WORD, from + WORD);
	copy_word(to + 2 * WORD, from + 2 * WORD);
	copy_word(to + 3 * WORD, from + 3 * WORD);
	copy_word(to + 4 * WORD, from + 4 * WORD);
	copy_word(to + 5 * WORD, from + 5 * WORD);
	copy_word(to + 6 * WORD, from + 6 * WORD);
	copy_word(to + 7 * WORD, from + 7 * WORD);
}

/* Lowest byte first: right also where the areas overlap and `to` is the lower one. */
static void copy_up(unsigned char *to, const unsigned char *from, size_t size)
{
	for (size_t rows = size / ROW; rows > 0; rows--, to += ROW, from += ROW) { /* a counter is the shortest loop */
		copy_row(to, from);
		opaque();
	}
	size %= ROW;
	for (; size >= WORD; size -= WORD, to += WORD, from += WORD) {
		copy_word(to, from);
		opaque();
	}
	for (; size > 0; size--) {
		*to++ = *from++;
		opaque();
	}
}

/* Highest byte first: for overlapping areas where `to` is the higher one. */
static void copy_down(unsigned char *to, const unsigned char *from, size_t size)
{
	for (; size >= WORD; size -= WORD) {
		copy_word(to + size - WORD, from + size - WORD);
		opaque();
	}
	for (; size > 0; size--) {
		to[size - 1] = from[size - 1];
		opaque();
	}
}

void *memcpy(void *to, const void *from, size_t size)
{
	copy_up(to, from, size);
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	if ((uintptr_t)to <= (uintptr_t)from)
		copy_up(to, from, size);
	else
		copy_down(to, from, size);
	return to;
}

static inline void fill_row(unsigned char *to, uintptr_t pattern)
{
	struct word *word = (struct word *)(void *)to;

	word[0].value = pattern;
	word[1].value = pattern;
	word[2].value = pattern;
	word[3].value = pattern;
	word[4].value = pattern;
	word[5].value = pattern;
	word[6].value = pattern;
	word[7].value = pattern;
}

void *memset(void *to, int value, size_t size)
{
	unsigned char byte = (unsigned char)value;
	unsigned char *p = to;
	uintptr_t pattern = UINTPTR_MAX / 255 * byte;

	for (size_t rows = size / ROW; rows > 0; rows--, p += ROW) {
		fill_row(p, pattern);
		opaque();
	}
	for (size %= ROW; size > 0; size--) {
		*p++ = byte;
		opaque();
	}
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const unsigned char *left = a, *right = b;

	for (size_t i = 0; i < size; i++) {
		if (left[i] != right[i])
			return left[i] - right[i];
	}
	return 0;
}

size_t strlen(const char *text)
{
	size_t length = 0;

	while (text[length] != '\0') {
		length++;
		opaque();
	}
	return length;
}

size_t strnlen(const char *text, size_t limit)
{
	size_t length = 0;

	while (length < limit && text[length] != '\0')
		length++;
	return length;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t limit)
{
	for (size_t i = 0; i < limit; i++) {
		unsigned char left = (unsigned char)a[i], right = (unsigned char)b[i];

		if (left != right || left == '\0')
			return left - right;
	}
	return 0;
}

char *strchr(const char *text, int wanted)
{
	for (; *text != (char)wanted; text++) {
		if (*text == '\0')
			return NULL;
	}
	return (char *)(uintptr_t)text;
}
