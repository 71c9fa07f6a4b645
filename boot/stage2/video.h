/* What the video BIOS is asked for. */
#ifndef STAGE2_VIDEO_H
#define STAGE2_VIDEO_H

/* The ROM's 8x16 font: 256 glyphs of 16 bytes; NULL without a video BIOS. */
const void *video_font(void);

#endif
