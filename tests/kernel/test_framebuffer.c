/*
 * The framebuffer as the loader has mapped it and the driver draws on it.
 */
#include "kernel_test.h"

#include <stddef.h>

#include "dev/display.h"
#include "drivers/font.h"
#include "lib/string.h"
#include "paging.h"

#define PIXELS 8

KERNEL_TEST(framebuffer_is_mapped)
{
	const struct boot_framebuffer *screen = &info->framebuffer;
	uint64_t end = screen->base_virtual + (uint64_t)screen->pitch * screen->height;
	uint64_t first = screen->base_virtual & ~(PAGE_SIZE - 1);
	struct paging_walk walk;

	if (screen->base == 0)
		SKIP("the screen is not in a graphics mode");
	EXPECT(info->text_screen.base == 0);
	for (uint64_t page = first; page < end; page += PAGE_SIZE) {
		walk = paging_look_up(page);
		EXPECT(walk.mapped && walk.writable && !walk.user);
		EXPECT(walk.physical == (screen->base & ~(PAGE_SIZE - 1)) + (page - first));
		EXPECT((walk.entry & PAGE_UNCACHED) == PAGE_WRITE_COMBINING);
	}
	walk = paging_look_up((end + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1));
	EXPECT(!walk.mapped);
}

/* Here the framebuffer is read, to see what the driver did. */
KERNEL_TEST(framebuffer_shows_glyphs)
{
	static const struct cell cell = {'A', 15, 0, 0, 0};
	const struct boot_framebuffer *screen = &info->framebuffer;
	struct display *display = display_first();
	const struct font *font = font_start(info);
	uint32_t bytes = screen->bits_per_pixel / 8;

	if (screen->base == 0)
		SKIP("the screen is not in a graphics mode");
	EXPECT(display != NULL && strcmp(display->name, "framebuffer") == 0);
	if (font->width != PIXELS)
		SKIP("a font of another size was built in");
	display->draw(display, display->columns - 1, 0, &cell, 1);
	for (uint32_t y = 0; y < font->height; y++) {
		const volatile uint8_t *pixel = (const volatile uint8_t *)screen->base_virtual + y * screen->pitch +
		                                (display->columns - 1) * PIXELS * bytes;
		uint8_t row = font_picture(font, font_find(font, 'A'))[y];

		for (uint32_t x = 0; x < PIXELS; x++, pixel += bytes)
			EXPECT((pixel[0] != 0) == (row >> (7 - x) & 1));
	}
}
