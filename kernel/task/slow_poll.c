#include "task/slow_poll.h"

#include "core/log.h"
#include "core/spinlock.h"
#include "lib/format.h"
#include "task/wait_graph.h"
#include "time/clock_sources.h"

#define SLOW_PER_SECOND 1000 /* a poll is slow if fewer of its kind fit into a second */
#define PLACES_MAX      32   /* as many are told of; then they are too many to learn from */

static struct spinlock lock = SPINLOCK(RANK_TASKS, "slow polls");

/* Guarded by the lock. */
static struct {
	const char *file;
	uint32_t line;
} places[PLACES_MAX];

static unsigned int places_count;

/* True if this place is new. */
static bool note(const char *file, uint32_t line)
{
	uint64_t flags = spin_lock(&lock);
	unsigned int i = 0;
	bool is_new;

	while (i < places_count && (places[i].file != file || places[i].line != line))
		i++;
	is_new = i == places_count && i < PLACES_MAX;
	if (is_new) {
		places[i].file = file;
		places[i].line = line;
		places_count++;
	}
	spin_unlock(&lock, flags);
	return is_new;
}

static void tell(struct task *task, uint64_t ticks, uint64_t hz, bool is_over)
{
	const struct future *place = wait_graph_place(task);
	uint32_t line = is_over ? 0 : place->line;
	char where[80];

	if (!note(place->type->file, line))
		return;
	format_string(where, sizeof(where), is_over ? "its end in %s" : "%s:%u", place->type->file, line);
	log_keep(LOG_WARNING, "Task %s ran %lu us without a pause, up to %s\n", task_future(task)->type->name,
	        ticks * 1000 / (hz / 1000), where);
}

uint64_t slow_poll_check(struct task *task, uint64_t ticks, bool is_over)
{
	uint64_t hz = clock_sources_tsc()->hz, limit = hz / SLOW_PER_SECOND;

	if (hz != 0 && ticks > limit)
		tell(task, ticks, hz, is_over);
	return limit;
}
