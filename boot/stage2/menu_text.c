#include "menu_text.h"

#include <stdarg.h>

#include "lib/format.h"
#include "menu_keys.h"

void menu_text_begin(struct menu_text *text, char *bytes, uint32_t room)
{
	*text = (struct menu_text){.bytes = bytes, .room = room};
}

static void add_byte(struct menu_text *text, char c)
{
	if (text->length == text->room)
		return;
	text->bytes[text->length++] = c;
	text->column = c == '\n' ? 0 : text->column + 1;
	text->lines += c == '\n';
}

void menu_text_add(struct menu_text *text, const char *bytes, size_t length)
{
	for (; length; length--, bytes++) {
		if (*bytes != '\n' && text->column == MENU_TEXT_COLUMNS)
			add_byte(text, '\n');
		add_byte(text, *bytes);
	}
}

static void put(void *context, const char *bytes, size_t length)
{
	menu_text_add(context, bytes, length);
}

void menu_text_print(struct menu_text *text, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	format_args(put, text, format, args);
	va_end(args);
}

const char *menu_text_line(const struct menu_text *text, uint32_t number, uint32_t *length)
{
	const char *line = text->bytes, *end = text->bytes + text->length;
	for (; number && line < end; line++)
		number -= *line == '\n';
	const char *after = line;
	while (after < end && *after != '\n')
		after++;
	*length = (uint32_t)(after - line);
	return line;
}

static uint32_t last_top(const struct menu_text *text)
{
	return text->lines > MENU_TEXT_ROWS ? text->lines - MENU_TEXT_ROWS : 0;
}

void menu_text_key(struct menu_text *text, unsigned key)
{
	uint32_t last = last_top(text), page = MENU_TEXT_ROWS - 1;
	switch (key) {
	case KEY_UP:
		text->top -= text->top > 0;
		break;
	case KEY_DOWN:
		text->top += text->top < last;
		break;
	case KEY_PAGE_UP:
		text->top -= text->top < page ? text->top : page;
		break;
	case KEY_PAGE_DOWN:
	case ' ':
		text->top = text->top + page < last ? text->top + page : last;
		break;
	case KEY_HOME:
		text->top = 0;
		break;
	case KEY_END:
		text->top = last;
		break;
	}
}
