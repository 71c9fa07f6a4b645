#include "core/random.h"

#include "core/spinlock.h"
#include "lib/chacha20.h"
#include "lib/string.h"

#define BLOCK_SIZE 64
#define GIVEN_SIZE (BLOCK_SIZE - RANDOM_SEED_SIZE) /* per block */

static struct spinlock lock = SPINLOCK(RANK_RANDOM, "random");
static uint32_t key[RANDOM_SEED_SIZE / 4]; /* guarded by lock */

void random_start(const uint8_t seed[RANDOM_SEED_SIZE])
{
	uint64_t flags = spin_lock(&lock);

	memcpy(key, seed, sizeof(key));
	spin_unlock(&lock, flags);
}

void random_fill(void *buffer, size_t size)
{
	static const uint32_t nonce[3];
	uint64_t flags = spin_lock(&lock);
	uint8_t block[BLOCK_SIZE];
	uint8_t *to = buffer;

	while (size > 0) {
		size_t part = size < GIVEN_SIZE ? size : GIVEN_SIZE;

		chacha20_block(key, 0, nonce, block);
		memcpy(key, block, sizeof(key));
		memcpy(to, block + sizeof(key), part);
		to += part;
		size -= part;
	}
	memset(block, 0, sizeof(block));
	spin_unlock(&lock, flags);
}

uint64_t random_u64(void)
{
	uint64_t value;

	random_fill(&value, sizeof(value));
	return value;
}
