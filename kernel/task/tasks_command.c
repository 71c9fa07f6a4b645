/*
 * tasks: what the tasks of this CPU do, or wait for.
 */
#include "core/monitor_command.h"
#include "lib/string.h"
#include "task/executor.h"
#include "task/wait_graph.h"
#include "time/clock_sources.h"

/* Without its folders: a line of the screen has 80 columns. */
static const char *file_name(const char *path)
{
	const char *slash;

	while ((slash = strchr(path, '/')) != NULL)
		path = slash + 1;
	return path;
}

static const char *state_of(struct task *task, uint64_t state)
{
	if (!(state & WAKER_LIVE))
		return "over"; /* and somebody has yet to ask for the result */
	if (task == executor_here()->current)
		return "runs";
	return state & WAKER_QUEUED ? "ready" : "waits";
}

static void print_task(struct command_output *output, struct task *task, uint64_t state)
{
	uint64_t hz = clock_sources_tsc()->hz, us = hz != 0 ? clock_to_ns(task->ticks, clock_scale(hz)) / 1000 : 0;
	const struct future *place = wait_graph_place(task);
	char text[WAIT_TEXT_MAX];

	command_print(output, "%-14s %-5s %7u %5lu.%03lu", task_future(task)->type->name, state_of(task, state),
	        task->polls, us / 1000, us % 1000);
	if ((state & WAKER_LIVE) && future_is_pending(place))
		command_print(output, "  %s:%u  %s", file_name(place->type->file), place->line,
		        wait_graph_describe(task, text));
	command_print(output, "\n");
}

/* Each circle once: when it is the turn of that one of its tasks that lies lowest in memory. */
static void print_circle(struct command_output *output, struct task *task)
{
	struct task *circle[WAIT_CIRCLE_MAX];
	unsigned int length = wait_graph_find_circle(task, circle);

	if (length == 0)
		return;
	for (unsigned int i = 1; i < length; i++) {
		if (circle[i] < task)
			return;
	}
	command_print(output, "Deadlock:");
	for (unsigned int i = 0; i < length; i++)
		command_print(output, " %s at %s:%u waits for", task_future(circle[i])->type->name,
		        file_name(wait_graph_place(circle[i])->type->file), wait_graph_place(circle[i])->line);
	command_print(output, " %s.\n", task_future(task)->type->name);
}

static int print_tasks(struct command_output *output, unsigned int count, char *const words[])
{
	struct executor *here = executor_here();
	unsigned int slots = 0, tasks = 0;

	if (count > 1)
		return command_refuse(output, words[0]);
	command_print(output, "task           state   polls        ms  suspended at, waits for\n");
	for (struct task *task = here->slots; task != NULL; task = task->next_slot) {
		uint64_t state = __atomic_load_n(&task->waker.state, __ATOMIC_RELAXED);

		slots++;
		if (!(state & (WAKER_LIVE | WAKER_HANDLE)))
			continue;
		tasks++;
		print_task(output, task, state);
	}
	for (struct task *task = here->slots; task != NULL; task = task->next_slot) {
		if (task_of(&task->waker) != NULL)
			print_circle(output, task);
	}
	command_print(output, "%u task%s in %u slots; %lu polls, %lu time%s asleep\n", tasks, tasks == 1 ? "" : "s",
	        slots, here->polls, here->halts, here->halts == 1 ? "" : "s");
	return 0;
}

MONITOR_COMMAND(tasks, "", "async tasks: state, time, where they wait, and for what", print_tasks);
