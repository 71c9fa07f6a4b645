/*
 * The menu, for who asks for it: by Shift or a key, on the keyboard or on COM1, or for some seconds if the
 * configuration says so. All of it but the question is extra.h's.
 */
#ifndef STAGE2_MENU_H
#define STAGE2_MENU_H

#include "config.h"

/* Shows the menu if it is wanted, and changes *start to what was chosen. `text`, if it is not NULL, is what `config`
 * was read from. */
void menu_offer(const struct image_header *header, const struct config *config, const struct image_config *text,
        struct start *start);

#endif
