/* SHA-256 (FIPS 180-4): the name of a file's contents, equal to what sha256sum prints. */
#ifndef LIB_SHA256_H
#define LIB_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE       32u
#define SHA256_BLOCK_SIZE 64u

struct sha256 {
	uint32_t state[8];
	uint64_t length;                  /* bytes so far */
	uint8_t block[SHA256_BLOCK_SIZE]; /* the last length % 64 of them */
};

/* [any] Begins a new hash. */
void sha256_init(struct sha256 *hash);

/* [any] Takes `length` more bytes. */
void sha256_update(struct sha256 *hash, const void *data, size_t length);

/* [any] Ends the hash and writes the digest. `hash` must be begun again before it takes more. */
void sha256_final(struct sha256 *hash, uint8_t digest[SHA256_SIZE]);

/* [any] All three for one buffer. */
void sha256(const void *data, size_t length, uint8_t digest[SHA256_SIZE]);

#endif
