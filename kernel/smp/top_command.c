/*
 * top: who uses the CPUs, again and again.
 */
#include "abi/errno.h"
#include "core/cpus.h"
#include "core/monitor_command.h"
#include "cpu.h"
#include "mm/heap.h"
#include "smp/load.h"
#include "task/executor.h"
#include "task/migration.h"

#define LOADS_OF_LINE 5u
#define SHOWN         16u /* a screen has no more */

struct row {
	const void *who;     /* the slot of a thread or a task */
	uint32_t generation; /* which of those that the slot had and will have */
	const char *name;
	bool is_task;
	uint32_t cpu;
	uint64_t ticks, used; /* so far, and since the last time */
};

struct table {
	struct row *rows; /* of the heap; kept for the next time */
	uint32_t room, count;
	uint64_t at;
};

static struct load_mark marks[CPUS_MAX];

/* Who is new in its slot begins anew. */
static uint64_t ticks_before(const struct table *before, const struct row *row)
{
	for (uint32_t i = 0; i < before->count; i++) {
		if (before->rows[i].who == row->who && before->rows[i].generation == row->generation)
			return before->rows[i].ticks;
	}
	return 0;
}

/* With the lock, or what is charged meanwhile would be missing, and there twice the next time. */
static uint64_t ticks_of(const struct thread *thread)
{
	uint64_t flags = cpu_interrupts_save(), ticks;
	struct scheduler *home = migration_lock_home(thread);

	ticks = scheduler_ticks(thread);
	spin_unlock(&home->lock, flags);
	return ticks;
}

static void add(struct table *table, const struct table *before, struct row row)
{
	uint32_t at = table->count;

	if (at == table->room) /* it came just now */
		return;
	row.used = ticks_before(before, &row);
	row.used = row.ticks > row.used ? row.ticks - row.used : 0;
	for (; at > 0 && table->rows[at - 1].used < row.used; at--)
		table->rows[at] = table->rows[at - 1];
	table->rows[at] = row;
	table->count++;
}

static uint32_t count_all(void)
{
	uint32_t count = 0;

	for (const struct thread *thread = thread_next(NULL); thread != NULL; thread = thread_next(thread))
		count++;
	for (const struct task *task = executor_here()->slots; task != NULL; task = task->next_slot)
		count++;
	return count;
}

/* For all who are or could be by then; nobody is in it afterwards. */
static bool make_room(struct table *table)
{
	uint32_t room = count_all();

	table->count = 0;
	if (room <= table->room)
		return true;
	kfree(table->rows);
	table->rows = kmalloc_array(room, sizeof(*table->rows));
	table->room = table->rows != NULL ? room : 0;
	return table->rows != NULL;
}

static void look(struct table *now, const struct table *before)
{
	now->at = cpu_read_tsc();
	for (struct thread *thread = thread_next(NULL); thread != NULL; thread = thread_next(thread)) {
		if (thread->state != THREAD_FREE)
			add(now, before,
			        (struct row){.who = thread,
			                .generation = thread_generation(thread),
			                .name = thread->name,
			                .cpu = thread->cpu,
			                .ticks = ticks_of(thread)});
	}
	for (struct task *task = executor_here()->slots; task != NULL; task = task->next_slot) {
		if (task_of(&task->waker) != NULL)
			add(now, before,
			        (struct row){.who = task,
			                .generation = task_generation(task),
			                .name = task_future(task)->type->name,
			                .is_task = true,
			                .cpu = percpu_cpu(),
			                .ticks = task->ticks});
	}
}

static void print_loads(struct command_output *output)
{
	unsigned int shown = 0;

	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		if (!cpus_is_online(cpu))
			continue;
		if (shown > 0)
			command_print(output, shown % LOADS_OF_LINE == 0 ? "\n" : "    ");
		command_print(output, "CPU %3u %3lu %%", cpu, load_since(&marks[cpu], cpu));
		shown++;
	}
	command_print(output, "\n\n");
}

static void print_row(struct command_output *output, const struct row *row, uint64_t passed)
{
	uint64_t tenths = passed / 1000 != 0 ? row->used / (passed / 1000) : 0;

	command_print(output, "%s%-*s %3u %4lu.%lu %%\n", row->is_task ? "  " : "", row->is_task ? 24 : 26, row->name,
	        row->cpu, tenths / 10, tenths % 10);
}

/* The tasks behind the thread that runs them, whatever others have used. */
static void print_rows(struct command_output *output, const struct table *table, uint64_t passed)
{
	const struct thread *runs_tasks = executor_here()->thread;
	uint32_t shown = 0;

	for (uint32_t i = 0; i < table->count && shown < SHOWN; i++) {
		if (table->rows[i].is_task)
			continue;
		print_row(output, &table->rows[i], passed);
		shown++;
		for (uint32_t j = 0; table->rows[i].who == runs_tasks && j < table->count && shown < SHOWN; j++) {
			if (table->rows[j].is_task) {
				print_row(output, &table->rows[j], passed);
				shown++;
			}
		}
	}
}

static int print(struct command_output *output, unsigned int count, char *const words[])
{
	static struct table tables[2];
	static unsigned int latest;
	const struct table *before = &tables[latest];
	struct table *now = &tables[latest ^= 1];
	uint64_t passed;

	if (count != 1)
		return command_refuse(output, words[0]);
	if (!make_room(now)) {
		command_print(output, "There is no memory for it.\n");
		return -ENOMEM;
	}
	look(now, before);
	passed = now->at - (before->at != 0 ? before->at : scheduler_here()->began);
	print_loads(output);
	command_print(output, "thread, or task of CPU %u   CPU    share\n", percpu_cpu());
	print_rows(output, now, passed);
	command_print(output, "q leaves\n");
	return 0;
}

MONITOR_COMMAND_LIVE(top, "", "who uses the CPUs, again each second until q is typed", print);
