/*
 * The battery-backed clock (MC146818 data sheet): seconds to years, as it stores them.
 */
#ifndef ARCH_RTC_H
#define ARCH_RTC_H

#include <stdbool.h>
#include <stdint.h>

struct rtc_reading {
	uint8_t second, minute, hour, day, month, year;
	uint8_t century; /* 0 if this clock stores none */
	uint8_t format;  /* register B: RTC_BINARY, RTC_24_HOURS */
};

#define RTC_24_HOURS 0x02 /* else 12 a.m., 1 a.m. ... 11 p.m., where bit 7 of the hour says p.m. */
#define RTC_BINARY   0x04 /* else two decimal digits per byte */
#define RTC_PM       0x80

/*
 * [irq] What the clock shows, no part of it from before or after a change: the two milliseconds in which it changes,
 * once a second, are waited for. `century` is the number of the register with the century, or 0. False: nothing is
 * there, or it never stopped changing.
 */
bool rtc_read(struct rtc_reading *reading, uint8_t century);

#endif
