/*
 * The time of day, as people count it: read from the battery-backed clock once, kept by clock.h from then on.
 */
#ifndef TIME_WALL_CLOCK_H
#define TIME_WALL_CLOCK_H

#include "lib/acpi.h"
#include "rtc.h"
#include "time/civil_date.h"

/* [any] What date a reading of the RTC means; false if it means none. Of a year without its century, 70 is 1970. Pure.
 */
bool wall_clock_decode(const struct rtc_reading *reading, struct civil_date *date);

/* [init] Sets clock_wall() by the RTC, which shows UTC; `kept_time` says whether it has: the loader has looked. */
void wall_clock_start(const struct acpi_fadt *fadt, bool kept_time);

/* Length of "2026-11-22 17:45:12 UTC" with its zero byte, for years of up to ten digits. */
#define WALL_CLOCK_TEXT_MAX 30

/* [irq] Writes the time now, or says that it is not known; returns `text`. */
const char *wall_clock_text(char text[WALL_CLOCK_TEXT_MAX]);

#endif
