#include "tty/line_editor.h"

#include "lib/format.h"
#include "lib/string.h"
#include "lib/utf8.h"

#define CONTROL(letter) ((letter)&0x1f)
#define ESCAPE          27
#define DELETE          127

/* ---- places in the text ---- */

static size_t next_place(const struct line_editor *e, size_t at)
{
	unsigned int width;

	return at + line_next_character(e->text + at, e->length - at, &width);
}

static size_t previous_place(const struct line_editor *e, size_t at)
{
	size_t place = 0, next;

	while (place < at && (next = next_place(e, place)) < at)
		place = next;
	return place;
}

static bool is_of_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (uint8_t)c >= 0x80;
}

static size_t word_after(const struct line_editor *e)
{
	size_t at = e->cursor;

	while (at < e->length && !is_of_word(e->text[at]))
		at++;
	while (at < e->length && is_of_word(e->text[at]))
		at++;
	return at;
}

static size_t word_before(const struct line_editor *e)
{
	size_t at = e->cursor;

	while (at > 0 && !is_of_word(e->text[at - 1]))
		at--;
	while (at > 0 && is_of_word(e->text[at - 1]))
		at--;
	return at;
}

/* Ctrl-W parts words by blanks alone, as the line discipline of a terminal does nearly. */
static size_t blank_before(const struct line_editor *e)
{
	size_t at = e->cursor;

	while (at > 0 && e->text[at - 1] == ' ')
		at--;
	while (at > 0 && e->text[at - 1] != ' ')
		at--;
	return at;
}

/* ---- changes of the text ---- */

static void insert(struct line_editor *e, const char *text, size_t length)
{
	if (length > LINE_TEXT_MAX - e->length) {
		e->rings = true;
		return;
	}
	memmove(e->text + e->cursor + length, e->text + e->cursor, e->length - e->cursor + 1);
	memcpy(e->text + e->cursor, text, length);
	e->length += length;
	e->cursor += length;
}

static void insert_character(struct line_editor *e, uint32_t character)
{
	char bytes[UTF8_LENGTH_MAX];

	if (character > 0x10ffff || (character >= 0xd800 && character < 0xe000))
		character = UTF8_REPLACEMENT;
	insert(e, bytes, utf8_write(bytes, character));
}

static bool is_text(uint32_t character)
{
	return character >= ' ' && (character < DELETE || character >= 0xa0);
}

void line_editor_insert(struct line_editor *e, const char *text, size_t length)
{
	struct utf8 utf8 = {0};

	for (size_t i = 0; i < length; i++) {
		if (utf8_take(&utf8, (uint8_t)text[i]) == UTF8_CHARACTER && is_text(utf8.character))
			insert_character(e, utf8.character);
	}
}

/* Takes the bytes from..to out; the cursor is one of the two. */
static void take_out(struct line_editor *e, size_t from, size_t to)
{
	e->rings = from == to;
	memmove(e->text + from, e->text + to, e->length - to + 1);
	e->length -= to - from;
	e->cursor = from;
}

static void cut(struct line_editor *e, size_t from, size_t to)
{
	if (from != to) {
		e->cut_length = to - from;
		memcpy(e->cut, e->text + from, e->cut_length);
	}
	take_out(e, from, to);
}

static void go_to(struct line_editor *e, size_t place)
{
	e->rings = place == e->cursor;
	e->cursor = place;
}

/* ---- earlier lines ---- */

/* `line` has no more bytes than a line may have: it was one. */
static void set_text(struct line_editor *e, const char *line)
{
	e->length = e->cursor = strnlen(line, LINE_TEXT_MAX);
	memcpy(e->text, line, e->length);
	e->text[e->length] = '\0';
}

static void show_previous(struct line_editor *e)
{
	size_t position = e->position;
	const char *line = line_history_previous(e->history, &position);

	if (line == NULL) {
		e->rings = true;
		return;
	}
	if (e->position == e->history->length)
		memcpy(e->own, e->text, e->length + 1);
	e->position = position;
	set_text(e, line);
}

static void show_next(struct line_editor *e)
{
	const char *line;

	if (e->position == e->history->length) {
		e->rings = true;
		return;
	}
	line = line_history_next(e->history, &e->position);
	set_text(e, line != NULL ? line : e->own);
}

/* ---- search ---- */

static bool contains(const char *line, const char *pattern)
{
	size_t length = strlen(pattern);

	for (; *line != '\0'; line++) {
		if (strncmp(line, pattern, length) == 0)
			return true;
	}
	return length == 0;
}

/* The newest line before `position` that has the pattern. The shown one stays when there is none. */
static void search(struct line_editor *e, size_t position)
{
	const char *line;

	while ((line = line_history_previous(e->history, &position)) != NULL) {
		if (!contains(line, e->pattern))
			continue;
		e->position = position;
		set_text(e, line);
		return;
	}
	e->rings = true;
}

static void begin_search(struct line_editor *e)
{
	if (e->position == e->history->length)
		memcpy(e->own, e->text, e->length + 1);
	e->is_searching = true;
	e->pattern_length = 0;
	e->pattern[0] = '\0';
}

static void give_search_up(struct line_editor *e)
{
	e->is_searching = false;
	e->position = e->history->length;
	set_text(e, e->own);
}

/* True if the key was the search's; any other ends it, and the line that was found is there to be changed or entered.
 */
static bool search_key(struct line_editor *e, uint32_t character)
{
	char bytes[UTF8_LENGTH_MAX];
	size_t length;

	if (character == CONTROL('R')) {
		search(e, e->position);
	} else if (character == CONTROL('G') || character == CONTROL('C')) {
		give_search_up(e);
	} else if (character == '\b' || character == DELETE) {
		while (e->pattern_length > 0 && ((uint8_t)e->pattern[--e->pattern_length] & 0xc0) == 0x80)
			;
		e->pattern[e->pattern_length] = '\0';
		search(e, e->history->length);
	} else if (is_text(character)) {
		length = utf8_write(bytes, character & 0x1fffff);
		if (length > LINE_PATTERN_MAX - e->pattern_length) {
			e->rings = true;
			return true;
		}
		memcpy(e->pattern + e->pattern_length, bytes, length);
		e->pattern_length += length;
		e->pattern[e->pattern_length] = '\0';
		search(e, e->history->length);
	} else {
		e->is_searching = false;
		return character == ESCAPE;
	}
	return true;
}

/* ---- keys ---- */

static void alt_key(struct line_editor *e, uint32_t character)
{
	switch (character) {
	case 'b':
		go_to(e, word_before(e));
		break;
	case 'f':
		go_to(e, word_after(e));
		break;
	case 'd':
		cut(e, e->cursor, word_after(e));
		break;
	case '\b':
	case DELETE:
		cut(e, word_before(e), e->cursor);
		break;
	default:
		e->rings = true;
	}
}

/* Shift and the like do nothing themselves. */
static bool is_plain_key(uint8_t key)
{
	return key == KEY_LEFT || key == KEY_RIGHT || key == KEY_HOME || key == KEY_END || key == KEY_UP ||
	       key == KEY_DOWN || key == KEY_DELETE;
}

/* Keys that type nothing. */
static void plain_key(struct line_editor *e, uint8_t key, bool by_words)
{
	switch (key) {
	case KEY_LEFT:
		go_to(e, by_words ? word_before(e) : previous_place(e, e->cursor));
		break;
	case KEY_RIGHT:
		go_to(e, by_words ? word_after(e) : next_place(e, e->cursor));
		break;
	case KEY_HOME:
		e->cursor = 0;
		break;
	case KEY_END:
		e->cursor = e->length;
		break;
	case KEY_UP:
		show_previous(e);
		break;
	case KEY_DOWN:
		show_next(e);
		break;
	case KEY_DELETE:
		take_out(e, e->cursor, next_place(e, e->cursor));
		break;
	}
}

static enum line_result character_key(struct line_editor *e, uint32_t character)
{
	switch (character) {
	case '\n':
	case '\r':
		return LINE_ENTERED;
	case '\t':
		return LINE_COMPLETION;
	case CONTROL('C'):
		return LINE_INTERRUPTED;
	case CONTROL('L'):
		return LINE_CLEAR;
	case CONTROL('D'):
		if (e->length == 0)
			return LINE_CLOSED;
		plain_key(e, KEY_DELETE, false);
		break;
	case CONTROL('A'):
		plain_key(e, KEY_HOME, false);
		break;
	case CONTROL('B'):
		plain_key(e, KEY_LEFT, false);
		break;
	case CONTROL('E'):
		plain_key(e, KEY_END, false);
		break;
	case CONTROL('F'):
		plain_key(e, KEY_RIGHT, false);
		break;
	case CONTROL('N'):
		show_next(e);
		break;
	case CONTROL('P'):
		show_previous(e);
		break;
	case CONTROL('R'):
		begin_search(e);
		break;
	case CONTROL('K'):
		cut(e, e->cursor, e->length);
		break;
	case CONTROL('U'):
		cut(e, 0, e->cursor);
		break;
	case CONTROL('W'):
		cut(e, blank_before(e), e->cursor);
		break;
	case CONTROL('Y'):
		insert(e, e->cut, e->cut_length);
		break;
	case '\b':
	case DELETE:
		take_out(e, previous_place(e, e->cursor), e->cursor);
		break;
	default:
		if (is_text(character))
			insert_character(e, character);
		else
			e->rings = true;
	}
	return LINE_EDITING;
}

enum line_result line_editor_key(struct line_editor *e, const struct key_event *event)
{
	if (event->action == INPUT_RELEASE || (event->unicode == 0 && !is_plain_key(event->key)))
		return LINE_EDITING;
	if (e->is_searching && search_key(e, event->unicode))
		return LINE_EDITING;
	if (event->unicode == 0)
		plain_key(e, event->key, event->modifiers & (INPUT_CONTROL | INPUT_ALT));
	else if (event->unicode == ESCAPE)
		return LINE_EDITING;
	else if (event->modifiers & INPUT_ALT)
		alt_key(e, event->unicode);
	else
		return character_key(e, event->unicode);
	return LINE_EDITING;
}

/* ---- the terminal ---- */

struct line_changes line_editor_draw(struct line_editor *e)
{
	struct line_drawing *old = &e->drawings[e->current], *new = &e->drawings[1 - e->current];
	char prompt[LINE_PROMPT_MAX + 1];

	if (e->is_searching)
		format_string(prompt, sizeof(prompt), "(search: %s) ", e->pattern);
	line_drawing_make(new, e->columns, e->is_searching ? prompt : e->prompt, e->text, e->length, e->cursor);
	e->bytes.length = 0;
	if (e->is_drawn)
		line_drawing_change(old, new, &e->bytes);
	else
		line_drawing_first(new, &e->bytes);
	if (e->rings)
		line_bytes_add(&e->bytes, "\a", 1);
	e->rings = false;
	e->is_drawn = true;
	e->current = 1 - e->current;
	return (struct line_changes){
	        e->bytes.bytes, new->hide, new->bytes, e->bytes.length, new->hide_length, new->length};
}

void line_editor_forget(struct line_editor *e)
{
	e->is_drawn = false;
}

struct line_changes line_editor_leave(struct line_editor *e)
{
	e->bytes.length = 0;
	if (e->is_drawn)
		line_drawing_leave(&e->drawings[e->current], &e->bytes);
	e->is_drawn = false;
	return (struct line_changes){.bytes = e->bytes.bytes, .length = e->bytes.length};
}

void line_editor_start(struct line_editor *e, const char *prompt, unsigned int columns, struct line_history *history)
{
	e->prompt = prompt;
	e->columns = columns;
	e->history = history;
	e->position = history->length;
	e->length = e->cursor = 0;
	e->text[0] = e->own[0] = '\0';
	e->is_searching = e->rings = e->is_drawn = false;
}
