#include "task/hung.h"

#include "lib/format.h"
#include "task/executor.h"
#include "task/scheduler.h"
#include "task/wait_graph.h"
#include "time/clock.h"

#define TEXT_MAX 120

/* A task's slot has no room for a standstill, and hardly any task needs one. */
struct waiting_task {
	const struct task *task; /* NULL: free */
	struct standstill standstill;
	bool is_seen; /* while looking: it waits still */
};
static PERCPU(struct waiting_task, waiting_tasks)[HUNG_TASKS_MAX];

static const char *name_of(struct waker *waker)
{
	struct thread *thread = waker != NULL ? thread_of(waker) : NULL;
	struct task *task = waker != NULL && thread == NULL ? task_of(waker) : NULL;

	if (thread != NULL)
		return thread->name;
	return task != NULL ? task_future(task)->type->name : "nobody known";
}

static unsigned int seconds(uint64_t ns)
{
	return (unsigned int)(ns / NS_PER_SECOND);
}

/* "thread hero has waited 3 s for mutex treasure, which dragon has" */
static void describe(char text[TEXT_MAX], const char *kind, const char *who, uint64_t ns, const struct wait *wait)
{
	bool has_owner = wait->owner != NULL;

	format_string(text, TEXT_MAX, "%s %s has waited %u s for %s %s%s%s%s", kind, who, seconds(ns), wait->what,
	        wait->name != NULL ? wait->name : "", has_owner ? ", which " : "",
	        has_owner ? name_of((struct waker *)wait->owner) : "", has_owner ? " has" : "");
}

static bool is_on_its_way(const struct waker *waker)
{
	return (__atomic_load_n(&waker->state, __ATOMIC_RELAXED) & WAKER_QUEUED) != 0;
}

static uint64_t count_of(const struct waker *waker, uint64_t turns)
{
	return __atomic_load_n(&waker->state, __ATOMIC_RELAXED) >> 32 << 32 | (uint32_t)turns;
}

/* ---- threads ----------------------------------------------------------------------------------------------------- */

/* With the lock held that keeps it on this CPU, and asleep if it is. True: `text` is to be told. */
static bool look_at_thread(struct thread *thread, uint64_t now, uint64_t limit, char text[TEXT_MAX], bool *waits)
{
	struct standstill *it = &thread->standstill;
	bool is_ready = thread->state == THREAD_READY;
	struct wait wait;

	/* One that is woken, and asleep all the same, was sent here in the middle of a poll, perhaps. */
	*waits = thread->state == THREAD_PARKED && !thread->is_woken && !is_on_its_way(&thread->waker) &&
	         thread->waits_for != NULL && wait_graph_is_owed(thread->waits_for, &wait);
	if (!standstill_is_too_long(it, *waits || is_ready, count_of(&thread->waker, thread->switches), now, limit))
		return false;
	if (is_ready)
		format_string(text, TEXT_MAX, "thread %s has been ready for %u s, and %s has not let it run",
		        thread->name, seconds(now - it->since_ns), scheduler_here()->current->name);
	else
		describe(text, "thread", thread->name, now - it->since_ns, &wait);
	return true;
}

static bool look_at_threads(uint64_t now, uint64_t limit, hung_report *report)
{
	struct scheduler *here = scheduler_here();
	bool again = false;

	for (struct thread *thread = thread_next(NULL); thread != NULL; thread = thread_next(thread)) {
		bool is_told = false, waits = false;
		char text[TEXT_MAX];

		if (__atomic_load_n(&thread->cpu, __ATOMIC_RELAXED) != here->cpu)
			continue;
		spin_take(&here->lock);
		if (thread->cpu == here->cpu)
			is_told = look_at_thread(thread, now, limit, text, &waits);
		again |= waits && !thread->standstill.is_told;
		spin_give(&here->lock);
		if (is_told)
			report(text);
	}
	return again;
}

/* ---- tasks ------------------------------------------------------------------------------------------------------- */

/* NULL: too many wait. */
static struct waiting_task *place_of(const struct task *task)
{
	struct waiting_task *all = *percpu(waiting_tasks), *free = NULL;

	for (unsigned int i = 0; i < HUNG_TASKS_MAX; i++) {
		if (all[i].task == task)
			return &all[i];
		if (all[i].task == NULL)
			free = &all[i];
	}
	if (free != NULL)
		*free = (struct waiting_task){.task = task};
	return free;
}

static void forget_others(void)
{
	struct waiting_task *all = *percpu(waiting_tasks);

	for (unsigned int i = 0; i < HUNG_TASKS_MAX; i++) {
		if (!all[i].is_seen)
			all[i].task = NULL;
		all[i].is_seen = false;
	}
}

/* A task that is not in its poll now, and to which no wake is on its way, stays as it is during an interrupt of its
 * CPU. */
static bool look_at_tasks(uint64_t now, uint64_t limit, hung_report *report)
{
	struct executor *here = executor_here();
	bool again = false;
	struct wait wait;

	for (struct task *task = here->slots; task != NULL; task = task->next_slot) {
		struct waiting_task *its;
		char text[TEXT_MAX];

		if (task_of(&task->waker) == NULL || task == here->current || is_on_its_way(&task->waker) ||
		        !wait_graph_is_owed(task_future(task), &wait) || (its = place_of(task)) == NULL)
			continue;
		its->is_seen = true;
		if (standstill_is_too_long(&its->standstill, true, count_of(&task->waker, task->polls), now, limit)) {
			describe(text, "task", task_future(task)->type->name, now - its->standstill.since_ns, &wait);
			report(text);
		}
		again |= !its->standstill.is_told;
	}
	forget_others();
	return again;
}

bool hung_look(uint64_t now_ns, uint64_t limit_ns, hung_report *report)
{
	bool again = look_at_threads(now_ns, limit_ns, report);

	return look_at_tasks(now_ns, limit_ns, report) || again;
}
