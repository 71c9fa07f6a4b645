/*
 * The pager shows a long text a screenful at a time.
 */
#ifndef MONITOR_PAGER_H
#define MONITOR_PAGER_H

#include <stdbool.h>
#include <stddef.h>

#include "dev/input.h"

/* Of a long page so much is written at once (a row that is longer than that, too): others have their turn in between,
 * and interrupts, which are off while the sinks are written to. */
#define PAGER_PIECE 256u

struct pager {
	const char *text; /* what is left of it; the caller's. `length` 0: nothing, it is over */
	size_t length;
	unsigned int rows, columns;
	unsigned int page; /* rows to be written before a key is waited for */
};

/* [any] Begins to show the text, a screen of `rows` (0: of any height) and `columns` at a time. */
void pager_start(struct pager *pager, const char *text, size_t length, unsigned int rows, unsigned int columns);

/* [any] It waits for a key, which pager_key() is to be told; else pager_write() has something to write. */
static inline bool pager_waits(const struct pager *pager)
{
	return pager->length > 0 && pager->page == 0;
}

/* [task] Writes a piece of the page, unless it waits. What does not end a line is given a line's end with the page's.
 */
void pager_write(struct pager *pager);

/* [task] A key: Space for the next page, Enter for a line, q or Ctrl-C for no more. */
void pager_key(struct pager *pager, struct key_event event);

/* [task] No more of it is shown. */
void pager_end(struct pager *pager);

/* [any] The key is Ctrl-C. */
bool pager_is_interruption(struct key_event event);

#endif
