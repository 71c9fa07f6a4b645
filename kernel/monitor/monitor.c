#include "monitor/monitor.h"

#include "abi/errno.h"
#include "lib/command_line.h"
#include "core/black_box.h"
#include "core/boot_ledger.h"
#include "core/boot_word.h"
#include "core/log.h"
#include "core/monitor_command.h"
#include "cpu.h"
#include "dev/input.h"
#include "lib/string.h"
#include "monitor/collector.h"
#include "monitor/completion.h"
#include "monitor/pager.h"
#include "monitor/words.h"
#include "paging.h"
#include "task/channel.h"
#include "task/executor.h"
#include "task/sleep.h"
#include "task/timeout.h"
#include "task/yield.h"
#include "tty/console.h"
#include "tty/line_editor.h"

#define PROMPT "cairn> "

/* A terminal behind the serial port is taken for the usual size; it looks back by its own means. */
#define SERIAL_COLUMNS 80u
#define SERIAL_ROWS    24u

/* Output waits for a slow sink: it looks so often for room, and no more than so many times. A sink that takes nothing
 * for a second is stuck, and has to find out. */
#define ROOM_PAUSE 5000000u /* ns */
#define ROOM_LOOKS 200u

#define LIVE_PERIOD NS_PER_SECOND /* of a command that is run again and again */

#define CLEAR_SCREEN "\033[H\033[2J"

enum paging { PAGE_NEVER, PAGE_KEYBOARD, PAGE_ALWAYS };

static struct {
	struct line_editor editor;
	struct line_history history;
	struct pager pager;
	enum paging paging;
	bool is_live;   /* the command is to be run again */
	uint8_t source; /* enum input_source: where the last key came from */
} monitor;

/* ---- the screen in front of the person ---- */

static unsigned int columns(void)
{
	return monitor.source == INPUT_SERIAL ? SERIAL_COLUMNS : console_size().columns;
}

/* 0: however long it is, nobody waits for a key. A script at the serial port could not know of it. */
static unsigned int page_rows(void)
{
	if (monitor.is_live || monitor.paging == PAGE_NEVER ||
	        (monitor.paging == PAGE_KEYBOARD && monitor.source == INPUT_SERIAL))
		return 0;
	return monitor.source == INPUT_SERIAL ? SERIAL_ROWS : console_size().rows;
}

/* What stands there and what the log would put back there must not disagree, whenever an interrupt has something to
 * say. */
static void show(struct line_changes changes)
{
	uint64_t flags = cpu_interrupts_save();

	log_write(changes.bytes, changes.length);
	log_set_footer(changes.hide, changes.hide_length, changes.show, changes.show_length);
	cpu_interrupts_restore(flags);
}

/* ---- commands ---- */

static int run_words(struct command_output *output, unsigned int count, char *const words[])
{
	const struct monitor_command *command = command_find(words[0]);
	const char *nearest;

	if (count > WORDS_MAX) {
		command_print(output, "These are too many words: a command takes %u.\n", WORDS_MAX);
		return -EINVAL;
	}
	if (command != NULL) {
		int error = command->run(output, count, words);

		monitor.is_live = command->is_live && error >= 0;
		return error;
	}
	nearest = words_nearest(words[0], completion_command);
	if (nearest != NULL)
		command_print(output, "There is no command `%s`. Is it `%s`?\n", words[0], nearest);
	else
		command_print(output, "There is no command `%s`. `help` lists those there are.\n", words[0]);
	return -ENOENT;
}

/* Runs the line; the second time, too. */
static void run(struct collector *collector)
{
	static char line[LINE_TEXT_MAX + 1]; /* more than a stack should bear */
	char *words[WORDS_MAX + 1];
	unsigned int count;
	int error = 0;

	monitor.is_live = false;
	memcpy(line, monitor.editor.text, monitor.editor.length + 1);
	black_box_command_runs(line, monitor.editor.length);
	count = words_split(line, words);
	collector_start(collector);
	if (count > 0)
		error = run_words(&collector->output, count, words);
	black_box_command_runs("", 0);
	if (error < 0 && collector->length == 0 && !collector->is_cut)
		command_print(&collector->output, "`%s` failed: error %d.\n", words[0], -error);
}

static void say(const char *text)
{
	log_write(text, strlen(text));
}

static void end_output(struct collector *collector)
{
	if (collector->is_cut)
		say("There was no memory for the rest of it.\n");
	collector_end(collector);
}

static int print_history(struct command_output *output, unsigned int count, char *const words[])
{
	size_t position = 0;

	if (count > 1)
		return command_refuse(output, words[0]);
	for (const char *line = monitor.history.text; position < monitor.history.length;
	        line = line_history_next(&monitor.history, &position))
		command_print(output, "%s\n", line);
	return 0;
}

MONITOR_COMMAND(history, "", "lists the lines that were entered", print_history);

static int clear(struct command_output *output, unsigned int count, char *const words[])
{
	if (count > 1)
		return command_refuse(output, words[0]);
	command_print(output, CLEAR_SCREEN "\r");
	return 0;
}

MONITOR_COMMAND(clear, "", "clears the screen", clear);

/* ---- the line ---- */

static void begin_line(void)
{
	line_editor_start(&monitor.editor, PROMPT, columns(), &monitor.history);
	show(line_editor_draw(&monitor.editor));
}

/* What was changed last is drawn, and the cursor goes below it. */
static void end_line(void)
{
	show(line_editor_draw(&monitor.editor));
	show(line_editor_leave(&monitor.editor));
}

static void give_line_up(void)
{
	static const char mark[] = "^C\n";

	line_editor_key(&monitor.editor, &(struct key_event){.key = KEY_END});
	show(line_editor_draw(&monitor.editor));
	show((struct line_changes){.bytes = mark, .length = strlen(mark)});
	begin_line();
}

static void complete(void)
{
	struct collector list;

	if (completion_do(&monitor.editor))
		return;
	collector_start(&list);
	completion_list(&monitor.editor, &list.output, columns());
	end_line();
	log_write(list.text, list.length);
	say("\n");
	collector_end(&list);
}

static void clear_screen(void)
{
	say(CLEAR_SCREEN);
	line_editor_forget(&monitor.editor);
}

/* Half a screen: so the eye finds its place again. True if the key was one of those. */
static bool looks_back(struct key_event event)
{
	int half = (int)console_size().rows / 2;

	if (!(event.modifiers & INPUT_SHIFT) || event.action == INPUT_RELEASE ||
	        (event.key != KEY_PAGE_UP && event.key != KEY_PAGE_DOWN))
		return false;
	console_scroll_back(event.key == KEY_PAGE_UP ? half : -half);
	return true;
}

/* A key, not drawn yet. True: a line was entered. */
static bool take_key(struct key_event event)
{
	if (looks_back(event))
		return false;
	monitor.source = event.source;
	switch (line_editor_key(&monitor.editor, &event)) {
	case LINE_EDITING:
		break;
	case LINE_ENTERED:
		end_line();
		return true;
	case LINE_INTERRUPTED:
		give_line_up();
		break;
	case LINE_CLOSED:
		end_line();
		say("There is nothing to go back to. `poweroff` and `reboot` end the system.\n");
		begin_line();
		break;
	case LINE_COMPLETION:
		complete();
		break;
	case LINE_CLEAR:
		clear_screen();
		break;
	}
	return false;
}

/* ---- the task ---- */

/* A key, and those that are there already: they are drawn together. True: a line was entered. */
static bool take_keys(uint64_t item)
{
	do {
		if (take_key(input_event(item)))
			return true;
	} while (channel_try_recv(&input_events, &item));
	show(line_editor_draw(&monitor.editor));
	return false;
}

/* Ctrl-C ends what is being shown, and with it goes what was typed before it, as at any terminal. */
static bool is_interrupted(void)
{
	uint64_t item;

	for (uint32_t before = 0; channel_look(&input_events, before, &item); before++) {
		if (!pager_is_interruption(input_event(item)))
			continue;
		for (uint32_t i = 0; i <= before; i++)
			channel_try_recv(&input_events, &item);
		return true;
	}
	return false;
}

static void page_key(uint64_t item)
{
	struct key_event event = input_event(item);

	if (!looks_back(event))
		pager_key(&monitor.pager, event);
}

/* Shows what was collected. */
struct show_output {
	struct future future;
	struct collector *collector;
	struct channel_recv receive;
	struct sleep sleep;
	struct yield yield;
	unsigned int looks; /* for room */
};

ASYNC(show_output)
{
	ASYNC_BEGIN;
	if (monitor.is_live)
		say(CLEAR_SCREEN);
	pager_start(&monitor.pager, me->collector->text, me->collector->length, page_rows(), columns());
	while (monitor.pager.length > 0) {
		if (pager_waits(&monitor.pager)) {
			await(channel_recv(&me->receive, &input_events));
			page_key((uint64_t)me->future.child->ret);
			continue;
		}
		for (me->looks = 0; log_room() < PAGER_PIECE && me->looks < ROOM_LOOKS; me->looks++)
			await(sleep_for(&me->sleep, ROOM_PAUSE));
		if (is_interrupted()) {
			monitor.is_live = false;
			pager_end(&monitor.pager);
		} else {
			pager_write(&monitor.pager);
		}
		await(yield_now(&me->yield));
	}
	end_output(me->collector);
	ASYNC_FINALLY;
	ASYNC_END;
}

static bool leaves(uint64_t item)
{
	struct key_event event = input_event(item);

	return (event.action != INPUT_RELEASE && event.unicode == 'q') || pager_is_interruption(event);
}

struct session {
	struct future future;
	struct channel_recv receive;
	struct collector collector;
	struct show_output show;
	struct timeout pause;
	bool is_waiting; /* for a key that lets it go on */
};

ASYNC(session)
{
	ASYNC_BEGIN;
	for (;;) {
		begin_line();
		BOOT_STEP_END("prompt");
		for (me->is_waiting = true; me->is_waiting;) {
			await(channel_recv(&me->receive, &input_events));
			me->is_waiting = !take_keys((uint64_t)me->future.child->ret);
		}
		line_history_add(&monitor.history, monitor.editor.text);
		run(&me->collector);
		await(call(&me->show, show_output, .collector = &me->collector));
		while (monitor.is_live) {
			await(timeout(&me->pause, channel_recv(&me->receive, &input_events), LIVE_PERIOD));
			if (me->future.child->ret != -ETIMEDOUT && leaves((uint64_t)me->future.child->ret))
				break;
			run(&me->collector);
			await(call(&me->show, show_output, .collector = &me->collector));
		}
	}
	ASYNC_FINALLY;
	ASYNC_END
}

static enum paging read_paging(const struct boot_info *info)
{
	struct command_line_word word;

	if (!command_line_find(paging_direct(info->command_line), "page", &word))
		return PAGE_KEYBOARD;
	if (word.value_length == 3 && memcmp(word.value, "off", 3) == 0)
		return PAGE_NEVER;
	if (word.value_length == 3 && memcmp(word.value, "all", 3) == 0)
		return PAGE_ALWAYS;
	log_warning("page=%.*s is neither off nor all.\n", (int)word.value_length, word.value);
	return PAGE_KEYBOARD;
}

void monitor_start(const struct boot_info *info)
{
	monitor.paging = read_paging(info);
	log_title("Ready. `help` lists what it can be asked.\n");
	if (spawn(session) == NULL)
		panic("There is no memory for the monitor.\n");
}

BOOT_WORD(page, "page=off: the monitor never waits for a key; page=all: at the serial port, too", NULL);
