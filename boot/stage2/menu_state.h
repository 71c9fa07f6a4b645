/* What the menu shows, and what a key does to it. Pure. */
#ifndef STAGE2_MENU_STATE_H
#define STAGE2_MENU_STATE_H

#include <stdbool.h>

#include "config.h"
#include "menu_line.h"
#include "menu_text.h"

enum menu_page { MENU_ENTRIES, MENU_EDITOR, MENU_TEXT };

/* What the key was that somebody else must do something about. */
enum menu_wish { MENU_NOTHING, MENU_START, MENU_MEMORY, MENU_LOG, MENU_LAST_RUN, MENU_HELP };

#define MENU_LINE_COLUMNS 76u /* of a row in which a command line is edited */

struct menu {
	const struct image_header *header;
	const struct config *config;
	const char *complaint; /* what is wrong with the configuration, "" if nothing is */
	const char *last_run;  /* how it ended, if that was not wanted, else NULL */
	struct start *start;   /* what was chosen when the wish is MENU_START */
	enum menu_page page;
	uint32_t selected;     /* entry */
	bool counts;           /* down to a start, as nobody has pressed a key yet */
	uint32_t seconds;      /* that are left then */
	struct menu_line line; /* MENU_EDITOR: start->command_line */
	const char *title;     /* MENU_TEXT */
	struct menu_text text;
};

/* Begins with the entries, of which the configuration's choice is selected. */
void menu_begin(struct menu *menu, uint32_t seconds);

enum menu_wish menu_key(struct menu *menu, unsigned key);

/* A second has passed. */
enum menu_wish menu_second(struct menu *menu);

/* Shows the text that was put together in menu->text. */
void menu_show_text(struct menu *menu, const char *title);

#endif
