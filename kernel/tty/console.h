/*
 * The console: what the system says, and what people write, on a display. It is a sink of the log.
 */
#ifndef TTY_CONSOLE_H
#define TTY_CONSOLE_H

#include "boot/boot_info.h"

/* [init] From here on the first display shows what the loader said, and what is said after it. Needs no memory, and
 * takes a part of a large screen at first. Does nothing if there is no display. */
void console_start(const struct boot_info *info);

#endif
