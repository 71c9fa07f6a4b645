/*
 * What a display says of itself (VESA Enhanced Extended Display Identification Data Standard, release A, revision 2).
 * Pure: compiles unchanged for the host, where it is tested.
 */
#ifndef STAGE2_VIDEO_EDID_H
#define STAGE2_VIDEO_EDID_H

#include <stdbool.h>
#include <stdint.h>

#define VIDEO_EDID_SIZE 128u /* of its first block */

/* The mode it likes best, as a rule the one that has as many pixels as it. False if it says none that makes sense. */
bool video_edid_preferred(const uint8_t edid[VIDEO_EDID_SIZE], uint32_t *width, uint32_t *height);

#endif
