#include "lib/sha256.h"
#include "lib/string.h"

/* FIPS 180-4, 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t round_constant[64] = {
        0x428a2f98,
        0x71374491,
        0xb5c0fbcf,
        0xe9b5dba5,
        0x3956c25b,
        0x59f111f1,
        0x923f82a4,
        0xab1c5ed5,
        0xd807aa98,
        0x12835b01,
        0x243185be,
        0x550c7dc3,
        0x72be5d74,
        0x80deb1fe,
        0x9bdc06a7,
        0xc19bf174,
        0xe49b69c1,
        0xefbe4786,
        0x0fc19dc6,
        0x240ca1cc,
        0x2de92c6f,
        0x4a7484aa,
        0x5cb0a9dc,
        0x76f988da,
        0x983e5152,
        0xa831c66d,
        0xb00327c8,
        0xbf597fc7,
        0xc6e00bf3,
        0xd5a79147,
        0x06ca6351,
        0x14292967,
        0x27b70a85,
        0x2e1b2138,
        0x4d2c6dfc,
        0x53380d13,
        0x650a7354,
        0x766a0abb,
        0x81c2c92e,
        0x92722c85,
        0xa2bfe8a1,
        0xa81a664b,
        0xc24b8b70,
        0xc76c51a3,
        0xd192e819,
        0xd6990624,
        0xf40e3585,
        0x106aa070,
        0x19a4c116,
        0x1e376c08,
        0x2748774c,
        0x34b0bcb5,
        0x391c0cb3,
        0x4ed8aa4a,
        0x5b9cca4f,
        0x682e6ff3,
        0x748f82ee,
        0x78a5636f,
        0x84c87814,
        0x8cc70208,
        0x90befffa,
        0xa4506ceb,
        0xbef9a3f7,
        0xc67178f2,
};

static uint32_t rotate_right(uint32_t value, unsigned bits)
{
	return value >> bits | value << (32 - bits);
}

static uint32_t load_big_endian(const uint8_t *byte)
{
	return (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 | (uint32_t)byte[2] << 8 | byte[3];
}

static void store_big_endian(uint8_t *byte, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		byte[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* 6.2.2, steps 1 to 4, for one block. */
static void compress(uint32_t state[8], const uint8_t *block)
{
	uint32_t w[64], v[8];

	for (int t = 0; t < 16; t++)
		w[t] = load_big_endian(block + 4 * t);
	for (int t = 16; t < 64; t++) {
		uint32_t sigma0 = rotate_right(w[t - 15], 7) ^ rotate_right(w[t - 15], 18) ^ w[t - 15] >> 3;
		uint32_t sigma1 = rotate_right(w[t - 2], 17) ^ rotate_right(w[t - 2], 19) ^ w[t - 2] >> 10;

		w[t] = sigma1 + w[t - 7] + sigma0 + w[t - 16];
	}
	memcpy(v, state, sizeof(v));
	for (int t = 0; t < 64; t++) {
		uint32_t sum0 = rotate_right(v[0], 2) ^ rotate_right(v[0], 13) ^ rotate_right(v[0], 22);
		uint32_t sum1 = rotate_right(v[4], 6) ^ rotate_right(v[4], 11) ^ rotate_right(v[4], 25);
		uint32_t choose = (v[4] & v[5]) ^ (~v[4] & v[6]);
		uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
		uint32_t t1 = v[7] + sum1 + choose + round_constant[t] + w[t];

		memmove(v + 1, v, 7 * sizeof(v[0]));
		v[4] += t1;
		v[0] = t1 + sum0 + majority;
	}
	for (int i = 0; i < 8; i++)
		state[i] += v[i];
}

void sha256_init(struct sha256 *hash)
{
	/* 5.3.3: the same of the square roots of the first 8 primes. */
	static const uint32_t initial[8] = {
	        0x6a09e667,
	        0xbb67ae85,
	        0x3c6ef372,
	        0xa54ff53a,
	        0x510e527f,
	        0x9b05688c,
	        0x1f83d9ab,
	        0x5be0cd19,
	};

	memcpy(hash->state, initial, sizeof(initial));
	hash->length = 0;
}

void sha256_update(struct sha256 *hash, const void *data, size_t length)
{
	const uint8_t *byte = data;

	while (length > 0) {
		size_t held = (size_t)hash->length % SHA256_BLOCK_SIZE;
		size_t taken = SHA256_BLOCK_SIZE - held;

		if (taken > length)
			taken = length;
		memcpy(hash->block + held, byte, taken);
		hash->length += taken;
		if (held + taken == SHA256_BLOCK_SIZE)
			compress(hash->state, hash->block);
		byte += taken;
		length -= taken;
	}
}

void sha256_final(struct sha256 *hash, uint8_t digest[SHA256_SIZE])
{
	static const uint8_t padding[SHA256_BLOCK_SIZE] = {0x80};
	uint64_t bits = hash->length * 8;
	size_t held = (size_t)hash->length % SHA256_BLOCK_SIZE;
	uint8_t length[8];

	/* 5.1.1: a one bit, zeros, and the length in bits as the last 8 bytes of a block. */
	store_big_endian(length, (uint32_t)(bits >> 32));
	store_big_endian(length + 4, (uint32_t)bits);
	sha256_update(hash, padding, held < 56 ? 56 - held : 120 - held);
	sha256_update(hash, length, sizeof(length));
	for (int i = 0; i < 8; i++)
		store_big_endian(digest + 4 * i, hash->state[i]);
}

void sha256(const void *data, size_t length, uint8_t digest[SHA256_SIZE])
{
	struct sha256 hash;

	sha256_init(&hash);
	sha256_update(&hash, data, length);
	sha256_final(&hash, digest);
}
