#include "rtc.h"

#include "bios.h"

#define RTC_INDEX  0x70
#define RTC_DATA   0x71
#define RTC_BYTES  10u /* time and date, alarms included */
#define REGISTER_D 13
#define VALID      0x80

static uint8_t rtc_read(uint8_t index)
{
	port_write8(RTC_INDEX, index);
	return port_read8(RTC_DATA);
}

uint32_t rtc_mixed(void)
{
	uint32_t mixed = 0;
	for (unsigned i = 0; i < RTC_BYTES; i++)
		mixed = mixed * 31 + rtc_read(i);
	return mixed;
}

bool rtc_valid(void)
{
	return rtc_read(REGISTER_D) & VALID;
}
