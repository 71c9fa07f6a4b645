#include "tty/line_drawing.h"

#include "lib/format.h"
#include "lib/string.h"
#include "lib/utf8.h"

#define ERASE_TO_END_OF_ROW "\033[K"
#define ERASE_BELOW         "\033[J"

/* ---- characters ---- */

/* The next one alone; text that ends within it counts as one more byte. */
static size_t take_character(const char *text, size_t length, uint32_t *character)
{
	struct utf8 utf8 = {0};
	size_t i = 0;

	while (i < length) {
		enum utf8_result result = utf8_take(&utf8, (uint8_t)text[i++]);

		if (result == UTF8_MORE)
			continue;
		*character = result == UTF8_CHARACTER ? utf8.character : UTF8_REPLACEMENT;
		return result == UTF8_CUT ? i - 1 : i;
	}
	*character = UTF8_REPLACEMENT;
	return i;
}

size_t line_next_character(const char *text, size_t length, unsigned int *width)
{
	uint32_t character;
	size_t size = take_character(text, length, &character), more;

	*width = length > 0 ? utf8_width(character) : 0;
	while (size < length) {
		more = take_character(text + size, length - size, &character);
		if (utf8_width(character) != 0 || character <= 0x7f)
			break; /* no mark; or what ends a row */
		size += more;
	}
	return size;
}

/* ---- bytes ---- */

static void put(char *bytes, size_t size, size_t *length, const char *text, size_t text_length)
{
	if (text_length > size - *length)
		text_length = size - *length;
	memcpy(bytes + *length, text, text_length);
	*length += text_length;
}

static size_t write_escape(char text[16], unsigned int count, char what)
{
	return count == 1 ? format_string(text, 16, "\033[%c", what)
	                  : format_string(text, 16, "\033[%u%c", count, what);
}

/* At most 24 bytes. */
static size_t write_move(char text[32], struct line_place from, struct line_place to)
{
	size_t length = 0;

	if (to.row < from.row)
		length += write_escape(text, from.row - to.row, 'A');
	else if (to.row > from.row)
		length += write_escape(text, to.row - from.row, 'B');
	if (to.column == 0 && from.column != 0)
		text[length++] = '\r';
	else if (to.column + 1 == from.column)
		text[length++] = '\b';
	else if (to.column < from.column)
		length += write_escape(text + length, from.column - to.column, 'D');
	else if (to.column > from.column)
		length += write_escape(text + length, to.column - from.column, 'C');
	return length;
}

void line_bytes_add(struct line_bytes *bytes, const char *text, size_t length)
{
	put(bytes->bytes, sizeof(bytes->bytes), &bytes->length, text, length);
}

/* ---- drawing ---- */

static void add(struct line_drawing *drawing, const char *text, size_t length)
{
	put(drawing->bytes, sizeof(drawing->bytes), &drawing->length, text, length);
}

/* Rows end by a character of their own, so that no terminal has to wrap. */
static void end_row(struct line_drawing *drawing)
{
	if (drawing->end.column < drawing->columns)
		add(drawing, ERASE_TO_END_OF_ROW, strlen(ERASE_TO_END_OF_ROW));
	add(drawing, "\n", 1);
	drawing->end.row++;
	drawing->end.column = 0;
}

static void add_text(struct line_drawing *drawing, const char *text, size_t length, size_t cursor)
{
	unsigned int width;
	size_t size;

	for (size_t at = 0; at < length; at += size) {
		size = line_next_character(text + at, length - at, &width);
		if (drawing->end.column + width > drawing->columns)
			end_row(drawing);
		if (cursor >= at && cursor < at + size)
			drawing->cursor = drawing->end;
		add(drawing, text + at, size);
		drawing->end.column += width;
	}
}

/* Marks at the text's beginning, which would go to the prompt's last character. */
static size_t leading_marks(const char *text, size_t length)
{
	uint32_t character;
	size_t marks = 0, size;

	while (marks < length) {
		size = take_character(text + marks, length - marks, &character);
		if (utf8_width(character) > 0)
			break;
		marks += size;
	}
	return marks;
}

void line_drawing_make(struct line_drawing *drawing, unsigned int columns, const char *prompt, const char *text,
        size_t length, size_t cursor)
{
	size_t marks = leading_marks(text, length); /* not shown */
	char move[32];

	drawing->columns = columns < LINE_COLUMNS_MIN ? LINE_COLUMNS_MIN : columns;
	drawing->length = 0;
	drawing->end = (struct line_place){0, 0};
	add_text(drawing, prompt, strlen(prompt), SIZE_MAX);
	add_text(drawing, text + marks, length - marks, cursor > marks ? cursor - marks : 0);
	if (drawing->end.column == drawing->columns)
		end_row(drawing); /* else the cursor had no place */
	if (cursor == length || marks == length)
		drawing->cursor = drawing->end;
	drawing->text_length = drawing->length;
	add(drawing, move, write_move(move, drawing->end, drawing->cursor));

	drawing->hide_length = write_move(drawing->hide, drawing->cursor, (struct line_place){0, 0});
	put(drawing->hide, sizeof(drawing->hide), &drawing->hide_length, ERASE_BELOW, strlen(ERASE_BELOW));
}

/* ---- changes ---- */

/* The last byte, of the first `limit`, before which a character with its marks begins, or a row ends; and its place. */
static size_t find_place(const struct line_drawing *drawing, size_t limit, struct line_place *found)
{
	struct line_place place = {0, 0};
	size_t at = 0, result = 0, size;
	unsigned int width;

	while (at <= limit) {
		result = at;
		*found = place;
		if (at == drawing->text_length)
			break;
		if (drawing->bytes[at] == '\n') {
			place = (struct line_place){place.row + 1, 0};
			at++;
		} else if (drawing->bytes[at] == '\033') {
			at += strlen(ERASE_TO_END_OF_ROW);
		} else {
			size = line_next_character(drawing->bytes + at, drawing->text_length - at, &width);
			place.column += width;
			at += size;
		}
	}
	return result;
}

void line_drawing_change(const struct line_drawing *old, const struct line_drawing *new, struct line_bytes *bytes)
{
	size_t shorter = old->text_length < new->text_length ? old->text_length : new->text_length, same = 0;
	struct line_place place, cursor = old->cursor;
	char move[32];

	while (same < shorter && old->bytes[same] == new->bytes[same])
		same++;
	if (same < old->text_length || same < new->text_length) {
		same = find_place(new, find_place(old, same, &place), &place);
		line_bytes_add(bytes, move, write_move(move, cursor, place));
		line_bytes_add(bytes, new->bytes + same, new->text_length - same);
		if (same < old->text_length)
			line_bytes_add(bytes, ERASE_BELOW, strlen(ERASE_BELOW));
		cursor = new->end;
	}
	line_bytes_add(bytes, move, write_move(move, cursor, new->cursor));
}

void line_drawing_first(const struct line_drawing *drawing, struct line_bytes *bytes)
{
	line_bytes_add(bytes, drawing->bytes, drawing->length);
}

void line_drawing_leave(const struct line_drawing *drawing, struct line_bytes *bytes)
{
	char move[32];

	line_bytes_add(bytes, move, write_move(move, drawing->cursor, drawing->end));
	if (drawing->end.column > 0)
		line_bytes_add(bytes, "\n", 1);
}
