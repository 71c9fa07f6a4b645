#include "time/wall_clock.h"

#include "lib/format.h"
#include "time/clock.h"

#define FIRST_YEAR_OF_1900 70 /* in a clock without centuries; what is less is of 2000 */

/* Two decimal digits, or a number; more than 99 if they are no such digits. */
static unsigned int number(uint8_t stored, uint8_t format)
{
	unsigned int tens = stored >> 4, ones = stored & 15;

	if (format & RTC_BINARY)
		return stored;
	return tens < 10 && ones < 10 ? tens * 10 + ones : UINT8_MAX;
}

static unsigned int hour_of(const struct rtc_reading *r)
{
	unsigned int hour;

	if (r->format & RTC_24_HOURS)
		return number(r->hour, r->format);
	hour = number(r->hour & (uint8_t)~RTC_PM, r->format);
	if (hour == 0 || hour > 12)
		return UINT8_MAX;
	return hour % 12 + (r->hour & RTC_PM ? 12 : 0);
}

#define CENTURY_END 25 /* in 2555, 64 bits of nanoseconds are over */

static unsigned int century_of(const struct rtc_reading *r, unsigned int year)
{
	unsigned int century = number(r->century, r->format);

	if (century >= 19 && century < CENTURY_END)
		return century;
	return year >= FIRST_YEAR_OF_1900 ? 19 : 20;
}

bool wall_clock_decode(const struct rtc_reading *r, struct civil_date *date)
{
	unsigned int year = number(r->year, r->format);

	*date = (struct civil_date){
	        .year = century_of(r, year) * 100 + year,
	        .month = number(r->month, r->format),
	        .day = number(r->day, r->format),
	        .hour = hour_of(r),
	        .minute = number(r->minute, r->format),
	        .second = number(r->second, r->format),
	};
	return year <= 99 && civil_date_is_valid(date);
}

void wall_clock_start(const struct acpi_fadt *fadt, bool kept_time)
{
	struct rtc_reading reading;
	struct civil_date date;

	if (!kept_time || (fadt->boot_flags & ACPI_BOOT_NO_RTC))
		return;
	if (rtc_read(&reading, fadt->century) && wall_clock_decode(&reading, &date))
		clock_set_wall(civil_date_to_seconds(&date) * NS_PER_SECOND);
}

const char *wall_clock_text(char text[WALL_CLOCK_TEXT_MAX])
{
	uint64_t now = clock_wall();
	struct civil_date d = civil_date_from_seconds(now / NS_PER_SECOND);

	if (now == 0)
		format_string(text, WALL_CLOCK_TEXT_MAX, "the hour is not known");
	else
		format_string(text, WALL_CLOCK_TEXT_MAX, "%u-%02u-%02u %02u:%02u:%02u UTC", d.year, d.month, d.day,
		        d.hour, d.minute, d.second);
	return text;
}
