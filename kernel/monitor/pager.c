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

/* A line of the log may come in between any two calls here: hiding a row twice, or before it is there, does no harm. */
static void show_more(void)
{
	log_set_footer(HIDE_MORE, strlen(HIDE_MORE), MORE, strlen(MORE));
	log_write(HIDE_MORE MORE, strlen(HIDE_MORE MORE));
}

static void hide_more(void)
{
	log_set_footer(HIDE_MORE, strlen(HIDE_MORE), NULL, 0);
	log_write(HIDE_MORE, strlen(HIDE_MORE));
	log_set_footer(NULL, 0, NULL, 0);
}

static bool ends_row(char c)
{
	return c == '\n' || c == '\r';
}

void pager_write(struct pager *pager)
{
	size_t written = 0;

	for (; written < pager->length && pager->page > 0; pager->page--) {
		size_t row = row_length(pager->text + written, pager->length - written, pager->columns);

		if (written > 0 && written + row > PAGER_PIECE)
			break;
		written += row;
	}
	if (written == 0)
		return;
	log_write(pager->text, written);
	pager->text += written;
	pager->length -= written;
	if ((pager->page == 0 || pager->length == 0) && !ends_row(pager->text[-1]))
		log_write("\n", 1);
	if (pager_waits(pager))
		show_more();
}

/* Without a height there is no last row: 0 - 1 is more than any text has. */
void pager_start(struct pager *pager, const char *text, size_t length, unsigned int rows, unsigned int columns)
{
	*pager = (struct pager){text, length, rows, columns, rows - 1};
}

void pager_end(struct pager *pager)
{
	pager->length = 0;
	hide_more();
}

bool pager_is_interruption(struct key_event event)
{
	return event.action != INPUT_RELEASE && event.unicode == CONTROL_C;
}

void pager_key(struct pager *pager, struct key_event event)
{
	if (event.action == INPUT_RELEASE)
		return;
	if (event.unicode == ' ' || event.key == KEY_PAGE_DOWN)
		pager->page = pager->rows - 1;
	else if (event.unicode == '\n' || event.key == KEY_DOWN)
		pager->page = 1;
	else if (event.unicode == 'q' || pager_is_interruption(event))
		pager->length = 0;
	else
		return;
	hide_more();
}
