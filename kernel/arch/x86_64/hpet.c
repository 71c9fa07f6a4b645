#include "hpet.h"

/* Offsets of the registers, in words of 32 bits (chapter 2.3). */
enum hpet_register { PERIOD = 0x04 / 4, CONFIGURATION = 0x10 / 4, COUNTER = 0xf0 / 4 };

#define ENABLE 0x1u
#define LEGACY 0x2u /* takes the interrupts of the PIT and the RTC away from them */

#define FEMTOSECONDS_PER_SECOND 1000000000000000ull
#define PERIOD_MAX              100000000u /* femtoseconds, by the specification: 10 MHz at least */

static volatile uint32_t *hpet;

uint64_t hpet_start(volatile void *registers)
{
	volatile uint32_t *r = registers;
	uint32_t period = r[PERIOD];

	if (period == 0 || period > PERIOD_MAX)
		return 0;
	r[CONFIGURATION] = (r[CONFIGURATION] & ~LEGACY) | ENABLE;
	hpet = r;
	return (FEMTOSECONDS_PER_SECOND + period / 2) / period;
}

uint64_t hpet_read(void)
{
	return hpet[COUNTER];
}
