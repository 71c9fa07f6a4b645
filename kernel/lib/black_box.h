/*
 * The black box: memory that survives a reset, with what a kernel said and did last. It has two halves; a kernel writes
 * one and leaves in the other what the run before it left, so nothing is ever copied. Whatever the memory holds, nobody
 * is misled: it may be the noise of cold RAM, or end in the middle of any store.
 *
 * Pure: the loader and the kernel read it by this, and the kernel writes it.
 */
#ifndef LIB_BLACK_BOX_H
#define LIB_BLACK_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/log_ring.h"

#define BLACK_BOX_MAGIC   0x584f424e52494143ull /* "CAIRNBOX" in memory order */
#define BLACK_BOX_VERSION 1u

enum black_box_state {
	BLACK_BOX_UNKNOWN, /* not in memory: what is there makes no sense */
	BLACK_BOX_RUNNING, /* found after a reset: nothing said that the run would end */
	BLACK_BOX_REBOOT,
	BLACK_BOX_POWER_OFF,
	BLACK_BOX_PANIC,
	BLACK_BOX_FAULT,
};

#define BLACK_BOX_WORDS_MAX  120u
#define BLACK_BOX_REPORT_MAX 8184u

/* A mark is a length (low half) and a check of so much text: one store, so both are there or neither. */
struct black_box_words {
	uint64_t mark;
	char text[BLACK_BOX_WORDS_MAX];
};

/* What a run of a kernel leaves. */
struct black_box_run {
	uint64_t magic;
	uint32_t version, size; /* of this struct */
	uint32_t number;        /* counts the runs since the memory was last without power */
	uint32_t build;         /* of the kernel */
	uint32_t check;         /* of the above */
	uint32_t reserved;
	uint64_t state; /* enum black_box_state, and its complement in the high half */
	struct black_box_words command, task;
	uint64_t report_mark;
	char report[BLACK_BOX_REPORT_MAX];
	struct log_ring ring;
};

_Static_assert(offsetof(struct black_box_run, command) == 40, "the same for loader and kernel");
_Static_assert(sizeof(struct black_box_run) == 40 + 2 * 128 + 8192 + sizeof(struct log_ring), "without holes");

/* ---- reading ---- */

/* [any] The last run that left something in the box of that size; NULL: none did. */
const struct black_box_run *black_box_latest(const void *box, size_t size);

/* [any] How the run ended. */
enum black_box_state black_box_state(const struct black_box_run *run);

/* [any] The same in words that go on after "The last run". */
const char *black_box_ending(enum black_box_state state);

/* [any] Did it end because a person wanted it? */
bool black_box_is_wanted(enum black_box_state state);

/* [any] The command that ran, the task, and what was said of a panic or fault. Not ended by a zero byte; *length is 0
 * if there is none. */
const char *black_box_command(const struct black_box_run *run, size_t *length);
const char *black_box_task(const struct black_box_run *run, size_t *length);
const char *black_box_report(const struct black_box_run *run, size_t *length);

/* [any] Its log; NULL if it is not readable, or another run's. */
const struct log_ring *black_box_log(const struct black_box_run *run);

#define BLACK_BOX_LINE_MAX LOG_LINE_MAX /* characters of a line that is shown */

/*
 * [any] Copies the next line that is not empty, moves `*text` behind it, and returns true; false at the end. What is
 * too long is cut off. What cannot be shown everywhere is '?': a terminal would obey to it.
 */
bool black_box_next_line(const char **text, const char *end, char line[BLACK_BOX_LINE_MAX + 1]);

/* ---- writing ---- */

/* [any] Begins a run: not where the latest one is. The box is at least two runs long. */
struct black_box_run *black_box_begin(void *box, size_t size, uint32_t build);

/* [any] One store. */
void black_box_set_state(struct black_box_run *run, enum black_box_state state);

/* [any] What does not fit is cut off. */
void black_box_set_command(struct black_box_run *run, const char *text, size_t length);
void black_box_set_task(struct black_box_run *run, const char *text, size_t length);
void black_box_add_report(struct black_box_run *run, const char *text, size_t length);

#endif
