/*
 * screen=WHAT: says something on the screen for a test to look at, and goes on.
 */
#include <stdbool.h>

#include "core/boot_word.h"
#include "core/log.h"
#include "lib/format.h"
#include "lib/string.h"
#include "task/task.h"
#include "task/yield.h"
#include "tty/console.h"

#define LINES 1000u /* the VGA's window of 32 KiB goes round five times */

static void say(const char *text)
{
	log_write(text, strlen(text));
}

static void say_line(unsigned int number)
{
	char text[48];

	format_string(text, sizeof(text), "\033[%umline %u\033[m of %u\n", 31 + number % 7, number, LINES);
	say(text);
}

/* Colours, attributes, boxes, and characters that the screen does not have. */
static void say_picture(void)
{
	char text[16];

	say("\033[H\033[2J");
	for (unsigned int i = 0; i < 16; i++) {
		format_string(text, sizeof(text), "\033[%um%x", i < 8 ? 30 + i : 82 + i, i);
		say(text);
	}
	say("\033[m\r\n");
	for (unsigned int i = 0; i < 8; i++) {
		format_string(text, sizeof(text), "\033[%um%x", 40 + i, i);
		say(text);
	}
	say("\033[m\r\n\033[1mbold\033[m \033[31;1mred\033[m \033[7minverse\033[m \033[38;5;196mcube\033[m "
	    "\033[38;2;90;90;90mgrey\033[m\r\n");
	say("\342\224\214\342\224\200\342\224\220 \342\226\210\342\226\223\342\226\222\342\226\221 "
	    "\303\244\303\266\303\274\303\237 \316\261\317\200 \033(0lqk\033(B\r\n");
	say("\344\270\255\346\226\207 \342\202\254 \360\237\230\200 \303 end\033[3;70Hplace\033[10;20Hhere\n");
}

struct say_later {
	struct future future;
	struct yield yield;
	unsigned int line;
	int above;
};

ASYNC(say_later)
{
	ASYNC_BEGIN;
	for (me->line = 1; me->line <= LINES; me->line++) {
		say_line(me->line);
		if (me->line % 100 == 0)
			await(yield_now(&me->yield));
	}
	log_info("screen: that was all\n");
	if (me->above != 0)
		console_scroll_back(me->above);
	ASYNC_FINALLY;
	ASYNC_END
}

static bool is(const char *value, size_t value_length, const char *word)
{
	return value_length == strlen(word) && strncmp(value, word, value_length) == 0;
}

static void screen(const struct boot_info *info, const char *value, size_t value_length)
{
	(void)info;
	if (is(value, value_length, "task")) {
		spawn(say_later, .above = 0);
		return;
	}
	if (is(value, value_length, "view")) {
		spawn(say_later, .above = 30);
		return;
	}
	if (is(value, value_length, "picture")) {
		say_picture();
		return;
	}
	for (unsigned int i = 1; i <= LINES; i++)
		say_line(i);
}

BOOT_WORD(screen, "screen=lines, picture, task or view says something for a test to look at", screen);
