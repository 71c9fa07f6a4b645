/*
 * The console: what the system says, and what people write, on a display. It is a sink of the log.
 */
#ifndef TTY_CONSOLE_H
#define TTY_CONSOLE_H

#include "boot/boot_info.h"

/* [init] From here on the first display shows what the loader said, and what is said after it. Needs no memory, and
 * takes a part of a large screen at first. Does nothing if there is no display. */
void console_start(const struct boot_info *info);

/* [init] With memory, from the heap: all of the screen is used, and lines that are scrolled out are kept. */
void console_start_memory(void);

/* [init] From here on a task draws, when others have had their say: however many lines come in between. Until then, and
 * in an emergency, everything is drawn at once. */
void console_start_task(void);

/* [task] Shows what is `lines` above what is shown now, or below if they are negative, as far as there are lines. What
 * is said next brings the view back. */
void console_scroll_back(int lines);

struct console_size {
	unsigned int columns, rows;
};

/* [irq] How much text fits; 80 x 25 if there is no display. */
struct console_size console_size(void);

#endif
