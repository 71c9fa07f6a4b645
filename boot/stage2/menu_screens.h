/* Where the menu is seen: on the PC's screen, as text or drawn, and on the terminal on COM1, the same on both. */
#ifndef STAGE2_MENU_SCREENS_H
#define STAGE2_MENU_SCREENS_H

#include "menu_canvas.h"

/* What the screen shows is kept in `kept`; with `video=` among these words the menu is drawn. */
void menu_screens_begin(const char *command_line, uint16_t kept[CANVAS_CELLS]);

/* What is to be seen is drawn there first. */
struct canvas *menu_screens_canvas(void);

/* Shows it. */
void menu_screens_show(void);

/* Shows what was there before. */
void menu_screens_end(void);

#endif
