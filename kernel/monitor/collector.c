#include "monitor/collector.h"

#include "lib/string.h"
#include "mm/heap.h"

#define FIRST_ROOM 1024u

static bool grow(struct collector *collector, size_t length)
{
	size_t room = collector->room == 0 ? FIRST_ROOM : collector->room;
	char *text;

	while (room - collector->length < length)
		room *= 2;
	if (room == collector->room)
		return true;
	text = krealloc(collector->text, room);
	if (text == NULL)
		return false;
	collector->text = text;
	collector->room = room;
	return true;
}

/* Once something was left out all that follows is, too: half a table would lie. */
static void collect(struct command_output *output, const char *text, size_t length)
{
	struct collector *collector = (struct collector *)output;

	if (collector->is_cut || !grow(collector, length)) {
		collector->is_cut = true;
		return;
	}
	memcpy(collector->text + collector->length, text, length);
	collector->length += length;
}

void collector_start(struct collector *collector)
{
	*collector = (struct collector){.output.write = collect};
}

void collector_end(struct collector *collector)
{
	kfree(collector->text);
	collector->text = NULL;
}
