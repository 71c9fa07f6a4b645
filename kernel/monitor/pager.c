#include "monitor/pager.h"

#include "core/log.h"
#include "lib/string.h"
#include "lib/utf8.h"

#define MORE      "-- more --"
#define HIDE_MORE "\r\033[K"

#define CONTROL_C 3

/* Bytes of the next row: up to a line's end, or as many as fit. Escapes are counted as text: then the page is short. */
static size_t row_length(const char *text, size_t length, unsigned int columns)
{
	struct utf8 utf8 = {0};
	unsigned int column = 0;
	size_t begin = 0;

	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n')
			return i + 1;
		if (utf8_take(&utf8, (uint8_t)text[i]) == UTF8_MORE)
			continue;
		column += utf8_width(utf8.character);
		if (column > columns)
			return begin > 0 ? begin : i + 1;
		begin = i + 1;
	}
	return length;
}

static void show_more(void)
{
	log_write(MORE, strlen(MORE));
	log_set_footer(HIDE_MORE, strlen(HIDE_MORE), MORE, strlen(MORE));
}

static void hide_more(void)
{
	log_set_footer(NULL, 0, NULL, 0);
	log_write(HIDE_MORE, strlen(HIDE_MORE));
}

static bool write_rows(struct pager *pager, unsigned int rows)
{
	size_t written = 0;

	for (; written < pager->length && rows > 0; rows--)
		written += row_length(pager->text + written, pager->length - written, pager->columns);
	log_write(pager->text, written);
	if (written > 0 && pager->text[written - 1] != '\n' && pager->text[written - 1] != '\r')
		log_write("\n", 1);
	pager->text += written;
	pager->length -= written;
	if (pager->length > 0)
		show_more();
	return pager->length > 0;
}

/* Without a height there is no last row: 0 - 1 is more than any text has. */
bool pager_start(struct pager *pager, const char *text, size_t length, unsigned int rows, unsigned int columns)
{
	*pager = (struct pager){text, length, rows, columns};
	return length > 0 && write_rows(pager, rows - 1);
}

bool pager_key(struct pager *pager, struct key_event event)
{
	unsigned int rows = 0;

	if (event.action == INPUT_RELEASE)
		return true;
	if (event.unicode == ' ' || event.key == KEY_PAGE_DOWN)
		rows = pager->rows - 1;
	else if (event.unicode == '\n' || event.key == KEY_DOWN)
		rows = 1;
	else if (event.unicode != 'q' && event.unicode != CONTROL_C)
		return true;
	hide_more();
	return rows > 0 && write_rows(pager, rows);
}
