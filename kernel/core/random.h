/*
 * The one source of random numbers: ChaCha20 (RFC 8439), keyed by the loader's seed. Each block gives half of itself
 * away and the other half becomes the next key, so what was given cannot be reckoned from what is kept. How good the
 * numbers are is decided by boot_info's seed_sources: without RDRAND or RDSEED an attacker may guess the seed.
 */
#ifndef CORE_RANDOM_H
#define CORE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#define RANDOM_SEED_SIZE 32

/* [init] Takes the seed. Before, all numbers are those of a seed of zeros. */
void random_start(const uint8_t seed[RANDOM_SEED_SIZE]);

/* [irq] Fills `size` bytes. */
void random_fill(void *buffer, size_t size);

/* [irq] 64 random bits. */
uint64_t random_u64(void);

#endif
