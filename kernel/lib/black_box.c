#include "lib/black_box.h"

#include "lib/fnv.h"
#include "lib/string.h"

/* Of everything in the run: so nothing that an earlier run left in this half is taken for this one's. */
static uint32_t seed_of(const struct black_box_run *run)
{
	return fnv_word(FNV_BASIS, run->number);
}

static uint32_t check_of_head(const struct black_box_run *run)
{
	return fnv_bytes(FNV_BASIS, run, offsetof(struct black_box_run, check));
}

/* ---- reading ---- */

static bool is_run(const struct black_box_run *run)
{
	return run->magic == BLACK_BOX_MAGIC && run->version == BLACK_BOX_VERSION && run->size == sizeof(*run) &&
	       run->check == check_of_head(run);
}

/* The box's halves; NULL if it is too small. */
static const struct black_box_run *half_of(const void *box, size_t size, unsigned int number)
{
	size_t half = size / 2 & ~(size_t)63;

	if (box == NULL || half < sizeof(struct black_box_run))
		return NULL;
	return (const void *)((const char *)box + number * half);
}

const struct black_box_run *black_box_latest(const void *box, size_t size)
{
	const struct black_box_run *latest = NULL;

	for (unsigned int number = 0; number < 2; number++) {
		const struct black_box_run *run = half_of(box, size, number);

		if (run != NULL && is_run(run) && (latest == NULL || (int32_t)(run->number - latest->number) > 0))
			latest = run;
	}
	return latest;
}

enum black_box_state black_box_state(const struct black_box_run *run)
{
	uint32_t state = (uint32_t)run->state;

	if (~state != (uint32_t)(run->state >> 32) || state < BLACK_BOX_RUNNING || state > BLACK_BOX_FAULT)
		return BLACK_BOX_UNKNOWN;
	return (enum black_box_state)state;
}

const char *black_box_ending(enum black_box_state state)
{
	switch (state) {
	case BLACK_BOX_RUNNING:
		return "ended without a word (triple fault or reset)";
	case BLACK_BOX_REBOOT:
		return "was ended by `reboot`";
	case BLACK_BOX_POWER_OFF:
		return "was ended by `poweroff`";
	case BLACK_BOX_PANIC:
		return "ended in a panic";
	case BLACK_BOX_FAULT:
		return "ended in a fault";
	default:
		return "ended, and how is not readable";
	}
}

bool black_box_is_wanted(enum black_box_state state)
{
	return state == BLACK_BOX_REBOOT || state == BLACK_BOX_POWER_OFF;
}

static size_t length_of(const struct black_box_run *run, uint64_t mark, const char *text, size_t room)
{
	uint32_t length = (uint32_t)mark;

	return length <= room && fnv_bytes(seed_of(run), text, length) == mark >> 32 ? length : 0;
}

const char *black_box_command(const struct black_box_run *run, size_t *length)
{
	*length = length_of(run, run->command.mark, run->command.text, BLACK_BOX_WORDS_MAX);
	return run->command.text;
}

const char *black_box_task(const struct black_box_run *run, size_t *length)
{
	*length = length_of(run, run->task.mark, run->task.text, BLACK_BOX_WORDS_MAX);
	return run->task.text;
}

const char *black_box_report(const struct black_box_run *run, size_t *length)
{
	*length = length_of(run, run->report_mark, run->report, BLACK_BOX_REPORT_MAX);
	return run->report;
}

const struct log_ring *black_box_log(const struct black_box_run *run)
{
	return run->ring.seed == seed_of(run) && log_ring_is_sound(&run->ring) ? &run->ring : NULL;
}

bool black_box_next_line(const char **text, const char *end, char line[BLACK_BOX_LINE_MAX + 1])
{
	const char *next = *text;
	size_t length = 0;

	while (next != end && *next == '\n')
		next++;
	*text = next;
	if (next == end)
		return false;
	for (; next != end && *next != '\n'; next++) {
		if (length < BLACK_BOX_LINE_MAX)
			line[length++] = *next >= ' ' && *next <= '~' ? *next : '?';
	}
	line[length] = '\0';
	*text = next;
	return true;
}

/* ---- writing ---- */

/* A reset may come before or after it: the compiler leaves it where it stands. */
static void store(uint64_t *to, uint64_t value)
{
	__asm__ volatile("" ::: "memory");
	*(volatile uint64_t *)to = value;
	__asm__ volatile("" ::: "memory");
}

struct black_box_run *black_box_begin(void *box, size_t size, uint32_t build)
{
	const struct black_box_run *latest = black_box_latest(box, size);
	const struct black_box_run *first = half_of(box, size, 0);
	uint32_t number = latest != NULL ? latest->number + 1 : 1;
	struct black_box_run *run = (void *)(uintptr_t)half_of(box, size, latest == first ? 1 : 0);

	store(&run->magic, 0); /* no run as long as it is half written */
	run->version = BLACK_BOX_VERSION;
	run->size = sizeof(*run);
	run->number = number;
	run->build = build;
	black_box_set_state(run, BLACK_BOX_RUNNING);
	black_box_set_command(run, "", 0);
	black_box_set_task(run, "", 0);
	run->report_mark = (uint64_t)seed_of(run) << 32;
	log_ring_start(&run->ring, seed_of(run));
	run->check = 0;
	store(&run->magic, BLACK_BOX_MAGIC);
	run->check = check_of_head(run);
	return run;
}

void black_box_set_state(struct black_box_run *run, enum black_box_state state)
{
	store(&run->state, (uint64_t)(uint32_t) ~(uint32_t)state << 32 | (uint32_t)state);
}

static void set_words(const struct black_box_run *run, struct black_box_words *words, const char *text, size_t length)
{
	if (length > BLACK_BOX_WORDS_MAX)
		length = BLACK_BOX_WORDS_MAX;
	store(&words->mark, 0);
	memcpy(words->text, text, length);
	store(&words->mark, (uint64_t)fnv_bytes(seed_of(run), text, length) << 32 | length);
}

void black_box_set_command(struct black_box_run *run, const char *text, size_t length)
{
	set_words(run, &run->command, text, length);
}

void black_box_set_task(struct black_box_run *run, const char *text, size_t length)
{
	set_words(run, &run->task, text, length);
}

void black_box_add_report(struct black_box_run *run, const char *text, size_t length)
{
	uint32_t before = (uint32_t)run->report_mark, check = (uint32_t)(run->report_mark >> 32);

	if (before > BLACK_BOX_REPORT_MAX)
		return;
	if (length > BLACK_BOX_REPORT_MAX - before)
		length = BLACK_BOX_REPORT_MAX - before;
	memcpy(run->report + before, text, length);
	store(&run->report_mark, (uint64_t)fnv_bytes(check, text, length) << 32 | (before + length));
}
