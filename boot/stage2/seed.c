#include "seed.h"

#include "boot/boot_info.h"
#include "lib/chacha20.h"
#include "lib/string.h"
#include "rtc.h"
#include "stamp.h"

#define TRIES 10u /* Intel: RDRAND that fails ten times is broken */

static bool hardware_random(bool rdseed, uint32_t *value)
{
	for (unsigned i = 0; i < TRIES; i++) {
		uint8_t carry;
		if (rdseed)
			__asm__ volatile(".byte 0x0f, 0xc7, 0xf8\n\tsetc %1" : "=a"(*value), "=qm"(carry) : : "cc");
		else
			__asm__ volatile(".byte 0x0f, 0xc7, 0xf0\n\tsetc %1" : "=a"(*value), "=qm"(carry) : : "cc");
		if (carry)
			return true;
	}
	return false;
}

/* Every source goes into the key or nonce of one ChaCha20 block; half of its output is the seed. */
uint32_t seed_make(const struct cpu_features *cpu, uint8_t seed[32])
{
	uint32_t key[8], nonce[3], sources = 0;
	uint8_t block[64];
	struct boot_stamp stamps[BOOT_STAMP_COUNT];
	uint32_t count = stamp_copy(stamps);
	for (unsigned i = 0; i < 8; i++) {
		key[i] = (uint32_t)cpu_tsc() ^ (i < count ? (uint32_t)stamps[i].tsc << 8 ^ stamps[i].pit_count : 0);
		uint32_t value;
		if (cpu->rdseed && hardware_random(true, &value)) {
			key[i] ^= value;
			sources |= BOOT_SEED_RDSEED;
		} else if (cpu->rdrand && hardware_random(false, &value)) {
			key[i] ^= value;
			sources |= BOOT_SEED_RDRAND;
		}
	}
	uint64_t tsc = cpu_tsc();
	nonce[0] = rtc_mixed();
	nonce[1] = tsc;
	nonce[2] = tsc >> 32;
	chacha20_block(key, 0, nonce, block);
	memcpy(seed, block, 32);
	return sources | BOOT_SEED_RTC | BOOT_SEED_PIT | (tsc ? BOOT_SEED_TSC : 0);
}
