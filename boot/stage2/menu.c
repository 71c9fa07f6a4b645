#include "menu.h"

#include "bios.h"
#include "console.h"
#include "extra.h"
#include "lib/string.h"
#include "menu_run.h"
#include "verify.h"

#define SHIFT_KEYS    3u
#define ASKED_SECONDS 60u /* who asked has at least so long for the first key; but noise on a line is nobody */

static bool is_asked_for(void)
{
	return low_read8(BIOS_DATA_SHIFT) & SHIFT_KEYS ||
	       low_read16(BIOS_DATA_FIRST_KEY) != low_read16(BIOS_DATA_LAST_KEY) || console_serial_was_typed();
}

void menu_offer(const struct image_header *header, const struct config *config, const struct image_config *text,
        struct start *start)
{
	uint32_t seconds = config->timeout;
	if (seconds < ASKED_SECONDS && is_asked_for())
		seconds = ASKED_SECONDS;
	if (!seconds)
		return;
	if (text)
		memcpy(&menu_config, text, sizeof menu_config); /* the disk buffer is about to be used */
	if (extra_load())
		menu_run(header, text ? &menu_config : NULL, seconds, start);
	else
		console_print(CONSOLE_NOTE, "%s: no menu\n", verify_complaint);
}
