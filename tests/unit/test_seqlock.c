/*
 * A sequence lock, read and written in the midst of each other: at each word of a value something comes in between, as
 * an NMI would, or another CPU.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static unsigned int countdown; /* words until it comes; 0: it does not */
static void (*in_between)(void);

static void count_down(void)
{
	if (countdown > 0 && --countdown == 0)
		in_between();
}

#define CHAOS() count_down()
#include "core/seqlock.h"

#define WORDS 5

struct value {
	uint64_t words[WORDS];
};

static SEQLOCK(struct value) lock;
static uint64_t written, seen;

static void write_next(void)
{
	struct value value;

	written++;
	for (unsigned int i = 0; i < WORDS; i++)
		value.words[i] = written;
	seqlock_write(&lock, &value);
}

static uint64_t read_whole(void)
{
	struct value value = seqlock_read(&lock);

	for (unsigned int i = 1; i < WORDS; i++)
		assert_int_equal(value.words[i], value.words[0]);
	return value.words[0];
}

static int start(void **state)
{
	(void)state;
	countdown = 0;
	written = 0;
	for (unsigned int i = 0; i < 2; i++)
		lock.copies[i] = (struct value){{0}};
	return 0;
}

static void reads_what_was_written_last(void **state)
{
	(void)state;
	assert_int_equal(read_whole(), 0);
	for (uint64_t i = 1; i < 10; i++) {
		write_next();
		assert_int_equal(read_whole(), i);
	}
}

static void look(void)
{
	seen = read_whole();
}

/* Who comes in the midst of a change does not wait for its end: he gets the value from before. */
static void a_read_amid_a_write_is_the_old_value(void **state)
{
	(void)state;
	in_between = look;
	for (unsigned int word = 1; word <= WORDS; word++) {
		uint64_t before = written;

		seen = UINT64_MAX;
		countdown = word;
		write_next();
		assert_int_equal(seen, before);
		assert_int_equal(read_whole(), written);
	}
}

static unsigned int writes;

static void write_some(void)
{
	for (unsigned int i = 0; i < writes; i++)
		write_next();
}

/* However many there were, and wherever the reader was: he gets the latest. */
static void writes_amid_a_read_make_it_begin_again(void **state)
{
	(void)state;
	in_between = write_some;
	for (writes = 1; writes <= 4; writes++) {
		for (unsigned int word = 1; word <= WORDS; word++) {
			countdown = word;
			seen = read_whole();
			assert_int_equal(seen, written);
		}
	}
	assert_int_equal(written, WORDS * (1 + 2 + 3 + 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(reads_what_was_written_last, start),
	        cmocka_unit_test_setup(a_read_amid_a_write_is_the_old_value, start),
	        cmocka_unit_test_setup(writes_amid_a_read_make_it_begin_again, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
