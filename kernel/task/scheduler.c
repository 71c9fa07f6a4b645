#include "task/scheduler.h"

#include "core/cpus.h"
#include "core/panic.h"
#include "core/running_thread.h"
#include "core/spinlock_inline.h"
#include "cpu.h"
#include "preempt.h"
#include "task/migration.h"
#include "task/placement.h"
#include "task/ready.h"
#include "task/schedule_seed.h"
#include "task/thread_stack.h"
#include "task/trace.h"
#include "task/watchdog.h"
#include "time/clock.h"
#include "time/clock_sources.h"
#include "vector_state.h"

/* Kept apart, so that what happens in each switch stays short. */
#define RARE  __attribute__((noinline, cold))
#define USUAL inline __attribute__((always_inline))

#define SWITCH_ODDS 4 /* one in so many places is where a seed makes a thread wait */

#define SLICE_NS 4000000u
#define HZ_GUESS                                                                                                       \
	NS_PER_SECOND /* of a time-stamp counter that nobody could measure: then slices are longer or shorter */

static bool counters_differ; /* one CPU's time-stamp counter says nothing of another's */

static PERCPU(struct scheduler, own) = {.lock = SPINLOCK(RANK_SCHEDULER, "scheduler")};

struct scheduler *scheduler_here(void)
{
	return percpu(own);
}

struct scheduler *scheduler_on(uint32_t cpu)
{
	return percpu_of(own, cpu);
}

/* ---- the inbox --------------------------------------------------------------------------------------------------- */

/* Another CPU is sent an interrupt, whose handler requests the same there. */
static void pend(struct run_queue *queue)
{
	uint32_t cpu = ((struct scheduler *)(void *)queue)->cpu; /* its first field */

	preempt_disable(); /* otherwise the request could be another CPU's */
	if (cpu != percpu_cpu())
		cpus_kick(cpu);
	else
		preempt_request();
	preempt_enable();
}

/* While the CPU is idle nobody knows yet who has to wait: clean_up() offers all of them. */
static void begin_to_wait(struct scheduler *here, struct thread *thread)
{
	ready_make(here, thread);
	if (migration_is_possible && !here->is_idle)
		migration_offer(thread);
}

static void deliver(struct scheduler *here, struct thread *thread, uint64_t state)
{
	if (!(state & WAKER_THREAD)) /* a wake that came too late */
		return;
	if (thread->state != THREAD_PARKED)
		thread->is_woken = true;
	else if (thread == here->current && !migration_may_run(here, thread))
		migration_expel(here, thread);
	else
		begin_to_wait(here, thread);
}

static RARE void deliver_all(struct scheduler *here)
{
	struct waker *next;

	do {
		for (struct waker *waker = run_queue_take(&here->inbox); waker != NULL; waker = next) {
			uint64_t state;

			next = waker->next;
			if (migration_is_possible && migration_forward(here, (struct thread *)(void *)waker))
				continue;
			/* Before it looks for what it was woken for: who wakes from here on wakes it anew. */
			state = __atomic_fetch_and(&waker->state, ~(uint64_t)WAKER_QUEUED, __ATOMIC_ACQ_REL);
			deliver(here, (struct thread *)(void *)waker, state);
		}
	} while (!run_queue_try_idle(&here->inbox));
}

/* Whoever was woken up to now is ready, or knows it. Who runs is charged first: to be fair, those who come begin where
 * he is now, not where he was when that was looked at last. */
static void empty_inbox(struct scheduler *here)
{
	if (!schedule_seed.is_in_use)
		preempt_withdraw();
	if (__atomic_load_n(&here->inbox.head, __ATOMIC_RELAXED) != RUN_QUEUE_IDLE)
		deliver_all(here);
}

/* ---- time -------------------------------------------------------------------------------------------------------- */

static uint64_t pass(struct scheduler *here)
{
	uint64_t now = cpu_read_tsc(), ticks = now - here->stamp;

	here->stamp = now;
	return ticks;
}

static USUAL void charge_to(struct scheduler *here, struct thread *thread)
{
	uint64_t ticks = pass(here);

	thread->ticks += ticks;
	/* Not more than zero: another CPU stamped last, whose counter is a little ahead. */
	if (here->fair.runner != NULL && __builtin_expect(!schedule_seed.is_in_use && (int64_t)ticks > 0, true))
		fair_queue_charge(&here->fair, ticks);
}

static USUAL void charge(struct scheduler *here)
{
	charge_to(here, here->current);
}

static void end_slice(struct timer *timer)
{
	(void)timer;
	preempt_request();
}

static uint64_t slice_ticks(void)
{
	uint64_t hz = clock_sources_tsc()->hz;

	return (hz != 0 ? hz : HZ_GUESS) / (NS_PER_SECOND / SLICE_NS);
}

/* If it comes too early, since somebody else runs by then, it is armed again. */
static RARE void arm_slice(struct scheduler *here)
{
	uint64_t ns;

	if (schedule_seed.is_in_use)
		return;
	if (here->slice_ticks == 0)
		here->slice_ticks = slice_ticks();
	ns = fair_queue_left(&here->fair) * SLICE_NS / here->slice_ticks;
	timer_start(&here->slice, clock_monotonic_ns() + ns);
}

static USUAL void watch_slice(struct scheduler *here)
{
	if (!timer_is_pending(&here->slice) && here->fair.first != NULL && here->fair.runner != NULL)
		arm_slice(here);
}

/* ---- switching --------------------------------------------------------------------------------------------------- */

/* Before the CPU sleeps it looks for a thread that waits on another; it does not wait in line for that one's lock, in
 * the way of those who need it, but looks again. It sleeps until an interrupt, and longer, if that wakes nobody. If it
 * should look but has somebody to run by then, others do. */
static RARE void idle(struct scheduler *here)
{
	struct thread *stolen = NULL;
	bool was_busy = false, was_asked = false;

	trace_record(TRACE_IDLE, NULL);
	here->is_idle = true;
	preempt_disable();
	spin_give(&here->lock);
	if (migration_is_possible) {
		placement_enter_idle();
		stolen = migration_steal(&was_busy);
	}
	if (stolen == NULL && was_busy) {
		cpu_enable_interrupts();
		cpu_relax();
		cpu_disable_interrupts();
	} else if (stolen == NULL) {
		here->halts++;
		cpu_wait_for_interrupt();
		cpu_disable_interrupts();
	}
	if (migration_is_possible)
		was_asked = placement_leave_idle();
	spin_take(&here->lock);
	if (stolen != NULL)
		migration_take_in(here, stolen);
	empty_inbox(here);
	if (was_asked || was_busy)
		migration_ask_others(here);
	here->has_remains |= migration_is_possible; /* there may be more than one now */
	here->has_newcomers = migration_is_possible;
	preempt_enable();
	here->idle_ticks += pass(here);
	here->is_idle = false;
}

static RARE struct thread *sleep_until_ready(struct scheduler *here)
{
	struct thread *next;

	while ((next = ready_take_next(here)) == NULL)
		idle(here);
	watchdog_awake();
	return next;
}

/* Interrupts are again as they were, and who was woken meanwhile has his turn. */
static USUAL void leave(uint64_t flags)
{
	cpu_interrupts_restore(flags);
	if (preempt_is_due() && !schedule_seed.is_in_use) /* with a seed it always is */
		preempt_make_room_if_possible();
}

/* What is left of who ran before: the stack of one that is over, one that would go on or may not stay. Unlocks. */
static RARE void clean_up(struct scheduler *here)
{
	struct thread *leaver = here->leaver;
	uint64_t dead_stack = here->dead_stack;
	bool must_go = leaver != NULL && leaver == here->current && !migration_may_run(here, leaver);

	here->dead_stack = 0;
	here->has_remains = must_go;
	if (must_go)
		preempt_request();
	else
		here->leaver = NULL;
	if (leaver != NULL && leaver != here->current)
		migration_see_off(here, leaver);
	if (here->has_newcomers)
		migration_offer_all(here);
	here->has_newcomers = false;
	spin_give(&here->lock);
	if (dead_stack != 0)
		thread_stack_give_back(dead_stack);
}

/* Behind the switch, on the new thread's stack, and perhaps on another CPU than when it last ran. */
static USUAL void arrive(uint64_t flags)
{
	struct scheduler *here = scheduler_here();

	if (here->has_remains)
		clean_up(here);
	else
		spin_give_inline(&here->lock, RANK_SCHEDULER);
	leave(flags);
}

/*
 * What is saved is always saved at once, for the thread may go on elsewhere; it is restored only if another's are in
 * the registers. That is less than a trap at the first use costs (docs/threads.md), and no program can guess what
 * another left behind.
 */
static RARE void switch_vectors(struct scheduler *here, struct thread *before, struct thread *next)
{
	if (before->vectors != NULL)
		vector_state_save(before->vectors);
	if (next->vectors != NULL && here->vectors_of != next) {
		vector_state_restore(next->vectors);
		here->vectors_of = next;
	}
}

/* Unlocks. */
static USUAL void switch_to(struct scheduler *here, struct thread *next, struct thread *before, uint64_t flags)
{
	next->state = THREAD_RUNS;
	watch_slice(here);
	trace_record(TRACE_SWITCH, next);
	if (next != before) {
		if (((uintptr_t)before->vectors | (uintptr_t)next->vectors) != 0)
			switch_vectors(here, before, next);
		here->current = next;
		here->switches++;
		next->switches++;
		switch_context(&before->context, &next->context, next);
	}
	arrive(flags);
}

/* Who runs is queued already, or the fair queue's runner, or waits for something else than its turn. Unlocks. */
static USUAL void switch_to_next(struct scheduler *here, struct thread *before, uint64_t flags)
{
	struct thread *next = ready_take_next(here);

	if (next == NULL)
		next = sleep_until_ready(here);
	switch_to(here, next, before, flags);
}

static USUAL struct scheduler *lock_here(uint64_t *flags)
{
	struct scheduler *here;

	*flags = cpu_interrupts_save();
	here = scheduler_here();
	spin_take_inline(&here->lock, RANK_SCHEDULER, 0);
	return here;
}

/* It would go on: another CPU is to hear of it, if it does not run here next. */
static USUAL void stop_running(struct scheduler *here, struct thread *thread)
{
	thread->state = THREAD_READY;
	if (__builtin_expect(migration_is_possible, false)) {
		here->leaver = thread;
		here->has_remains = true;
	}
}

/* Do the dice say so? Not at the end of an interrupt: nobody knows where that comes. */
static bool is_rolled(const struct scheduler *here, uint64_t flags)
{
	return schedule_seed.is_in_use && (flags & CPU_FLAGS_IF) != 0 && here->current->priority == THREAD_FAIR &&
	       here->fair.waiting > 0 && schedule_seed_roll(SWITCH_ODDS) == 0;
}

static void make_room(void)
{
	uint64_t flags;
	struct scheduler *here = lock_here(&flags);
	struct thread *thread = here->current;

	charge(here);
	empty_inbox(here);
	if (!migration_may_run(here, thread)) {
		if (thread->priority == THREAD_FAIR)
			fair_queue_leave(&here->fair);
		migration_expel(here, thread);
		switch_to_next(here, thread, flags);
		return;
	}
	if (!ready_is_due(here) && !is_rolled(here, flags)) {
		watch_slice(here);
		spin_give(&here->lock);
		leave(flags);
		return;
	}
	stop_running(here, thread);
	if (thread->priority != THREAD_FAIR)
		ready_prepend(here, thread);
	switch_to_next(here, thread, flags);
}

void scheduler_yield(void)
{
	uint64_t flags;
	struct scheduler *here = lock_here(&flags);
	struct thread *thread = here->current;

	charge_to(here, thread);
	empty_inbox(here);
	stop_running(here, thread);
	switch_to(here, ready_pass(here, thread), thread, flags);
}

/* Interrupts first: with them on, the locks that are looked at may be another CPU's by then. */
static struct scheduler *lock_to_sleep(const struct thread *thread, uint64_t *flags)
{
	*flags = cpu_interrupts_save();
	if (preempt_depth() != 0 || spin_held() != 0 || !(*flags & CPU_FLAGS_IF))
		panic("Thread %s sleeps where it must not: locks %x, %u times not to be preempted, interrupts %s.",
		        thread->name, spin_held(), preempt_depth(), *flags & CPU_FLAGS_IF ? "on" : "off");
	spin_take(&scheduler_here()->lock);
	return scheduler_here();
}

void scheduler_park(void)
{
	uint64_t flags;
	struct scheduler *here;
	struct thread *thread = thread_current();

	here = lock_to_sleep(thread, &flags);
	charge(here);
	empty_inbox(here);
	if (thread->is_woken) {
		thread->is_woken = false;
		if (here->has_remains || ready_is_due(here))
			preempt_request();
		spin_unlock(&here->lock, flags);
		return;
	}
	if (thread->priority == THREAD_FAIR)
		fair_queue_leave(&here->fair);
	thread->state = THREAD_PARKED;
	switch_to_next(here, thread, flags);
}

static void enter_class(struct scheduler *here, struct thread *thread)
{
	if (thread->state == THREAD_READY) {
		ready_make(here, thread);
	} else if (thread->state == THREAD_RUNS && thread->priority == THREAD_FAIR) {
		fair_queue_join(&here->fair, &thread->fair);
		fair_queue_run(&here->fair, &thread->fair);
	}
}

void scheduler_distrust_counters(void)
{
	__atomic_store_n(&counters_differ, true, __ATOMIC_RELAXED);
}

/* Can this CPU's counter tell what passed there? */
static bool can_tell_of(const struct scheduler *home)
{
	return home == scheduler_here() || !__atomic_load_n(&counters_differ, __ATOMIC_RELAXED);
}

/* What passed there up to now. */
static void charge_from_here(struct scheduler *home)
{
	if (!home->is_idle && can_tell_of(home))
		charge(home);
}

/* It is charged when it makes room: who runs now has run for longer. */
uint64_t scheduler_ticks(const struct thread *thread)
{
	const struct scheduler *home = scheduler_on(__atomic_load_n(&thread->cpu, __ATOMIC_RELAXED));
	uint64_t ticks = __atomic_load_n(&thread->ticks, __ATOMIC_RELAXED);
	uint64_t stamp = __atomic_load_n(&home->stamp, __ATOMIC_RELAXED), now = cpu_read_tsc();

	if (__atomic_load_n(&home->current, __ATOMIC_RELAXED) != thread ||
	        __atomic_load_n(&home->is_idle, __ATOMIC_RELAXED) || stamp > now || !can_tell_of(home))
		return ticks;
	return ticks + (now - stamp);
}

/* It may be another CPU's thread. That CPU is made to look whose turn it is, and arms its own timer. */
void scheduler_set_priority(struct thread *thread, uint8_t priority)
{
	uint64_t flags = cpu_interrupts_save();
	struct scheduler *home = migration_lock_home(thread);

	charge_from_here(home);
	ready_leave(home, thread);
	thread->priority = priority;
	enter_class(home, thread);
	if (home == scheduler_here()) {
		if (ready_is_due(home))
			preempt_request();
		watch_slice(home);
	}
	spin_give(&home->lock);
	if (home != scheduler_here())
		cpus_kick(home->cpu);
	leave(flags);
}

void scheduler_set_affinity(struct thread *thread, const struct cpu_set *allowed)
{
	uint64_t flags = cpu_interrupts_save();
	struct scheduler *home = migration_lock_home(thread);
	bool runs;

	thread->affinity = *allowed;
	runs = thread->state == THREAD_RUNS && !migration_may_run(home, thread);
	if (runs) {
		home->leaver = thread;
		home->has_remains = true;
	} else if (thread->state == THREAD_READY) {
		migration_see_off(home, thread);
	}
	if (runs && home == scheduler_here())
		preempt_request();
	spin_give(&home->lock);
	if (runs && home != scheduler_here())
		cpus_kick(home->cpu);
	leave(flags);
}

void *scheduler_use_vectors(void *area)
{
	uint64_t flags;
	struct scheduler *here = lock_here(&flags);
	struct thread *thread = here->current;
	void *before = thread->vectors;

	thread->vectors = area;
	here->vectors_of = NULL;
	if (area != NULL) {
		vector_state_start(); /* the area may have been made on another CPU */
		vector_state_restore(area);
		here->vectors_of = thread;
	}
	spin_give(&here->lock);
	leave(flags);
	return before;
}

/* ---- beginning and end ------------------------------------------------------------------------------------------- */

void scheduler_add(struct thread *thread)
{
	uint64_t flags;
	struct scheduler *here = lock_here(&flags);

	if (here->slice_ticks == 0)
		here->slice_ticks = slice_ticks();
	fair_entity_start(&thread->fair, thread->fair.weight, here->slice_ticks);
	if (migration_is_possible && migration_begin_elsewhere(here, thread)) {
		spin_unlock(&here->lock, flags);
		return;
	}
	charge(here);
	begin_to_wait(here, thread);
	if (ready_is_due(here))
		preempt_request();
	watch_slice(here);
	spin_unlock(&here->lock, flags);
}

void scheduler_begin(void)
{
	arrive(CPU_FLAGS_IF);
}

/* From here on the stack is the only thing that is left of it: the joiner may reuse its slot. */
void scheduler_end(void)
{
	uint64_t flags;
	struct scheduler *here;
	struct thread *thread = thread_current();

	here = lock_to_sleep(thread, &flags);
	charge(here);
	if (thread->priority == THREAD_FAIR)
		fair_queue_leave(&here->fair);
	thread->state = THREAD_OVER;
	here->dead_stack = thread->stack;
	here->has_remains = true;
	if (here->leaver == thread)
		here->leaver = NULL;
	here->current = &here->nobody;
	thread_finish(thread);
	empty_inbox(here);
	switch_to_next(here, &here->nobody, flags);
	panic("A thread that is over was switched to.");
}

void scheduler_start_cpu(void)
{
	struct scheduler *here = scheduler_here();

	here->inbox = (struct run_queue){.head = RUN_QUEUE_IDLE, .pend = pend};
	here->cpu = percpu_cpu();
	here->slice.fire = end_slice;
	here->began = here->stamp = cpu_read_tsc();
	here->current = &here->first;
	if (here->cpu != 0)
		migration_start();
	thread_adopt(&here->first, &here->inbox, "executor", THREAD_EXECUTOR);
	percpu_set_thread(&here->first);
}

void scheduler_start(void)
{
	scheduler_start_cpu();
	preempt_start(make_room);
	running_thread_start(thread_running_name);
	trace_start();
}
