/*
 * Dates as people write them, and seconds since 1970 (UTC, the Gregorian calendar, no leap seconds). Pure.
 */
#ifndef TIME_CIVIL_DATE_H
#define TIME_CIVIL_DATE_H

#include <stdbool.h>
#include <stdint.h>

struct civil_date {
	unsigned int year, month, day; /* month and day count from 1 */
	unsigned int hour, minute, second;
};

/* [any] Is there such a moment, in 1970 or later? */
bool civil_date_is_valid(const struct civil_date *date);

/* [any] Seconds since 1970-01-01 00:00:00 UTC of a valid date. */
uint64_t civil_date_to_seconds(const struct civil_date *date);

/* [any] The date of a moment, for years of up to four digits. */
struct civil_date civil_date_from_seconds(uint64_t seconds);

#endif
