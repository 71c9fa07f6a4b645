#include "sample_video_mode.h"

/* Bit by bit: each colour has 1 to 8, all in the pixel, none of them twice. */
static const char *judge_colours(const struct boot_framebuffer *s)
{
	const uint8_t sizes[] = {s->red_size, s->green_size, s->blue_size};
	const uint8_t shifts[] = {s->red_shift, s->green_shift, s->blue_shift};
	unsigned uses[512] = {0};

	for (unsigned colour = 0; colour < 3; colour++) {
		if (sizes[colour] < 1 || sizes[colour] > 8)
			return "a colour has no bits or too many";
		for (unsigned bit = 0; bit < sizes[colour]; bit++) {
			if (shifts[colour] + bit >= s->bits_per_pixel)
				return "a colour stands outside the pixel";
			if (uses[shifts[colour] + bit]++)
				return "two colours share a bit";
		}
	}
	return NULL;
}

const char *sample_video_mode_judge(const struct boot_framebuffer *s)
{
	if (s->bits_per_pixel != 16 && s->bits_per_pixel != 24 && s->bits_per_pixel != 32)
		return "depth";
	if (s->width < VIDEO_LEAST_WIDTH || s->height < VIDEO_LEAST_HEIGHT || s->width > 65535 || s->height > 65535)
		return "size";
	if (s->pitch < s->width * (s->bits_per_pixel / 8u))
		return "lines overlap";
	if (s->base == 0 || s->base + (uint64_t)s->pitch * s->height > 0x100000000ull)
		return "lies where no 32-bit address reaches";
	if (video_mode_size(s) != (uint64_t)s->pitch * s->height)
		return "its size wraps";
	return judge_colours(s);
}

const char *sample_video_mode_judge_list(const struct video_candidates *candidates, const struct video_wish *wish)
{
	if (candidates->count > VIDEO_CANDIDATES_MAX)
		return "too many";
	for (uint32_t i = 0; i < candidates->count; i++) {
		const struct video_candidate *c = &candidates->list[i];

		if (i > 0 && c->distance < candidates->list[i - 1].distance)
			return "not sorted";
		if (wish->is_limit && (c->screen.width > wish->width || c->screen.height > wish->height))
			return "larger than the limit";
		if (c->distance == 0 && (c->screen.width != wish->width || c->screen.height != wish->height ||
		                                c->screen.bits_per_pixel != wish->bits))
			return "taken for the wish";
	}
	return NULL;
}
