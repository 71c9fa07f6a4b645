/*
 * The VGA text screen as a display.
 */
#ifndef DRIVERS_VGA_TEXT_H
#define DRIVERS_VGA_TEXT_H

#include "boot/boot_info.h"

/* [init] Clears the screen and registers it; does nothing where there is none. */
void vga_text_start(const struct boot_text_screen *screen);

#endif
