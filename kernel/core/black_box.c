/*
 * A reset empties the CPU's caches without writing them back (Intel SDM volume 3, table 9-1): what is to outlive one is
 * flushed as soon as it is written.
 */
#include "core/black_box.h"

#include "core/log.h"
#include "core/symbols.h"
#include "cpu.h"
#include "lib/string.h"
#include "linker.h"
#include "paging.h"

static SEALED struct black_box_run *box; /* this run's; NULL: there is none */
static SEALED const struct black_box_run *previous;
static SEALED bool can_flush;
static SEALED const char *(*task_name)(void);

/* Of nothing nothing: it may be somewhere else, if the box was overwritten, and flushing faults as reading does. */
static void flush(const void *from, size_t size)
{
	uintptr_t line = (uintptr_t)from & ~(uintptr_t)(CPU_CACHE_LINE - 1);

	for (; can_flush && size > 0 && line < (uintptr_t)from + size; line += CPU_CACHE_LINE)
		cpu_flush_line((const void *)line);
}

/* What is new, which may go on at the ring's start, and the ring's positions. */
static void flush_log(uint32_t changed)
{
	const struct log_ring *ring = &box->ring;
	uint32_t at = changed % LOG_RING_SIZE, size = ring->end - changed;
	uint32_t first = size < LOG_RING_SIZE - at ? size : LOG_RING_SIZE - at;

	flush(ring->bytes + at, first);
	flush(ring->bytes, size - first);
	flush(ring, offsetof(struct log_ring, bytes));
}

static void keep_report(const char *text, size_t length)
{
	uint32_t before = (uint32_t)box->report_mark;

	black_box_add_report(box, text, length);
	flush(box->report + before, (uint32_t)box->report_mark - before);
	flush(&box->report_mark, sizeof(box->report_mark));
}

void black_box_start(const struct boot_info *info)
{
	static struct log_keeper keeper = {.kept = flush_log, .emergency = keep_report};
	void *memory = (void *)(info->direct_map_virtual + info->black_box);

	if (info->black_box == 0 || info->black_box_size < 2 * sizeof(struct black_box_run))
		return;
	can_flush = cpu_can_flush_lines();
	previous = black_box_latest(memory, info->black_box_size);
	box = black_box_begin(memory, info->black_box_size, symbol_build);
	flush(box, offsetof(struct black_box_run, report));
	flush(&box->ring, offsetof(struct log_ring, bytes));
	keeper.ring = &box->ring;
	log_keep_in(&keeper);
}

void black_box_name_tasks(const char *(*name)(void))
{
	task_name = name;
}

const struct black_box_run *black_box_previous(void)
{
	return previous;
}

bool black_box_is_there(void)
{
	return box != NULL;
}

void black_box_print_ending(void)
{
	enum black_box_state state = previous != NULL ? black_box_state(previous) : BLACK_BOX_UNKNOWN;

	if (previous != NULL && !black_box_is_wanted(state))
		log_warning("The last run %s: see `log previous`.\n", black_box_ending(state));
}

static bool is_failure(enum black_box_state state)
{
	return state == BLACK_BOX_PANIC || state == BLACK_BOX_FAULT;
}

static void keep_task(void)
{
	const char *name = task_name != NULL ? task_name() : NULL;

	if (name != NULL)
		black_box_set_task(box, name, strlen(name));
}

void black_box_end(enum black_box_state state)
{
	if (box == NULL || is_failure(black_box_state(box)))
		return;
	black_box_set_state(box, state);
	if (is_failure(state))
		keep_task();
	flush(box, offsetof(struct black_box_run, report));
}

void black_box_command_runs(const char *text, size_t length)
{
	if (box == NULL)
		return;
	black_box_set_command(box, text, length);
	flush(&box->command, sizeof(box->command));
}
