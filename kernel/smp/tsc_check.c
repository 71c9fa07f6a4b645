/*
 * A question and its answer: the counter is read here, then there, then here. What was read there belongs between the
 * two. Each round says so anew, and only what all of them allow is left. Who answers does so in an interrupt, and stays
 * in it for the next questions, which is what makes a round short; but not for longer than STAY. Who asks has
 * interrupts on: one that comes in between makes that round's answer less exact, not wrong.
 */
#include "smp/tsc_check.h"

#include "core/cross_call.h"
#include "cpu.h"
#include "preempt.h"

#define ROUNDS 16u

/* In cycles: some ten microseconds, many times what the rounds take. CPUs that are threads of a busy host take longer.
 */
#define STAY 100000u

/* So often it is tried to get all rounds; then what is known has to do. */
#define DIALOGUES 4u

struct dialogue {
	struct cpu_set with;      /* one */
	uint32_t asked, answered; /* rounds, from 1 */
	bool is_over;             /* nothing is answered any more */
	uint64_t there;           /* the counter, of the last answer */
};

/* Waits for a question; the first came before the interrupt. */
static bool is_asked(const struct dialogue *d, uint32_t round, uint64_t began)
{
	while (__atomic_load_n(&d->asked, __ATOMIC_ACQUIRE) < round) {
		if (cpu_read_tsc() - began > STAY)
			return false;
		cpu_relax();
	}
	return true;
}

static void answer(void *context)
{
	struct dialogue *d = context;
	uint64_t began = cpu_read_tsc();

	for (uint32_t round = 1; round <= ROUNDS && is_asked(d, round, began); round++) {
		d->there = cpu_read_tsc_in_order();
		__atomic_store_n(&d->answered, round, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&d->is_over, true, __ATOMIC_RELEASE);
}

/* False if nobody answers any more. The first question always is answered. */
static bool ask(struct dialogue *d, uint32_t round, struct tsc_offset *offset)
{
	uint64_t before = cpu_read_tsc_in_order(), after;
	bool is_over = false;

	__atomic_store_n(&d->asked, round, __ATOMIC_RELEASE);
	if (round == 1)
		cross_call_later(&d->with, answer, d);
	while (__atomic_load_n(&d->answered, __ATOMIC_ACQUIRE) != round) {
		if (is_over)
			return false;
		is_over = __atomic_load_n(&d->is_over, __ATOMIC_ACQUIRE); /* then a last answer stands */
		cpu_relax();
	}
	after = cpu_read_tsc_in_order();
	if ((int64_t)(d->there - after) > offset->least)
		offset->least = (int64_t)(d->there - after);
	if ((int64_t)(d->there - before) < offset->most)
		offset->most = (int64_t)(d->there - before);
	return true;
}

/* True if all rounds took place. */
static bool talk(uint32_t cpu, struct tsc_offset *offset)
{
	struct dialogue dialogue = {0};
	uint32_t round = 1;

	cpu_set_add(&dialogue.with, cpu);
	preempt_disable(); /* it is about this CPU's counter */
	while (round <= ROUNDS && ask(&dialogue, round, offset))
		round++;
	cross_call_wait();
	preempt_enable();
	return round > ROUNDS;
}

struct tsc_offset tsc_check(uint32_t cpu)
{
	struct tsc_offset offset = {INT64_MIN, INT64_MAX};

	for (uint32_t i = 0; i < DIALOGUES; i++) {
		if (talk(cpu, &offset))
			break;
	}
	return offset;
}
