/*
 * Any mode list, and any wish: what is accepted can be drawn on, and the candidates are in order.
 *
 * Input: the length of the wish, the version the BIOS claims (high byte), the wish, then bytes to replace in a list of
 * good modes.
 */
#include <stdlib.h>

#include "change.h"
#include "sample_video_mode.h"

#define MODES 20 /* more than are kept */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void make_modes(struct vbe_mode_info modes[MODES])
{
	for (unsigned i = 0; i < MODES; i++) {
		uint8_t bits = (uint8_t)(16 + 8 * (i % 3));
		uint16_t width = (uint16_t)(640 + 64 * i), pitch = (uint16_t)(width * bits / 8);
		struct vbe_mask red = {5, 11}, green = {5, 6}, blue = {5, 0};

		modes[i] = (struct vbe_mode_info){.attributes = 0x9b,
		        .pitch = pitch,
		        .linear_pitch = pitch,
		        .width = width,
		        .height = (uint16_t)(width * 3 / 4),
		        .bits_per_pixel = bits,
		        .memory_model = 6,
		        .red = red,
		        .green = green,
		        .blue = blue,
		        .linear_red = red,
		        .linear_green = green,
		        .linear_blue = blue,
		        .base = 0xfd000000};
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct vbe_mode_info modes[MODES];
	struct video_candidates candidates = {0};
	struct video_wish wish;
	struct boot_framebuffer screen;

	if (size < 2 || size - 2 < data[0])
		return 0;
	make_modes(modes);
	change_bytes(modes, sizeof(modes), data + 2 + data[0], size - 2 - data[0]);
	if (!video_wish_parse((const char *)data + 2, data[0], &wish))
		wish = (struct video_wish){1024, 768, 32, data[0] & 1};
	for (uint16_t mode = 0; mode < MODES; mode++) {
		if (!video_mode_read(&modes[mode], (uint16_t)(data[1] << 8), &screen))
			continue;
		if (sample_video_mode_judge(&screen))
			abort();
		video_candidates_add(&candidates, &wish, mode, &screen);
		if (sample_video_mode_judge_list(&candidates, &wish))
			abort();
	}
	return 0;
}
