#include "menu_clock.h"

#define TICK         10u /* 18.2 ticks are a second: in tenths */
#define SECOND       182u
#define MOST_TICKS   182u       /* more at once is a clock that was set, or midnight */
#define STANDS       (1u << 18) /* so many polls without a tick: over a second on the fastest machine */
#define POLLS_A_TICK (1u << 13)

void menu_clock_begin(struct menu_clock *clock, uint16_t ticks)
{
	*clock = (struct menu_clock){.ticks = ticks};
}

bool menu_clock_poll(struct menu_clock *clock, uint16_t ticks)
{
	uint16_t passed = (uint16_t)(ticks - clock->ticks);
	clock->ticks = ticks;
	clock->polls = passed ? 0 : clock->polls + 1;
	if (passed > MOST_TICKS || (clock->polls > STANDS && clock->polls % POLLS_A_TICK == 0))
		passed = 1;
	clock->age += passed;
	clock->part += passed * TICK;
	if (clock->part < SECOND)
		return false;
	clock->part -= SECOND;
	return true;
}
