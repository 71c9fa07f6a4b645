/*
 * One writes a value of several words again and again, others read it: each value that is read is one that was written,
 * whole, and never older than the one before.
 */
#include "core/seqlock.h"
#include "machine.h"

enum { THREADS = 4, WORDS = 4, WRITES = 20000 };

struct value {
	uint64_t words[WORDS];
};

static SEQLOCK(struct value) lock;
static unsigned long reads; /* atomic */

static void write_all(void)
{
	for (uint64_t i = 1; i <= machine_rounds(WRITES); i++) {
		struct value value = {{i, i, i, i}};

		seqlock_write(&lock, &value);
	}
}

static void read_all(void)
{
	uint64_t latest = 0;

	while (latest < machine_rounds(WRITES)) {
		struct value value = seqlock_read(&lock);

		for (unsigned int i = 1; i < WORDS; i++)
			EXPECT(value.words[i] == value.words[0]);
		EXPECT(value.words[0] >= latest);
		latest = value.words[0];
		__atomic_fetch_add(&reads, 1, __ATOMIC_RELAXED);
	}
}

static void read_or_write(unsigned int number)
{
	if (number == 0)
		write_all();
	else
		read_all();
}

unsigned long stress_seqlock(void)
{
	for (unsigned int i = 0; i < 2; i++)
		lock.copies[i] = (struct value){{0}};
	reads = 0;
	machine_run(0, NULL, THREADS, read_or_write, NULL);
	printf("# seqlock: %lu times read\n", reads);
	return machine_rounds(WRITES);
}
