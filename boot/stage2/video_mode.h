/*
 * Which mode a graphics screen gets: what the command line asks for, and what the video BIOS's description of a mode is
 * worth (VESA BIOS Extension Core Functions Standard 3.0). Pure: compiles unchanged for the host, where it is tested.
 */
#ifndef STAGE2_VIDEO_MODE_H
#define STAGE2_VIDEO_MODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot/boot_info.h"

/* What 4F00h fills in. */
struct vbe_info {
	char signature[4]; /* "VBE2" asks for, "VESA" is the answer */
	uint16_t version;  /* 0300h: 3.0 */
	uint32_t oem_name;
	uint32_t capabilities;
	uint16_t mode_list_offset, mode_list_segment;
	uint16_t memory; /* in 64 KiB */
	uint8_t reserved[492];
} __attribute__((packed));
_Static_assert(sizeof(struct vbe_info) == 512 && offsetof(struct vbe_info, mode_list_offset) == 14, "VBE 3.0, 4.3");

/* Where a colour stands in a pixel. */
struct vbe_mask {
	uint8_t size, shift; /* bits */
};

/* What 4F01h fills in. */
struct vbe_mode_info {
	uint16_t attributes;
	uint8_t windows[14];
	uint16_t pitch; /* bytes from a line to the next */
	uint16_t width, height;
	uint8_t cell_width, cell_height, planes;
	uint8_t bits_per_pixel;
	uint8_t banks;
	uint8_t memory_model;
	uint8_t bank_size, pages, reserved1;
	struct vbe_mask red, green, blue, unused;
	uint8_t direct_colour;
	uint32_t base; /* of the linear framebuffer */
	uint8_t reserved2[6];
	uint16_t linear_pitch; /* from VBE 3.0 on, for the linear framebuffer; the fields above are for windows */
	uint8_t window_pages, linear_pages;
	struct vbe_mask linear_red, linear_green, linear_blue, linear_unused;
	uint8_t reserved3[194];
} __attribute__((packed));
_Static_assert(sizeof(struct vbe_mode_info) == 256, "VBE 3.0, 4.4");
_Static_assert(offsetof(struct vbe_mode_info, base) == 40, "VBE 3.0, 4.4");
_Static_assert(offsetof(struct vbe_mode_info, linear_pitch) == 50, "VBE 3.0, 4.4");

/* The kernel's console should have 80 columns and 25 rows of 8x16 pixels. */
#define VIDEO_LEAST_WIDTH  640u
#define VIDEO_LEAST_HEIGHT 400u

struct video_wish {
	uint32_t width, height, bits; /* width 0: the text screen */
	bool is_limit;                /* no larger mode will do */
};

/* Understands `text`, `auto` and `WIDTHxHEIGHTxBITS`; without `xBITS` they are 32. False for anything else. */
bool video_wish_parse(const char *text, size_t length, struct video_wish *wish);

/*
 * Takes over what the BIOS says of a mode, unless it makes no sense or is of no use: then false. base_virtual is left
 * 0. No field of `info` is trusted.
 */
bool video_mode_read(const struct vbe_mode_info *info, uint16_t vbe_version, struct boot_framebuffer *screen);

/* Bytes from the first pixel to behind the last line. */
uint32_t video_mode_size(const struct boot_framebuffer *screen);

#define VIDEO_CANDIDATES_MAX 16u

/* The modes that come closest to the wish, the closest first. */
struct video_candidates {
	uint32_t count;
	struct video_candidate {
		uint32_t distance; /* 0: just what was wished for */
		uint16_t mode;
		struct boot_framebuffer screen;
	} list[VIDEO_CANDIDATES_MAX];
};

/* Enters a mode, if it suits and is not further from the wish than all of a full list. */
void video_candidates_add(struct video_candidates *candidates, const struct video_wish *wish, uint16_t mode,
        const struct boot_framebuffer *screen);

#endif
