/*
 * The VGA text screen as a place to write to.
 */
#ifndef DRIVERS_VGA_TEXT_H
#define DRIVERS_VGA_TEXT_H

#include "boot/boot_info.h"

/* [init] Goes on below the loader's last line and adds the screen to the log's sinks; nothing where there is no screen.
 */
void vga_text_start(const struct boot_text_screen *screen);

#endif
