/* What makes a mode that was read fit to be drawn on: the rules written once more, for tests and the fuzzer. */
#ifndef UNIT_SAMPLE_VIDEO_MODE_H
#define UNIT_SAMPLE_VIDEO_MODE_H

#include "video_mode.h"

/* NULL, or what is wrong with a framebuffer that video_mode_read() made. */
const char *sample_video_mode_judge(const struct boot_framebuffer *screen);

/* NULL, or what is wrong with a list of candidates for that wish. */
const char *sample_video_mode_judge_list(const struct video_candidates *candidates, const struct video_wish *wish);

#endif
