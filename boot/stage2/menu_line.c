#include "menu_line.h"

#include "lib/string.h"
#include "menu_keys.h"

void menu_line_begin(struct menu_line *line, char *text, uint32_t room)
{
	uint32_t length = strlen(text);
	*line = (struct menu_line){.text = text, .room = room, .length = length, .cursor = length};
}

/* Puts `count` bytes that are there out of the way, or in their place the one that is typed. */
static void replace(struct menu_line *line, uint32_t at, uint32_t count, const char *by, uint32_t length)
{
	memmove(line->text + at + length, line->text + at + count, line->length - at - count + 1);
	memcpy(line->text + at, by, length);
	line->length += length - count;
	line->cursor = at + length;
}

static void insert(struct menu_line *line, char c)
{
	if (line->length < line->room)
		replace(line, line->cursor, 0, &c, 1);
}

static void move(struct menu_line *line, unsigned key, uint32_t columns)
{
	uint32_t *at = &line->cursor, end = line->length;
	switch (key) {
	case KEY_LEFT:
		*at -= *at > 0;
		break;
	case KEY_RIGHT:
		*at += *at < end;
		break;
	case KEY_HOME:
		*at = 0;
		break;
	case KEY_END:
		*at = end;
		break;
	case KEY_UP:
		*at -= *at >= columns ? columns : 0;
		break;
	default:
		*at = end - *at >= columns ? *at + columns : end;
	}
}

bool menu_line_key(struct menu_line *line, unsigned key, uint32_t columns)
{
	if (key >= ' ' && key <= '~') {
		insert(line, (char)key);
	} else if (key == KEY_ERASE) {
		if (line->cursor > 0)
			replace(line, line->cursor - 1, 1, "", 0);
	} else if (key == KEY_DELETE) {
		if (line->cursor < line->length)
			replace(line, line->cursor, 1, "", 0);
	} else if (key == KEY_CLEAR) {
		replace(line, 0, line->cursor, "", 0);
	} else if ((key >= KEY_UP && key <= KEY_RIGHT) || key == KEY_HOME || key == KEY_END) {
		move(line, key, columns);
	} else {
		return false;
	}
	return true;
}
