/*
 * Source lines in reports, if the image has the module `lines` (make LINES=1).
 */
#ifndef CORE_LINES_H
#define CORE_LINES_H

#include "boot/boot_info.h"

/* [init] Remembers where the module is. It is not looked into before it is needed. */
void lines_start(const struct boot_info *info);

/* Longest text that lines_describe writes, with its zero byte. */
#define LINES_TEXT_MAX 100

/* [irq] Writes ` (path/file.c:12)` for an address of code, or nothing where that is not known; returns `text`. */
const char *lines_describe(uint64_t address, char text[LINES_TEXT_MAX]);

#endif
