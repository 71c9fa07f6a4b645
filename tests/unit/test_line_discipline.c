/*
 * The line discipline: by sentences of the standard, and by a pseudo-terminal of the host's Linux, which is fed the
 * same bytes: echo and lines must be the same, byte by byte.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "abi/errno.h"
#include "dice.h"
#include "tty/line_discipline.h"

#define WAIT_MS 10000

static struct line_discipline discipline;
static char shown[65536];
static size_t shown_length;
static int signalled;

static void show(struct line_discipline *d, const char *text, size_t length)
{
	assert_ptr_equal(d, &discipline);
	assert_true(shown_length + length < sizeof(shown));
	memcpy(shown + shown_length, text, length);
	shown_length += length;
	shown[shown_length] = '\0';
}

static void note_signal(struct line_discipline *d, int index)
{
	(void)d;
	signalled = index;
}

static void begin(uint32_t set, uint32_t clear)
{
	struct termios settings;

	line_discipline_start(&discipline, show);
	discipline.signal = note_signal;
	settings = discipline.settings;
	settings.c_lflag = (settings.c_lflag | set) & ~clear;
	line_discipline_configure(&discipline, &settings);
	shown_length = 0;
	shown[0] = '\0';
	signalled = -1;
}

static void type(const char *text)
{
	line_discipline_receive(&discipline, text, strlen(text));
}

static void expect_line(const char *line)
{
	char bytes[LINE_DISCIPLINE_SIZE];
	int length = line_discipline_read(&discipline, bytes, sizeof(bytes));

	assert_int_equal(length, strlen(line));
	assert_memory_equal(bytes, line, strlen(line));
}

static void expect_nothing(void)
{
	char c;

	assert_false(line_discipline_is_readable(&discipline));
	assert_int_equal(line_discipline_read(&discipline, &c, 1), -EAGAIN);
}

static void test_lines(void **state)
{
	(void)state;
	begin(0, 0);
	type("one");
	expect_nothing();
	type("\rtwo\n");
	expect_line("one\n");
	expect_line("two\n");
	expect_nothing();
	assert_string_equal(shown, "one\r\ntwo\r\n");
}

static void test_erase(void **state)
{
	(void)state;
	begin(0, 0);
	type("ab\177\177\177cd\xc3\xa4\177\xe6\xbc\xa2\177!\n");
	assert_string_equal(shown, "ab\b \b\b \bcd\xc3\xa4\b \b\xe6\xbc\xa2\b \b\b \b!\r\n");
	expect_line("cd!\n");
	type("one two  \027\027three\n");
	expect_line("three\n");
	type("everything\025nothing\n");
	expect_line("nothing\n");
}

static void test_literal(void **state)
{
	(void)state;
	begin(0, 0);
	type("a\026\003b\026\177\177\n");
	assert_int_equal(signalled, -1);
	expect_line("a\003b\n");
	assert_string_equal(shown, "a^\b^Cb^\b^?\b \b\b \b\r\n");
}

static void test_interrupt(void **state)
{
	(void)state;
	begin(0, 0);
	type("whole\nhalf\003");
	assert_int_equal(signalled, VINTR);
	expect_nothing();
	begin(NOFLSH, 0);
	type("whole\nhalf\034 more\n");
	assert_int_equal(signalled, VQUIT);
	expect_line("whole\n");
	expect_line("half more\n");
	begin(0, ISIG);
	type("\003\n");
	assert_int_equal(signalled, -1);
	expect_line("\003\n");
}

static void test_end_of_file(void **state)
{
	char bytes[4];

	(void)state;
	begin(0, 0);
	type("abc\004\004next\n");
	assert_int_equal(line_discipline_read(&discipline, bytes, 3), 3);
	expect_line("");
	expect_line("next\n");
	type("abcd\004");
	assert_int_equal(line_discipline_read(&discipline, bytes, 3), 3);
	expect_line("d");
	expect_nothing();
}

static void test_raw(void **state)
{
	(void)state;
	begin(0, ICANON | ISIG | ECHO);
	type("a\177\003\r");
	expect_line("a\177\003\n");
	expect_nothing();
	assert_string_equal(shown, "");
}

/* Who turns canonical mode off sees what was typed so far. */
static void test_change(void **state)
{
	struct termios settings;

	(void)state;
	begin(0, 0);
	type("half");
	settings = discipline.settings;
	settings.c_lflag &= ~(uint32_t)ICANON;
	line_discipline_configure(&discipline, &settings);
	type("!");
	settings.c_lflag |= ICANON;
	line_discipline_configure(&discipline, &settings);
	type("line\n");
	expect_line("half!");
	expect_line("line\n");
}

static void test_full(void **state)
{
	static char bytes[2 * LINE_DISCIPLINE_SIZE];
	char taken[LINE_DISCIPLINE_SIZE];

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	begin(0, 0);
	line_discipline_receive(&discipline, bytes, sizeof(bytes));
	assert_int_equal(line_discipline_room(&discipline), LINE_DISCIPLINE_SIZE);
	assert_int_equal(shown[LINE_DISCIPLINE_SIZE - 2], 'x');
	assert_int_equal(shown[LINE_DISCIPLINE_SIZE - 1], '\a');
	type("\n\n\n");
	assert_int_equal(line_discipline_room(&discipline), 0);
	assert_int_equal(line_discipline_read(&discipline, taken, sizeof(taken)), LINE_DISCIPLINE_SIZE);
	assert_int_equal(taken[LINE_DISCIPLINE_SIZE - 1], '\n');
	expect_nothing();
	type("on we go\n");
	expect_line("on we go\n");
}

static void test_print(void **state)
{
	(void)state;
	begin(0, 0);
	line_discipline_print(&discipline, "prompt: ", 8);
	type("\t\177");
	assert_string_equal(shown, "prompt: \t\b\b\b\b\b\b\b\b");
}

/* ---- Linux ---- */

/* What was literal is over after the x. */
#define SENTINEL    "~the end~"
#define TO_SENTINEL "x\n"

struct pty {
	int ours, theirs;
};

static bool pty_open(struct pty *pty)
{
	pty->ours = posix_openpt(O_RDWR | O_NOCTTY);
	if (pty->ours < 0 || grantpt(pty->ours) != 0 || unlockpt(pty->ours) != 0)
		return false;
	pty->theirs = open(ptsname(pty->ours), O_RDWR | O_NOCTTY | O_NONBLOCK);
	return pty->theirs >= 0;
}

static void pty_close(struct pty *pty)
{
	close(pty->theirs);
	close(pty->ours);
}

/* Reads what is there; waits for it up to the limit. */
static size_t pty_read(int file, char *bytes, size_t size)
{
	struct pollfd wanted = {.fd = file, .events = POLLIN};
	ssize_t length;

	if (poll(&wanted, 1, WAIT_MS) != 1)
		fail_msg("the pseudo-terminal says nothing");
	length = read(file, bytes, size);
	return length > 0 ? (size_t)length : 0;
}

/* Lines as readers get them, each behind its length: so that an empty one is seen. */
struct transcript {
	char text[32768];
	size_t length;
};

static bool transcript_add(struct transcript *transcript, const char *bytes, size_t length)
{
	transcript->length += (size_t)snprintf(
	        transcript->text + transcript->length, sizeof(transcript->text) - transcript->length, "%zu:", length);
	memcpy(transcript->text + transcript->length, bytes, length);
	transcript->length += length;
	return length == strlen(SENTINEL "\n") && memcmp(bytes, SENTINEL "\n", length) == 0;
}

static void compare_with_linux(const struct termios *settings, const char *bytes, size_t length, bool with_echo)
{
	static struct transcript ours, linux_says;
	static char echo[sizeof(shown)];
	char line[LINE_DISCIPLINE_SIZE];
	size_t echo_length = 0;
	struct pty pty;
	int n;

	if (!pty_open(&pty)) {
		print_message("NOT RUN: comparison with Linux: no pseudo-terminal here\n");
		skip();
	}
	assert_int_equal(ioctl(pty.theirs, TCSETS, settings), 0);
	assert_int_equal(write(pty.ours, bytes, length), length);
	assert_int_equal(write(pty.ours, TO_SENTINEL SENTINEL "\n", strlen(SENTINEL) + 3), strlen(SENTINEL) + 3);
	linux_says.length = ours.length = 0;
	for (size_t got = 0; !transcript_add(&linux_says, line, got = pty_read(pty.theirs, line, sizeof(line)));)
		;
	while (with_echo && (settings->c_lflag & ECHO) &&
	        (echo_length < strlen(SENTINEL) + 2 ||
	                memcmp(echo + echo_length - strlen(SENTINEL) - 2, SENTINEL "\r\n", strlen(SENTINEL) + 2) != 0))
		echo_length += pty_read(pty.ours, echo + echo_length, sizeof(echo) - echo_length);
	pty_close(&pty);

	begin(0, 0);
	line_discipline_configure(&discipline, settings);
	line_discipline_receive(&discipline, bytes, length);
	for (const char *text = TO_SENTINEL; *text != '\0'; text = text[0] == 'x' ? SENTINEL "\n" : "") {
		type(text);
		while ((n = line_discipline_read(&discipline, line, sizeof(line))) >= 0)
			transcript_add(&ours, line, (size_t)n);
	}
	assert_int_equal(ours.length, linux_says.length);
	assert_memory_equal(ours.text, linux_says.text, ours.length);
	if (!with_echo || !(settings->c_lflag & ECHO))
		return;
	assert_int_equal(shown_length, echo_length);
	assert_memory_equal(shown, echo, echo_length);
}

static struct termios linux_settings(void)
{
	struct termios settings;

	line_discipline_start(&discipline, show);
	settings = discipline.settings;
	settings.c_cflag = 0xbf; /* 38400 baud, 8 bits, receiver on */
	return settings;
}

/* Characters that do something are as frequent as others. Of wide characters Linux knows nothing: no such are typed. */
static size_t random_bytes(struct dice *dice, char *bytes, size_t size)
{
	static const char *const pieces[] = {"\177", "\027", "\025", "\026", "\004", "\022", "\t", "\r", "\n", "\b",
	        "\001", "\xc3\xa4", "\xe2\x82\xac", " ", "  ", "a_1", "x", "-", "word", "\003", "\034", "\032",
	        "\033[A", "\177\177"};
	size_t length = 0;

	while (length + 8 < size) {
		const char *piece = pieces[dice_below(dice, sizeof(pieces) / sizeof(pieces[0]))];

		memcpy(bytes + length, piece, strlen(piece));
		length += strlen(piece);
	}
	return length;
}

static void test_like_linux(void **state)
{
	static const uint32_t flags[] = {ECHO, ECHOE, ECHOK, ECHOKE, ECHOCTL, ECHONL, IEXTEN, ISIG};
	struct dice dice = dice_take("test_line_discipline like Linux");

	(void)state;
	for (unsigned int round = 0; round < dice_rounds(300); round++) {
		struct termios settings = linux_settings();
		char bytes[200];
		size_t length = random_bytes(&dice, bytes, 20 + dice_below(&dice, sizeof(bytes) - 20));

		settings.c_lflag |= NOFLSH; /* else echo is thrown away, or was shown already: that is Linux's luck */
		for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
			if (dice_below(&dice, 4) == 0)
				settings.c_lflag ^= flags[i];
		}
		if (dice_below(&dice, 4) == 0)
			settings.c_iflag ^= IUTF8;
		/* A reader who waits for the last line needs it as it was typed. */
		settings.c_cc[VEOL] = dice_below(&dice, 4) == 0 ? '-' : 0;
		compare_with_linux(&settings, bytes, length, true);
	}
}

static void test_full_like_linux(void **state)
{
	static char bytes[LINE_DISCIPLINE_SIZE + 100];
	struct termios settings = linux_settings();

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)('a' + i % 26);
	compare_with_linux(&settings, bytes, sizeof(bytes), false);
}

static void test_interrupt_like_linux(void **state)
{
	struct termios settings = linux_settings();

	(void)state;
	compare_with_linux(&settings, "line\nhalf\003rest", 14, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_lines),
	        cmocka_unit_test(test_erase),
	        cmocka_unit_test(test_literal),
	        cmocka_unit_test(test_interrupt),
	        cmocka_unit_test(test_end_of_file),
	        cmocka_unit_test(test_raw),
	        cmocka_unit_test(test_change),
	        cmocka_unit_test(test_full),
	        cmocka_unit_test(test_print),
	        cmocka_unit_test(test_like_linux),
	        cmocka_unit_test(test_full_like_linux),
	        cmocka_unit_test(test_interrupt_like_linux),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
