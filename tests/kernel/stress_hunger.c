/*
 * Threads and tasks are made on all CPUs where every third call for memory is refused.
 */
#include "everywhere.h"
#include "hunger.h"
#include "percpu.h"
#include "stress.h"
#include "task/scheduler.h"

#define HOSTS  4
#define FEASTS 10

/* everywhere_run() is CPU 0's. */
static void go_to_first(void)
{
	struct cpu_set first = stress_only(0);

	thread_set_affinity(thread_current(), &first);
	while (percpu_cpu() != 0)
		scheduler_yield();
}

/* The bug: one stack is kept when there is no memory for the rest. */
void storm_hunger(const struct storm *storm)
{
	struct hunger hosts[HOSTS];
	struct thread *threads[HOSTS];
	unsigned int refused = 0;

	go_to_first();
	everywhere_run(hunger_begin);
	for (unsigned int i = 0; i < HOSTS; i++) {
		hosts[i] = (struct hunger){
		        .dice = storm->seed * HOSTS + i, .feasts = FEASTS, .forgets = storm->has_bug && i == 0};
		threads[i] = stress_thread(.name = "host", .run = hunger_run, .argument = &hosts[i]);
	}
	for (unsigned int i = 0; i < HOSTS; i++) {
		if (stress_join(threads[i]) != 0)
			stress_fail("a thread or a task without memory does what it should not");
		refused += hosts[i].refused;
	}
	everywhere_run(hunger_end);
	if (refused == 0)
		stress_fail("no call for memory was refused");
}
