/* A line of text that is edited. Pure. */
#ifndef STAGE2_MENU_LINE_H
#define STAGE2_MENU_LINE_H

#include <stdbool.h>
#include <stdint.h>

struct menu_line {
	char *text;    /* ended by a zero byte */
	uint32_t room; /* without it */
	uint32_t length, cursor;
};

/* Begins with the text that is there; the cursor stands behind it. */
void menu_line_begin(struct menu_line *line, char *text, uint32_t room);

/* Does what the key says, in rows of `columns`. False if it says nothing to a line. */
bool menu_line_key(struct menu_line *line, unsigned key, uint32_t columns);

#endif
