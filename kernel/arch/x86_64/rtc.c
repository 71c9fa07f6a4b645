#include "rtc.h"

#include "cpu.h"

#define INDEX 0x70 /* bit 7, which keeps NMIs away, stays 0 */
#define DATA  0x71

enum rtc_register {
	SECONDS = 0,
	MINUTES = 2,
	HOURS = 4,
	DAY = 7,
	MONTH = 8,
	YEAR = 9,
	REGISTER_A = 10,
	REGISTER_B = 11,
	FIRST_FREE = 14,
	REGISTERS = 128,
};

#define A_UPDATING 0x80 /* changes are under way, or begin within 244 us */
#define NOBODY     0xff

#define TRIES_MAX                                                                                                      \
	100000 /* an update takes 2 ms, a try as much as two accesses to ports: 2 us, or in an emulator 20 ns */

static uint8_t read_register(unsigned int number)
{
	cpu_out8(INDEX, (uint8_t)number);
	return cpu_in8(DATA);
}

static bool is_updating(void)
{
	return read_register(REGISTER_A) & A_UPDATING;
}

static void read_fields(struct rtc_reading *r, uint8_t century)
{
	r->second = read_register(SECONDS);
	r->minute = read_register(MINUTES);
	r->hour = read_register(HOURS);
	r->day = read_register(DAY);
	r->month = read_register(MONTH);
	r->year = read_register(YEAR);
	r->century = century >= FIRST_FREE && century < REGISTERS ? read_register(century) : 0;
}

bool rtc_read(struct rtc_reading *r, uint8_t century)
{
	r->format = read_register(REGISTER_B);
	if (r->format == NOBODY)
		return false;
	for (int i = 0; i < TRIES_MAX; i++) {
		if (is_updating())
			continue;
		read_fields(r, century);
		/* An update meanwhile has changed the seconds, one that is under way now can have changed anything. */
		if (!is_updating() && read_register(SECONDS) == r->second)
			return true;
	}
	return false;
}
