#include "tty/line_history.h"

#include "lib/string.h"

static void remove_at(struct line_history *h, size_t position)
{
	size_t size = strlen(h->text + position) + 1;

	h->length -= size;
	memmove(h->text + position, h->text + position + size, h->length - position);
}

void line_history_add(struct line_history *h, const char *line)
{
	size_t size = strlen(line) + 1;

	if (size == 1 || size > LINE_HISTORY_SIZE)
		return;
	for (size_t at = 0; at < h->length; at += strlen(h->text + at) + 1) {
		if (strcmp(h->text + at, line) == 0) {
			remove_at(h, at);
			break;
		}
	}
	while (h->length + size > LINE_HISTORY_SIZE)
		remove_at(h, 0);
	memcpy(h->text + h->length, line, size);
	h->length += size;
}

const char *line_history_previous(const struct line_history *h, size_t *position)
{
	size_t at = *position;

	if (at == 0)
		return NULL;
	at--; /* the zero byte of the line before */
	while (at > 0 && h->text[at - 1] != '\0')
		at--;
	*position = at;
	return h->text + at;
}

const char *line_history_next(const struct line_history *h, size_t *position)
{
	if (*position < h->length)
		*position += strlen(h->text + *position) + 1;
	return *position < h->length ? h->text + *position : NULL;
}
