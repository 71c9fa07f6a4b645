/*
 * The pager shows a long text a screenful at a time.
 */
#ifndef MONITOR_PAGER_H
#define MONITOR_PAGER_H

#include <stdbool.h>
#include <stddef.h>

#include "dev/input.h"

struct pager {
	const char *text; /* what is left of it; the caller's */
	size_t length;
	unsigned int rows, columns;
};

/*
 * [task] Writes the text, up to a screen of `rows` (0: of any height) and `columns`. True: there is more, and
 * pager_key() wants to be called. What does not end a line is given a line's end.
 */
bool pager_start(struct pager *pager, const char *text, size_t length, unsigned int rows, unsigned int columns);

/* [task] A key: Space for the next page, Enter for a line, q or Ctrl-C for no more. True: there still is more. */
bool pager_key(struct pager *pager, struct key_event event);

#endif
