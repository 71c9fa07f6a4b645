/*
 * Our terminal and libvterm's side by side: the same bytes go to both, and both are compared cell by cell.
 */
#ifndef UNIT_VTERM_PAIR_H
#define UNIT_VTERM_PAIR_H

#include <vterm.h>

#include "tty/terminal.h"
#include "dice.h"

#define PAIR_REPLIES_MAX 256

struct replies {
	char text[PAIR_REPLIES_MAX];
	size_t length;
};

struct pair {
	struct terminal ours;
	struct cell *cells, *alternate;
	VTerm *vterm;
	VTermScreen *screen;
	struct replies our_replies, its_replies;
	char *said; /* everything so far, for the report of a difference */
	size_t said_length, said_size;
};

void pair_start(struct pair *pair, unsigned int columns, unsigned int rows);
void pair_end(struct pair *pair);

/* Gives the bytes to both: to libvterm at once, to us in pieces that the dice choose (at once without dice). */
void pair_write(struct pair *pair, struct dice *dice, const char *text, size_t length);

/* Prints the first difference and what was said, and returns false, if there is one. */
bool pair_is_equal(const struct pair *pair);

#endif
