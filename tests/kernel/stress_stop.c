/*
 * One CPU panics while all others are in the middle of something: nobody interrupts the report.
 */
#include "core/cpus.h"
#include "core/log.h"
#include "core/panic.h"
#include "cpu.h"
#include "local_apic.h"
#include "stress.h"
#include "task/executor.h"
#include "task/scheduler.h"
#include "task/semaphore.h"
#include "trap.h"
#include "unseal.h"

#define LINES 8          /* of each CPU, before one has enough */
#define PAUSE (1u << 20) /* cycles, in which who reports can say something, but not all */

static struct semaphore never = SEMAPHORE("never", 0);
static uint32_t talkers; /* who have said their lines */
static uint32_t deaf;    /* this CPU ignores that it is to stop; CPUS_MAX: none */
static trap_handler *others;

/* While an NMI is handled, no other comes (Intel SDM volume 3, 6.7.1). */
static void talk_for_ever(struct trap_frame *frame)
{
	if (percpu_cpu() != deaf) {
		others(frame);
		return;
	}
	__atomic_fetch_add(&talkers, 1, __ATOMIC_RELEASE);
	for (;;) {
		uint64_t began = cpu_read_tsc();

		log_info("CPU %u talks, and hears nothing\n", percpu_cpu());
		while (cpu_read_tsc() - began < PAUSE)
			cpu_relax();
	}
}

static intptr_t talk(void *argument)
{
	(void)argument;
	if (percpu_cpu() == deaf) {
		local_apic_send(local_apic_id(), LOCAL_APIC_NMI);
		for (;;) /* until it comes: with the log's lock held it would make another panic */
			cpu_relax();
	}
	for (unsigned int i = 1;; i++) {
		log_info("CPU %u talks, %u lines\n", percpu_cpu(), i);
		if (i == LINES)
			__atomic_fetch_add(&talkers, 1, __ATOMIC_RELEASE);
		stress_step();
		scheduler_yield();
	}
	return 0;
}

static intptr_t have_enough(void *argument)
{
	while (__atomic_load_n(&talkers, __ATOMIC_ACQUIRE) != cpus_online())
		scheduler_yield();
	panic("CPU %u has heard enough of %lu.", percpu_cpu(), (uintptr_t)argument);
}

static intptr_t rage_on(void *argument)
{
	struct storm *storm = argument;

	for (;; storm->seed++)
		storm->run(storm);
	return 0;
}

/* The bug: one CPU goes on. */
void storm_panic(const struct storm *storm)
{
	uint64_t dice = storm->seed;
	uint32_t traitor = stress_roll(&dice, cpus_online());
	struct cpu_set there = stress_only(traitor);
	struct semaphore_acquire acquire;

	deaf = storm->has_bug ? (traitor + 1) % cpus_online() : CPUS_MAX;
	if (storm->has_bug)
		others = unsealed_set_handler(TRAP_NMI, talk_for_ever);
	for (struct storm *other = stress_storms; other->name != NULL; other++) {
		other->seed = storm->seed;
		other->is_part = true;
		if (!other->is_alone && !storm->has_bug) /* they would wait for the deaf one's answers */
			stress_thread(.name = other->name, .run = rage_on, .argument = other);
	}
	stress_thread(.name = "traitor", .run = have_enough, .argument = (void *)storm->seed, .affinity = &there);
	for (uint32_t i = 1; i <= cpus_online(); i++) { /* the deaf one comes last: this thread may be on its CPU */
		struct cpu_set here = stress_only((deaf + i) % cpus_online());

		stress_thread(.name = "talker", .run = talk, .affinity = &here);
	}
	block_on(semaphore_acquire(&acquire, &never));
}
