/* What the menu's pages tell. */
#ifndef STAGE2_MENU_INFO_H
#define STAGE2_MENU_INFO_H

#include "menu_text.h"

/* The firmware's memory map, and what was made of it. */
void menu_info_memory(struct menu_text *text);

/* What the loader has said and done so far. */
void menu_info_log(struct menu_text *text);

/* How the last run ended, in words that go on after "The last run"; NULL if that was wanted, or nothing is known. */
const char *menu_info_ending(void);

/* What it left. */
void menu_info_last_run(struct menu_text *text);

void menu_info_help(struct menu_text *text);

#endif
