/*
 * A linear framebuffer as a display.
 */
#ifndef DRIVERS_FRAMEBUFFER_H
#define DRIVERS_FRAMEBUFFER_H

#include "boot/boot_info.h"

/* [init] Clears it and registers a display, if the loader has set up a framebuffer and there is a font. */
void framebuffer_start(const struct boot_info *info);

#endif
