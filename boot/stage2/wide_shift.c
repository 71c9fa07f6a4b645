/* 64-bit shifts as calls: clang asks for these two where code is to be small, and stage 2 is linked without libgcc. */
#include <stdint.h>

union halves {
	uint64_t whole;
	struct {
		uint32_t low, high;
	};
};

uint64_t __ashldi3(uint64_t value, int bits);
uint64_t __lshrdi3(uint64_t value, int bits);

uint64_t __ashldi3(uint64_t value, int bits)
{
	union halves v = {value};
	if (bits >= 32)
		return (union halves){.high = v.low << (bits - 32)}.whole;
	if (bits > 0) {
		v.high = v.high << bits | v.low >> (32 - bits);
		v.low <<= bits;
	}
	return v.whole;
}

uint64_t __lshrdi3(uint64_t value, int bits)
{
	union halves v = {value};
	if (bits >= 32)
		return v.high >> (bits - 32);
	if (bits > 0) {
		v.low = v.low >> bits | v.high << (32 - bits);
		v.high >>= bits;
	}
	return v.whole;
}
