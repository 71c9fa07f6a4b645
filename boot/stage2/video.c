/* VESA BIOS Extension Core Functions Standard 3.0, chapter 4. */
#include "video.h"

#include "bios.h"
#include "console.h"
#include "cpu.h"
#include "layout.h"
#include "lib/command_line.h"
#include "lib/string.h"
#include "memory.h"
#include "page_tables.h"
#include "video_edid.h"
#include "video_mode.h"

#define FONT_8X16 6

#define VBE_INFO      0x4f00u
#define VBE_MODE_INFO 0x4f01u
#define VBE_SET_MODE  0x4f02u
#define VBE_DISPLAY   0x4f15u /* VESA BIOS Extensions/Display Data Channel Standard 1.1 */
#define VBE_READ_EDID 1u
#define VBE_DONE      0x004fu
#define VBE_VERSION_2 0x200u /* the first with linear framebuffers */
#define VBE_LINEAR    0x4000u
#define VBE_LIST_END  0xffffu
#define LIST_MAX      512u /* a list without an end ends here */

#define TEXT_MODE_KEEP 0x83u /* mode 3; the screen's contents stay */

static struct {
	struct vbe_info vbe;
	struct vbe_mode_info mode;
	struct video_candidates candidates;
	uint8_t edid[VIDEO_EDID_SIZE];
} video;

const void *video_font(void)
{
	struct bios_registers r = {.eax = 0x1130, .ebx = FONT_8X16 << 8};
	bios_call(0x10, &r);
	uint32_t address = (r.es << 4) + (r.ebp & 0xffff);
	/* Without a video BIOS the registers come back as they were: es = 0. Fonts are in ROM. */
	return r.es >= 0xa000 ? (const void *)address : NULL;
}

/* `buffer` is where the answer goes. */
static bool call_vbe(uint32_t function, uint32_t ebx, uint32_t ecx, void *buffer)
{
	struct bios_registers r = {.eax = function, .ebx = ebx, .ecx = ecx};
	r.es = bios_segment(buffer);
	r.edi = bios_offset(buffer);
	bios_call(0x10, &r);
	return (r.eax & 0xffff) == VBE_DONE;
}

static bool has_vbe(void)
{
	memset(&video.vbe, 0, sizeof video.vbe);
	memcpy(video.vbe.signature, "VBE2", 4);
	return call_vbe(VBE_INFO, 0, 0, &video.vbe) && memcmp(video.vbe.signature, "VESA", 4) == 0 &&
	       video.vbe.version >= VBE_VERSION_2;
}

/* Would drawing there change memory? */
static bool is_in_ram(const struct boot_framebuffer *screen)
{
	uint32_t count;
	const struct ram_range *ram = memory_ram(&count);
	for (uint32_t i = 0; i < count; i++)
		if (screen->base < ram[i].base + ram[i].size && ram[i].base < screen->base + video_mode_size(screen))
			return true;
	return false;
}

/* No larger than what the display has pixels for; if nobody says how many those are, than what every display has. */
static void ask_display(struct video_wish *wish)
{
	uint32_t width, height;
	if (wish->is_limit && call_vbe(VBE_DISPLAY, VBE_READ_EDID, 0, video.edid) &&
	        video_edid_preferred(video.edid, &width, &height)) {
		wish->width = width;
		wish->height = height;
	}
}

static void collect(struct video_wish *wish)
{
	ask_display(wish);
	const volatile uint16_t *list = low_memory((video.vbe.mode_list_segment << 4) + video.vbe.mode_list_offset);
	for (unsigned i = 0; i < LIST_MAX && list[i] != VBE_LIST_END; i++) {
		struct boot_framebuffer screen;
		memset(&video.mode, 0, sizeof video.mode);
		if (call_vbe(VBE_MODE_INFO, 0, list[i], &video.mode) &&
		        video_mode_read(&video.mode, video.vbe.version, &screen) && !is_in_ram(&screen))
			video_candidates_add(&video.candidates, wish, list[i], &screen);
	}
}

static bool set_mode(const struct video_candidate *candidate)
{
	return call_vbe(VBE_SET_MODE, candidate->mode | VBE_LINEAR, 0, NULL);
}

static void set_text_mode(void)
{
	struct bios_registers r = {.eax = TEXT_MODE_KEEP};
	bios_call(0x10, &r);
}

/* It is mapped first: a lack of memory for page tables can still be read. */
static bool show(const struct video_candidate *candidate, struct boot_framebuffer *screen)
{
	*screen = candidate->screen;
	uint64_t first = page_down(screen->base), end = page_up(screen->base + video_mode_size(screen));
	page_tables_map(FRAMEBUFFER_VIRTUAL, first, end - first, PAGE_WRITE | PAGE_FRAMEBUFFER);
	screen->base_virtual = FRAMEBUFFER_VIRTUAL + (screen->base - first);
	if (set_mode(candidate)) {
		cpu_combine_writes();
		return true;
	}
	page_tables_forget(FRAMEBUFFER_VIRTUAL);
	console_print(CONSOLE_NOTE, "The video BIOS refuses mode %xh, %ux%ux%u\n", candidate->mode, screen->width,
	        screen->height, screen->bits_per_pixel);
	return false;
}

static bool show_best(const struct video_wish *wish, struct boot_framebuffer *screen)
{
	const struct video_candidate *best = video.candidates.list;
	if (best->distance && !wish->is_limit)
		console_print(CONSOLE_NOTE, "There is no mode %ux%ux%u; the closest is %ux%ux%u\n", wish->width,
		        wish->height, wish->bits, best->screen.width, best->screen.height, best->screen.bits_per_pixel);
	for (uint32_t i = 0; i < video.candidates.count; i++)
		if (show(&video.candidates.list[i], screen))
			return true;
	set_text_mode();
	return false;
}

/* Collects the modes that suit the wish for graphics, if it is one. NULL, or why there are none. */
static const char *look_for_modes(const struct command_line_word *word, struct video_wish *wish)
{
	video.candidates.count = 0;
	if (!video_wish_parse(word->value, word->value_length, wish))
		return "is not text, auto or like 1024x768x32";
	if (!wish->width)
		return NULL;
	if (!has_vbe() || !video_font())
		return "needs a video BIOS with VBE 2.0";
	collect(wish);
	return video.candidates.count ? NULL : "finds no mode that suits";
}

bool video_start(const char *command_line, struct boot_framebuffer *screen)
{
	struct command_line_word word;
	struct video_wish wish;
	if (!command_line_find(command_line, "video", &word))
		return false;
	const char *why = look_for_modes(&word, &wish);
	if (!why && !wish.width)
		return false;
	if (!why && show_best(&wish, screen))
		return true;
	console_print(
	        CONSOLE_NOTE, "video=%.*s %s: no graphics\n", (int)word.value_length, word.value, why ? why : "fails");
	*screen = (struct boot_framebuffer){0};
	return false;
}

IN_EXTRA bool video_start_menu(const char *command_line, struct boot_framebuffer *screen)
{
	struct command_line_word word;
	struct video_wish wish;
	if (!command_line_find(command_line, "video", &word) || look_for_modes(&word, &wish) || !wish.width)
		return false;
	for (uint32_t i = 0; i < video.candidates.count; i++)
		if (set_mode(&video.candidates.list[i])) {
			*screen = video.candidates.list[i].screen;
			return true;
		}
	set_text_mode();
	return false;
}

IN_EXTRA void video_end_menu(void)
{
	set_text_mode();
}
