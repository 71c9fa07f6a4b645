/* The menu's part that meets the hardware. */
#ifndef STAGE2_MENU_RUN_H
#define STAGE2_MENU_RUN_H

#include "config.h"

/* The configuration, kept from before the menu was loaded: its memory is the menu's, but not in what is loaded. */
extern struct image_config menu_config;

/* Shows the menu; what was chosen, or is chosen when `seconds` pass without a key, is in *start. */
void menu_run(
        const struct image_header *header, const struct image_config *text, uint32_t seconds, struct start *start);

#endif
