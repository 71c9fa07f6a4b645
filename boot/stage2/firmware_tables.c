#include "firmware_tables.h"

#include "bios.h"
#include "lib/string.h"

#define RSDP_SIZE 20u /* what the first checksum covers */
#define ROM_BEGIN 0xe0000u
#define ROM_END   0x100000u

static bool is_rsdp(const uint8_t *at)
{
	if (memcmp(at, "RSD PTR ", 8) != 0)
		return false;
	uint8_t sum = 0;
	for (unsigned i = 0; i < RSDP_SIZE; i++)
		sum += at[i];
	return sum == 0;
}

static uint32_t search(uint32_t from, uint32_t end)
{
	for (uint32_t at = from; at + RSDP_SIZE <= end; at += 16)
		if (*(const uint32_t *)at == 0x20445352 /* "RSD " */ && is_rsdp((const uint8_t *)at))
			return at;
	return 0;
}

uint32_t firmware_find_rsdp(void)
{
	uint32_t ebda = low_read16(BIOS_DATA_EBDA) << 4;
	uint32_t found = ebda >= 0x80000 && ebda < 0xa0000 ? search(ebda, ebda + 1024) : 0;
	return found ? found : search(ROM_BEGIN, ROM_END);
}
