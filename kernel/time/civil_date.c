#include "time/civil_date.h"

#define FIRST_YEAR      1970u
#define SECONDS_PER_DAY 86400u

/*
 * Years are counted from March on: then the leap day is the last of its year, and where a month begins does not depend
 * on it. 400 years, an era, repeat for ever. Year 0 of the count begins on 0000-03-01.
 */
#define DAYS_PER_ERA   146097u
#define DAYS_TO_1970   719468u /* from 0000-03-01 */
#define YEARS_PER_ERA  400u
#define FIVE_MONTHS    153u /* 31+30+31+30+31 days: so months from March on go, twice, and then the first two again */
#define MARCH          3u
#define MONTHS_IN_YEAR 12u

static bool is_leap(unsigned int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned int days_in_month(unsigned int year, unsigned int month)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap(year));
}

bool civil_date_is_valid(const struct civil_date *d)
{
	return d->year >= FIRST_YEAR && d->month >= 1 && d->month <= MONTHS_IN_YEAR && d->day >= 1 &&
	       d->day <= days_in_month(d->year, d->month) && d->hour < 24 && d->minute < 60 && d->second < 60;
}

uint64_t civil_date_to_seconds(const struct civil_date *d)
{
	uint64_t year = d->month < MARCH ? d->year - 1 : d->year;
	unsigned int month = (d->month + MONTHS_IN_YEAR - MARCH) % MONTHS_IN_YEAR; /* March is 0 */
	uint64_t days = year * 365 + year / 4 - year / 100 + year / 400 + (FIVE_MONTHS * month + 2) / 5 + d->day - 1;

	return (days - DAYS_TO_1970) * SECONDS_PER_DAY + d->hour * 3600u + d->minute * 60u + d->second;
}

/* The year of the era, 0 to 399, of one of its days: take the leap days out, then divide. */
static unsigned int year_of_era(unsigned int day)
{
	return (day - day / 1460 + day / 36524 - day / (DAYS_PER_ERA - 1)) / 365;
}

struct civil_date civil_date_from_seconds(uint64_t seconds)
{
	uint64_t days = seconds / SECONDS_PER_DAY + DAYS_TO_1970;
	unsigned int rest = (unsigned int)(seconds % SECONDS_PER_DAY);
	unsigned int in_era = (unsigned int)(days % DAYS_PER_ERA), year = year_of_era(in_era);
	unsigned int in_year = in_era - (year * 365 + year / 4 - year / 100);
	unsigned int month = (5 * in_year + 2) / FIVE_MONTHS; /* March is 0 */
	struct civil_date d = {
	        .year = (unsigned int)(days / DAYS_PER_ERA) * YEARS_PER_ERA + year +
	                (month >= MONTHS_IN_YEAR + 1 - MARCH),
	        .month = (month + MARCH - 1) % MONTHS_IN_YEAR + 1,
	        .day = in_year - (FIVE_MONTHS * month + 2) / 5 + 1,
	        .hour = rest / 3600,
	        .minute = rest / 60 % 60,
	        .second = rest % 60,
	};

	return d;
}
