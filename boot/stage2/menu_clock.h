/* Time for who polls: by the BIOS's clock, and where that stands, by counting the polls. Pure. */
#ifndef STAGE2_MENU_CLOCK_H
#define STAGE2_MENU_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct menu_clock {
	uint16_t ticks; /* as the BIOS counts them: 18.2 in a second */
	uint32_t polls; /* since it counted the last one */
	uint32_t part;  /* of a second that has passed, in tenths of a tick */
	uint32_t age;   /* ticks there ever were */
};

void menu_clock_begin(struct menu_clock *clock, uint16_t ticks);

/* To be called with each poll. Has another second passed? */
bool menu_clock_poll(struct menu_clock *clock, uint16_t ticks);

#endif
