/*
 * The first and only program of a Linux that tests/bench/console.py starts:
 * scrolls lines over the screen and tells COM1 how many ticks of the time-stamp
 * counter one took. No library: it is linked by itself.
 */
#include <stddef.h>
#include <stdint.h>

#include "scroll_text.h"

#define SCREEN "/dev/tty0"
#define SERIAL "/dev/ttyS0"

enum { SYS_WRITE = 1, SYS_OPEN = 2, SYS_REBOOT = 169 };
enum { WRITE_ONLY = 1, WARM_UP = 200, LINES = 500 };

static long call(long number, long a, long b, long c, long d)
{
	register long fourth __asm__("r10") = d;
	long result;

	__asm__ volatile("syscall"
	                 : "=a"(result)
	                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth)
	                 : "rcx", "r11", "memory");
	return result;
}

static uint64_t ticks(void)
{
	return __builtin_ia32_rdtsc();
}

static void say(int to, const char *text)
{
	size_t length = 0;

	while (text[length] != '\0')
		length++;
	call(SYS_WRITE, to, (long)text, (long)length, 0);
}

static void say_number(int to, uint64_t number)
{
	char digits[24], *first = digits + sizeof(digits) - 1;

	*first = '\0';
	do {
		*--first = (char)('0' + number % 10);
		number /= 10;
	} while (number != 0);
	say(to, first);
}

static void scroll(int screen, unsigned int count)
{
	static char lines[SCROLL_LINES][SCROLL_LINE_SPACE];
	static unsigned int lengths[SCROLL_LINES];

	for (unsigned int i = 0; i < SCROLL_LINES && lengths[i] == 0; i++)
		lengths[i] = scroll_text_line(i, lines[i]);
	for (unsigned int i = 0; i < count; i++)
		call(SYS_WRITE, screen, (long)lines[i % SCROLL_LINES], lengths[i % SCROLL_LINES], 0);
}

void _start(void);

void _start(void)
{
	int screen = (int)call(SYS_OPEN, (long)SCREEN, WRITE_ONLY, 0, 0);
	int serial = (int)call(SYS_OPEN, (long)SERIAL, WRITE_ONLY, 0, 0);
	uint64_t start;

	scroll(screen, WARM_UP);
	say(serial, "scroll begins\n");
	start = ticks();
	scroll(screen, LINES);
	start = ticks() - start;
	say(serial, "scroll ");
	say_number(serial, LINES);
	say(serial, " lines, ticks per line: ");
	say_number(serial, start / LINES);
	say(serial, "\n");
	for (;;)
		call(SYS_REBOOT, 0xfee1dead, 672274793, 0x1234567, 0);
}
