#include "video_edid.h"

#include "lib/string.h"
#include "video_mode.h"

/* Bytes of the first detailed timing descriptor, which is the preferred one. */
#define CLOCK       54 /* two bytes; 0: no timing but something else */
#define WIDTH       56
#define WIDTH_HIGH  58 /* its upper half */
#define HEIGHT      59
#define HEIGHT_HIGH 61
#define FLAGS       71
#define INTERLACED  0x80u

static bool is_edid(const uint8_t edid[VIDEO_EDID_SIZE])
{
	static const uint8_t header[8] = {0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0};
	uint8_t sum = 0;

	for (unsigned i = 0; i < VIDEO_EDID_SIZE; i++)
		sum += edid[i];
	return sum == 0 && memcmp(edid, header, sizeof header) == 0;
}

bool video_edid_preferred(const uint8_t edid[VIDEO_EDID_SIZE], uint32_t *width, uint32_t *height)
{
	*width = edid[WIDTH] | (edid[WIDTH_HIGH] & 0xf0u) << 4;
	*height = edid[HEIGHT] | (edid[HEIGHT_HIGH] & 0xf0u) << 4;
	return is_edid(edid) && (edid[CLOCK] || edid[CLOCK + 1]) && !(edid[FLAGS] & INTERLACED) &&
	       *width >= VIDEO_LEAST_WIDTH && *height >= VIDEO_LEAST_HEIGHT;
}
