#include "video_mode.h"

#include "lib/string.h"

#define NEEDED_ATTRIBUTES 0x99u /* the hardware can, in colour, graphics, with a linear framebuffer */
#define MODEL_PACKED      4u
#define MODEL_DIRECT      6u
#define VERSION_3         0x300u

/* Any screen made since 1995 shows this. */
#define AUTO_WIDTH  1024u
#define AUTO_HEIGHT 768u
#define BEST_BITS   32u

#define NUMBER_MAX 0xffffu

static bool is_word(const char *text, size_t length, const char *word)
{
	return length == strlen(word) && memcmp(text, word, length) == 0;
}

/* A decimal number from 1 to NUMBER_MAX at *text, which then stands behind it. */
static bool take_number(const char **text, const char *end, uint32_t *number)
{
	*number = 0;
	for (; *text != end && **text >= '0' && **text <= '9'; ++*text) {
		*number = *number * 10 + (uint32_t)(**text - '0');
		if (*number > NUMBER_MAX)
			return false;
	}
	return *number > 0;
}

static bool take_x(const char **text, const char *end)
{
	return *text != end && *(*text)++ == 'x';
}

bool video_wish_parse(const char *text, size_t length, struct video_wish *wish)
{
	const char *end = text + length;

	*wish = (struct video_wish){0};
	if (is_word(text, length, "text"))
		return true;
	if (is_word(text, length, "auto")) {
		*wish = (struct video_wish){AUTO_WIDTH, AUTO_HEIGHT, BEST_BITS, true};
		return true;
	}
	wish->bits = BEST_BITS;
	return take_number(&text, end, &wish->width) && take_x(&text, end) && take_number(&text, end, &wish->height) &&
	       (text == end || (take_x(&text, end) && take_number(&text, end, &wish->bits))) && text == end;
}

static uint32_t bits_of(struct vbe_mask mask)
{
	return ((1u << mask.size) - 1) << mask.shift;
}

static bool is_mask(struct vbe_mask mask, unsigned bits)
{
	return mask.size >= 1 && mask.size <= 8 && mask.shift < bits && mask.shift + mask.size <= bits;
}

/* Each has room in the pixel, and none shares a bit with another. */
static bool are_masks(struct vbe_mask red, struct vbe_mask green, struct vbe_mask blue, unsigned bits)
{
	return is_mask(red, bits) && is_mask(green, bits) && is_mask(blue, bits) && !(bits_of(red) & bits_of(green)) &&
	       !(bits_of(green) & bits_of(blue)) && !(bits_of(blue) & bits_of(red));
}

/* In the packed model the masks need not be filled in: then they are the usual ones. */
static void read_colours(const struct vbe_mode_info *info, bool linear, struct vbe_mask colours[3])
{
	static const struct vbe_mask usual16[3] = {{5, 11}, {6, 5}, {5, 0}}, usual32[3] = {{8, 16}, {8, 8}, {8, 0}};

	colours[0] = linear ? info->linear_red : info->red;
	colours[1] = linear ? info->linear_green : info->green;
	colours[2] = linear ? info->linear_blue : info->blue;
	if (info->memory_model == MODEL_PACKED && !colours[0].size && !colours[1].size && !colours[2].size)
		memcpy(colours, info->bits_per_pixel == 16 ? usual16 : usual32, sizeof usual16);
}

bool video_mode_read(const struct vbe_mode_info *info, uint16_t vbe_version, struct boot_framebuffer *screen)
{
	bool linear = vbe_version >= VERSION_3 && info->linear_pitch;
	unsigned bits = info->bits_per_pixel;
	uint32_t pitch = linear ? info->linear_pitch : info->pitch;
	struct vbe_mask colours[3];

	if ((info->attributes & NEEDED_ATTRIBUTES) != NEEDED_ATTRIBUTES ||
	        (info->memory_model != MODEL_PACKED && info->memory_model != MODEL_DIRECT) ||
	        (bits != 16 && bits != 24 && bits != 32) || info->width < VIDEO_LEAST_WIDTH ||
	        info->height < VIDEO_LEAST_HEIGHT || pitch < info->width * (bits / 8))
		return false;
	read_colours(info, linear, colours);
	if (!are_masks(colours[0], colours[1], colours[2], bits))
		return false;
	if (info->base == 0 || info->base + (uint64_t)pitch * info->height > 1ull << 32)
		return false;
	*screen = (struct boot_framebuffer){
	        .base = info->base,
	        .width = info->width,
	        .height = info->height,
	        .pitch = pitch,
	        .bits_per_pixel = info->bits_per_pixel,
	        .red_size = colours[0].size,
	        .red_shift = colours[0].shift,
	        .green_size = colours[1].size,
	        .green_shift = colours[1].shift,
	        .blue_size = colours[2].size,
	        .blue_shift = colours[2].shift,
	};
	return true;
}

uint32_t video_mode_size(const struct boot_framebuffer *screen)
{
	return screen->pitch * screen->height;
}

static uint32_t difference(uint32_t a, uint32_t b)
{
	return a > b ? a - b : b - a;
}

/* First the size counts, then the depth: of those that are not the wished one the deeper is better. */
static uint32_t distance_to(const struct video_wish *wish, const struct boot_framebuffer *screen)
{
	uint32_t size = difference(wish->width, screen->width) + difference(wish->height, screen->height);
	uint32_t depth = difference(wish->bits, screen->bits_per_pixel);

	return size << 8 | (screen->bits_per_pixel < wish->bits ? 128 : 0) | (depth < 127 ? depth : 127);
}

void video_candidates_add(struct video_candidates *candidates, const struct video_wish *wish, uint16_t mode,
        const struct boot_framebuffer *screen)
{
	struct video_candidate *list = candidates->list;
	uint32_t distance = distance_to(wish, screen), i = candidates->count;

	if (wish->is_limit && (screen->width > wish->width || screen->height > wish->height))
		return;
	if (i == VIDEO_CANDIDATES_MAX) {
		if (distance >= list[i - 1].distance)
			return;
		i--;
	} else {
		candidates->count++;
	}
	for (; i > 0 && list[i - 1].distance > distance; i--)
		list[i] = list[i - 1];
	list[i] = (struct video_candidate){distance, mode, *screen};
}
