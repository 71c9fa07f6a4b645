/* Text to be read on the menu's pages: collected, broken into lines that fit, and scrolled. Pure. */
#ifndef STAGE2_MENU_TEXT_H
#define STAGE2_MENU_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define MENU_TEXT_COLUMNS 76u
#define MENU_TEXT_ROWS    20u

struct menu_text {
	char *bytes;
	uint32_t room, length; /* what does not fit is left out */
	uint32_t column;       /* of the line that is being written */
	uint32_t lines, top;   /* how many there are, and the first that is seen */
};

void menu_text_begin(struct menu_text *text, char *bytes, uint32_t room);
void menu_text_add(struct menu_text *text, const char *bytes, size_t length);
void menu_text_print(struct menu_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Line number `number`, of *length bytes. */
const char *menu_text_line(const struct menu_text *text, uint32_t number, uint32_t *length);

/* Scrolls as the key says. */
void menu_text_key(struct menu_text *text, unsigned key);

#endif
