#include "task/migration.h"

#include "preempt.h"
#include "task/placement.h"
#include "task/ready.h"
#include "vector_state.h"

bool migration_is_possible;

void migration_start(void)
{
	__atomic_store_n(&migration_is_possible, true, __ATOMIC_SEQ_CST);
}

struct scheduler *migration_lock_home(const struct thread *thread)
{
	for (;;) {
		struct scheduler *home = scheduler_on(__atomic_load_n(&thread->cpu, __ATOMIC_ACQUIRE));

		spin_take(&home->lock);
		if (__atomic_load_n(&thread->cpu, __ATOMIC_ACQUIRE) == home->cpu)
			return home;
		spin_give(&home->lock);
	}
}

/* It is here, or goes on. */
static void has_come(struct scheduler *here)
{
	__atomic_fetch_sub(&here->coming, 1, __ATOMIC_RELAXED);
}

/* ---- going ------------------------------------------------------------------------------------------------------- */

/*
 * One that is in no queue and whose context is saved: it is the other CPU's from here on, and so is the right to change
 * anything of it. Its waker's home follows, but nothing depends on that: an inbox that finds another CPU's thread
 * passes it on. What it owes is settled where it ran.
 */
static void send_to(struct scheduler *here, struct thread *thread, uint32_t cpu)
{
	if (thread->has_moved)
		has_come(here);
	else
		fair_queue_release(&here->fair, &thread->fair);
	thread->has_moved = true;
	__atomic_fetch_add(&scheduler_on(cpu)->coming, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&thread->waker.home, &scheduler_on(cpu)->inbox, __ATOMIC_RELAXED);
	__atomic_store_n(&thread->cpu, cpu, __ATOMIC_RELEASE);
}

/* The same for one that is not asleep. It is told that it was woken: a wake may be on its way, which makes it ready
 * there and says no more. */
static void send_awake(struct scheduler *here, struct thread *thread)
{
	thread->state = THREAD_PARKED;
	thread->is_woken = true;
	send_to(here, thread, placement_any(&thread->affinity));
	wake(&thread->waker);
}

/* The executor's can always be run instead. */
void migration_expel(struct scheduler *here, struct thread *thread)
{
	thread->state = THREAD_PARKED;
	thread->is_woken = true;
	here->leaver = thread;
	here->has_remains = true;
	if (here->first.state == THREAD_PARKED)
		ready_make(here, &here->first);
}

/* If it sleeps, who wakes it finds it a place. */
void migration_see_off(struct scheduler *here, struct thread *leaver)
{
	if (leaver->state == THREAD_READY && migration_may_run(here, leaver)) {
		migration_offer(leaver);
		return;
	}
	if (leaver->state == THREAD_READY)
		ready_leave(here, leaver);
	else if (leaver->state != THREAD_PARKED || !leaver->is_woken)
		return;
	send_awake(here, leaver);
}

/* ---- a place for who is woken ------------------------------------------------------------------------------------ */

/* Here, if nobody else runs here; else where nobody runs; else here. */
static uint32_t place(struct scheduler *here, const struct thread *thread)
{
	bool may_stay = migration_may_run(here, thread);
	uint32_t cpu;

	if (thread->state != THREAD_PARKED || thread == here->current)
		return here->cpu;
	if (may_stay && here->is_idle && here->ready == 0 && here->fair.waiting == 0)
		return here->cpu;
	cpu = may_stay ? placement_claim(&thread->affinity) : placement_any(&thread->affinity);
	return cpu != CPUS_MAX ? cpu : here->cpu;
}

bool migration_forward(struct scheduler *here, struct thread *thread)
{
	uint32_t cpu = __atomic_load_n(&thread->cpu, __ATOMIC_ACQUIRE);

	if (cpu == here->cpu) {
		cpu = place(here, thread);
		if (cpu == here->cpu)
			return false;
		send_to(here, thread, cpu);
	}
	run_queue_push(&scheduler_on(cpu)->inbox, &thread->waker);
	return true;
}

/* Where fewer wait than here; else here. */
static uint32_t emptier(const struct scheduler *here, const struct thread *thread)
{
	uint32_t load = scheduler_load(here->cpu), cpu;

	if (load == 0)
		return here->cpu;
	cpu = placement_emptiest(&thread->affinity);
	return cpu != CPUS_MAX && scheduler_load(cpu) < load ? cpu : here->cpu;
}

/* To begin is to be woken for the first time; but there is nothing of a new thread's in any CPU's caches yet. */
bool migration_begin_elsewhere(struct scheduler *here, struct thread *thread)
{
	uint32_t cpu;

	thread->state = THREAD_PARKED;
	cpu = place(here, thread);
	if (cpu == here->cpu)
		cpu = emptier(here, thread);
	if (cpu == here->cpu)
		return false;
	send_to(here, thread, cpu);
	wake(&thread->waker);
	return true;
}

/* If it was here before, what the vector registers still hold of it is out of date. */
void migration_settle_in(struct scheduler *here, struct thread *thread)
{
	thread->has_moved = false;
	has_come(here);
	if (here->vectors_of == thread)
		here->vectors_of = NULL;
	if (thread->vectors != NULL)
		vector_state_start();
	fair_queue_adopt(&here->fair, &thread->fair);
}

/* ---- idle CPUs --------------------------------------------------------------------------------------------------- */

void migration_offer(const struct thread *thread)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST); /* it stands in the queue before the set is looked at */
	placement_ask(&thread->affinity);
}

void migration_offer_all(const struct scheduler *here)
{
	for (const struct thread *thread = NULL; (thread = ready_next(here, thread)) != NULL;)
		migration_offer(thread);
}

/* Who waits, and where he may run, is not known here. */
void migration_ask_others(const struct scheduler *here)
{
	static const struct cpu_set all = {{~0ull, ~0ull, ~0ull, ~0ull}};

	if (ready_next(here, NULL) == NULL) /* it will look itself */
		return;
	for (uint32_t left = cpus_count(); left > 0 && placement_ask(&all); left--)
		;
}

/* Never the one on whose stack that CPU still is. */
static struct thread *find_movable(const struct scheduler *victim, uint32_t cpu)
{
	struct thread *thread = ready_next(victim, NULL);

	while (thread != NULL && (thread == victim->current || !cpu_set_has(&thread->affinity, cpu)))
		thread = ready_next(victim, thread);
	return thread;
}

struct thread *migration_steal(bool *was_busy)
{
	uint32_t cpu = percpu_cpu(), from;
	struct thread *thread = NULL;
	struct cpu_set seen = {0};

	*was_busy = false;
	cpu_set_add(&seen, cpu);
	while (thread == NULL && (from = placement_next_victim(&seen)) != CPUS_MAX) {
		struct scheduler *victim = scheduler_on(from);

		if (!spin_try_take(&victim->lock)) {
			*was_busy = true;
			continue;
		}
		thread = find_movable(victim, cpu);
		if (thread != NULL) {
			ready_leave(victim, thread);
			thread->state = THREAD_PARKED;
			send_to(victim, thread, cpu);
		}
		spin_give(&victim->lock);
	}
	return thread;
}

/* Where it may run can have changed since it was stolen. */
void migration_take_in(struct scheduler *here, struct thread *stolen)
{
	here->steals++;
	if (migration_may_run(here, stolen))
		ready_make(here, stolen);
	else
		send_awake(here, stolen);
}
