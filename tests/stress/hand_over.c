/*
 * A permit that was handed over to one who then is cancelled goes to the next: on one CPU, in every order.
 */
#include "machine.h"
#include "task/semaphore.h"

static struct semaphore semaphore;
static unsigned int grants;

struct taker {
	struct future future;
	bool has_it;
	struct semaphore_acquire acquire;
};

ASYNC(taker)
{
	ASYNC_BEGIN;
	await(semaphore_acquire(&me->acquire, &semaphore));
	me->has_it = true;
	grants++;
	ASYNC_FINALLY;
	if (me->has_it)
		semaphore_release(&semaphore);
	ASYNC_END;
}

/* Of `count` who wait, `victim` is cancelled: before or after the permit is given back, which goes to the first. */
static void cancel_one(unsigned int count, unsigned int victim, bool is_granted)
{
	struct executor *here = executor_here();
	struct task *takers[4];

	semaphore_start(&semaphore, "permit", 0);
	grants = 0;
	for (unsigned int i = 0; i < count; i++)
		takers[i] = spawn(taker, .has_it = false);
	while (executor_run_ready(here) != 0)
		;
	if (is_granted)
		semaphore_release(&semaphore);
	EXPECT(task_cancel(takers[victim], task_generation(takers[victim])));
	if (!is_granted)
		semaphore_release(&semaphore);
	while (executor_run_ready(here) != 0)
		;
	EXPECT(grants == count - 1);
	EXPECT(semaphore.permits == 1 && semaphore.waiting.first == NULL);
}

static void every_order(unsigned int number)
{
	(void)number;
	for (unsigned int count = 1; count <= 4; count++) {
		for (unsigned int victim = 0; victim < count; victim++) {
			cancel_one(count, victim, true);
			cancel_one(count, victim, false);
		}
	}
}

unsigned long stress_hand_over(void)
{
	machine_run(1, every_order, 0, NULL, NULL);
	return 2 * (1 + 2 + 3 + 4);
}
