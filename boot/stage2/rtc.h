/* The battery-backed clock (MC146818): a source of unpredictable bits, and something to warn about when it is flat. */
#ifndef STAGE2_RTC_H
#define STAGE2_RTC_H

#include <stdbool.h>
#include <stdint.h>

/* Time and date, mixed into a word. */
uint32_t rtc_mixed(void);

/* Has the clock kept time since it was set (register D, bit 7)? */
bool rtc_valid(void);

#endif
