/*
 * The text that the consoles of Cairn and of Linux scroll to be compared: lines
 * as a system's log has them, of 20 to 99 characters, the same in every run.
 * Compiled into both.
 */
#ifndef BENCH_SCROLL_TEXT_H
#define BENCH_SCROLL_TEXT_H

#define SCROLL_LINES      200u /* different ones; then they begin anew */
#define SCROLL_LINE_SPACE 128u

static inline unsigned int scroll_random(unsigned int *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 16;
}

/* Writes line `number`, with its end of line; returns its length. */
static inline unsigned int scroll_text_line(unsigned int number, char line[SCROLL_LINE_SPACE])
{
	static const char letters[] = "etaoin shrdlu cmfwyp vbgkjq xz0123456789:. ETA";
	unsigned int state = number * 2654435761u + 1, length = 20 + scroll_random(&state) % 80;

	for (unsigned int i = 0; i < length; i++)
		line[i] = letters[scroll_random(&state) % (sizeof(letters) - 1)];
	line[length] = '\n';
	return length + 1;
}

#endif
