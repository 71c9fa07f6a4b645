/* The ChaCha20 block function (RFC 8439, 2.3): mixes a seed, and later generates random numbers. */
#ifndef LIB_CHACHA20_H
#define LIB_CHACHA20_H

#include <stdint.h>

/* [any] Words are taken and bytes given in the RFC's order (little-endian). */
void chacha20_block(const uint32_t key[8], uint32_t counter, const uint32_t nonce[3], uint8_t out[64]);

#endif
