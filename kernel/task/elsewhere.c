#include "task/elsewhere.h"

#include <stddef.h>

#include "percpu.h"
#include "task/task.h"

/* What others want done here, the latest first. */
struct letter_box {
	struct elsewhere *latest;
	struct atomic_waker waker;
};
static PERCPU(struct letter_box, letter_box);

struct serve_others {
	struct future future;
};

static void run_all(struct elsewhere *latest)
{
	struct elsewhere *first = NULL, *next;

	for (; latest != NULL; latest = next) {
		next = latest->next;
		latest->next = first;
		first = latest;
	}
	for (; first != NULL; first = next) {
		next = first->next; /* it may be gone, or given again, once it has begun */
		first->function(first);
	}
}

/* Never done: takes all that has come, and looks again after leaving the waker. */
static enum poll serve_others_poll(struct future *future, struct waker *waker)
{
	struct letter_box *mine = percpu(letter_box);
	struct elsewhere *latest;

	future->line = __LINE__; /* what `tasks` shows of a task, too */
	if (waker == NULL)
		return PENDING;
	while ((latest = __atomic_exchange_n(&mine->latest, NULL, __ATOMIC_ACQ_REL)) != NULL)
		run_all(latest);
	atomic_waker_register(&mine->waker, waker);
	if (__atomic_load_n(&mine->latest, __ATOMIC_ACQUIRE) != NULL)
		wake(waker);
	return PENDING;
}

static bool serve_others_waits(const struct future *future, unsigned int index, struct wait *wait)
{
	(void)future;
	*wait = (struct wait){.what = "other CPUs"};
	return index == 0;
}

static const struct future_type serve_others_type = {serve_others_poll, "serve_others", __FILE__, serve_others_waits};

bool elsewhere_start_cpu(void)
{
	return spawn(serve_others) != NULL;
}

void elsewhere_run(uint32_t cpu, struct elsewhere *what)
{
	struct letter_box *theirs = percpu_of(letter_box, cpu);

	what->next = __atomic_load_n(&theirs->latest, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(
	        &theirs->latest, &what->next, what, true, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		;
	atomic_waker_wake(&theirs->waker);
}
