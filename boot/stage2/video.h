/* What the video BIOS is asked for. */
#ifndef STAGE2_VIDEO_H
#define STAGE2_VIDEO_H

#include <stdbool.h>

#include "boot/boot_info.h"

/* The ROM's 8x16 font: 256 glyphs of 16 bytes; NULL without a video BIOS. */
const void *video_font(void);

/*
 * Obeys the command line's `video=`: false, and the text screen is as it was, if it asks for no graphics or there are
 * none; the latter is said. After true nobody sees any more what the loader prints, and the framebuffer is mapped.
 */
bool video_start(const char *command_line, struct boot_framebuffer *screen);

/*
 * The same for a while, and for the loader itself: nothing is mapped, and of what is wrong nothing is said yet. After
 * true the screen is black, and video_end_menu() brings the text screen back, empty or not.
 */
bool video_start_menu(const char *command_line, struct boot_framebuffer *screen);

void video_end_menu(void);

#endif
