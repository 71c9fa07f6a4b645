#include "video.h"

#include "bios.h"

#define FONT_8X16 6

const void *video_font(void)
{
	struct bios_registers r = {.eax = 0x1130, .ebx = FONT_8X16 << 8};
	bios_call(0x10, &r);
	uint32_t address = (r.es << 4) + (r.ebp & 0xffff);
	/* Without a video BIOS the registers come back as they were: es = 0. Fonts are in ROM. */
	return r.es >= 0xa000 ? (const void *)address : NULL;
}
