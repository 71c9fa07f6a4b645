#include "first_fit.h"

#define UNIT sizeof(struct piece)

/* In front of every piece, free or not; `next` only means something in free ones. Sizes count the whole piece. */
struct piece {
	size_t size;
	struct piece *next;
};

static struct piece list; /* its next is the first */

void first_fit_start(void *memory, size_t size)
{
	list.next = memory;
	list.next->size = size;
	list.next->next = NULL;
}

void *first_fit_allocate(size_t size)
{
	struct piece *before = &list, *piece;

	size = (size + UNIT - 1) / UNIT * UNIT + UNIT;
	while ((piece = before->next) != NULL && piece->size < size)
		before = piece;
	if (piece == NULL)
		return NULL;
	if (piece->size - size >= 2 * UNIT) {
		struct piece *rest = (struct piece *)(void *)((char *)piece + size);

		rest->size = piece->size - size;
		rest->next = piece->next;
		piece->size = size;
		before->next = rest;
	} else {
		before->next = piece->next;
	}
	return piece + 1;
}

static int touch(const struct piece *a, const struct piece *b)
{
	return (const char *)a + a->size == (const char *)b;
}

void first_fit_free(void *block)
{
	struct piece *piece = (struct piece *)block - 1, *before = &list;

	while (before->next != NULL && before->next < piece)
		before = before->next;
	piece->next = before->next;
	before->next = piece;
	if (piece->next != NULL && touch(piece, piece->next)) {
		piece->size += piece->next->size;
		piece->next = piece->next->next;
	}
	if (before != &list && touch(before, piece)) {
		before->size += piece->size;
		before->next = piece->next;
	}
}
