#include "tty/echo.h"

#include "lib/command_line.h"
#include "core/boot_word.h"
#include "core/log.h"
#include "dev/input.h"
#include "lib/string.h"
#include "lib/utf8.h"
#include "paging.h"
#include "task/channel.h"
#include "task/executor.h"
#include "tty/line_discipline.h"

#define TERMINAL_BACKSPACE 127 /* what terminals send for that key */

static struct line_discipline discipline;

/* The log's sinks go back to the left at a line's end by themselves. */
static void show(struct line_discipline *d, const char *text, size_t length)
{
	size_t from = 0;

	(void)d;
	for (size_t i = 0; i < length; i++) {
		if (text[i] != '\r')
			continue;
		log_write(text + from, i - from);
		from = i + 1;
	}
	log_write(text + from, length - from);
}

/* Who would read the lines is not there: they are thrown away. */
static void type(const struct key_event *event)
{
	char bytes[LINE_DISCIPLINE_SIZE / 8];

	if (event->action == INPUT_RELEASE || event->unicode == 0)
		return;
	line_discipline_receive(
	        &discipline, bytes, utf8_write(bytes, event->unicode == '\b' ? TERMINAL_BACKSPACE : event->unicode));
	while (line_discipline_is_readable(&discipline))
		line_discipline_read(&discipline, bytes, sizeof(bytes));
}

struct echo {
	struct future future;
	struct channel_recv receive;
	struct key_event event;
};

ASYNC(echo)
{
	ASYNC_BEGIN;
	for (;;) {
		await(channel_recv(&me->receive, &input_events));
		me->event = input_event((uint64_t)me->future.child->ret);
		type(&me->event);
	}
	ASYNC_FINALLY;
	ASYNC_END
}

static bool is_wanted(const struct boot_info *info)
{
	struct command_line_word word;

	if (!command_line_find(paging_direct(info->command_line), "demo", &word))
		return false;
	if (word.value_length == strlen("echo") && memcmp(word.value, "echo", word.value_length) == 0)
		return true;
	log_warning("demo=%.*s: there is only demo=echo.\n", (int)word.value_length, word.value);
	return false;
}

bool echo_start(const struct boot_info *info)
{
	if (!is_wanted(info))
		return false;
	line_discipline_start(&discipline, show);
	if (spawn(echo) == NULL)
		panic("There is no memory for the task that echoes.\n");
	log_title("async keyboard echo ready\n");
	return true;
}

BOOT_WORD(demo, "demo=echo: no monitor, what is typed is shown", NULL);
