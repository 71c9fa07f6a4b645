/* Draws the menu. Pure. */
#ifndef STAGE2_MENU_VIEW_H
#define STAGE2_MENU_VIEW_H

#include "menu_canvas.h"
#include "menu_state.h"

void menu_draw(const struct menu *menu, struct canvas *canvas);

#endif
