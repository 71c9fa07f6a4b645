/*
 * A line that is being typed, and can be changed anywhere until it is entered: cursor keys, words, a memory for what
 * was cut, earlier lines, a search among these. Pure: it is given key events, and says which bytes a terminal needs.
 */
#ifndef TTY_LINE_EDITOR_H
#define TTY_LINE_EDITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dev/input.h"
#include "tty/line_drawing.h"
#include "tty/line_history.h"

enum line_result {
	LINE_EDITING,
	LINE_ENTERED,
	LINE_INTERRUPTED, /* Ctrl-C */
	LINE_CLOSED,      /* Ctrl-D with nothing to delete */
	LINE_COMPLETION,  /* Tab */
	LINE_CLEAR,       /* Ctrl-L: the screen is wanted empty */
};

#define LINE_PATTERN_MAX 60u

struct line_editor {
	const char *prompt; /* up to LINE_PROMPT_MAX bytes of ASCII */
	unsigned int columns;
	struct line_history *history;

	size_t length, cursor; /* bytes; the cursor stands between characters */
	char text[LINE_TEXT_MAX + 1];
	size_t position;             /* in the history; its length: `text` is a line of its own */
	char own[LINE_TEXT_MAX + 1]; /* that one, while the history is looked at */
	size_t cut_length;
	char cut[LINE_TEXT_MAX];

	bool is_searching;
	size_t pattern_length;
	char pattern[LINE_PATTERN_MAX + 1];

	bool rings;    /* something could not be done */
	bool is_drawn; /* drawings[current] is on the terminal */
	unsigned int current;
	struct line_drawing drawings[2];
	struct line_bytes bytes;
};

/* What a terminal needs (line_drawing.h), valid until the next call but one: `hide` and `show` are for log_set_footer.
 */
struct line_changes {
	const char *bytes, *hide, *show;
	size_t length, hide_length, show_length;
};

/* [any] A new, empty line on an empty row, with a terminal of that many columns. What was cut is still there. */
void line_editor_start(
        struct line_editor *editor, const char *prompt, unsigned int columns, struct line_history *history);

/* [any] A key. Unless it is LINE_EDITING, the line is as it was before. */
enum line_result line_editor_key(struct line_editor *editor, const struct key_event *event);

/* [any] Text at the cursor's place, as if typed. What is no character of UTF-8 or does not fit is left out. */
void line_editor_insert(struct line_editor *editor, const char *text, size_t length);

/* [any] From what the terminal shows to what it is to show now. */
struct line_changes line_editor_draw(struct line_editor *editor);

/* [any] The terminal shows nothing of the line any more, and its cursor is on an empty row. */
void line_editor_forget(struct line_editor *editor);

/* [any] The bytes that take the cursor below the line as it is drawn; the line is then forgotten as above. */
struct line_changes line_editor_leave(struct line_editor *editor);

#endif
