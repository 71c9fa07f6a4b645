/*
 * The line discipline: what stands between the bytes that somebody types and who reads them (POSIX, General Terminal
 * Interface; Linux's n_tty is the measure). In canonical mode a reader gets whole lines, which can be corrected until
 * they are ended; else every byte as it comes. Echo and output leave by `write`.
 *
 * Not here: flow control by characters (IXON), parity marks, delays, upper-case terminals. VMIN and VTIME say how long
 * a reader waits, which is the reader's business. Whoever shares one locks it.
 */
#ifndef TTY_LINE_DISCIPLINE_H
#define TTY_LINE_DISCIPLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/termios.h"
#include "lib/utf8.h"

#define LINE_DISCIPLINE_SIZE 4096u /* bytes that wait to be read; a line has one less before its end */

struct line_discipline {
	struct termios settings;
	/* What the terminal is to show. */
	void (*write)(struct line_discipline *discipline, const char *text, size_t length);
	/* INTR, QUIT or SUSP (an index of c_cc) was typed; NULL: nobody cares. */
	void (*signal)(struct line_discipline *discipline, int index);

	/* Bytes are counted for ever: [read, line) can be read, [line, end) is being edited, canonical mode only. */
	uint32_t read, line, end;
	bool is_literal;          /* the next character is none that does something */
	unsigned int column;      /* of the terminal's cursor, as far as we know */
	unsigned int line_column; /* where the edited line began */
	struct utf8 character;    /* on its way out */
	uint8_t output_length;
	char output[64];                        /* on its way to `write` */
	uint8_t ends[LINE_DISCIPLINE_SIZE / 8]; /* a bit for each byte: a line ends here */
	char bytes[LINE_DISCIPLINE_SIZE];
};

/* [any] Empty, with the settings of a fresh Linux terminal, in UTF-8. */
void line_discipline_start(struct line_discipline *discipline,
        void (*write)(struct line_discipline *discipline, const char *text, size_t length));

/* [any] Other settings. When canonical mode ends, what was edited can be read. */
void line_discipline_configure(struct line_discipline *discipline, const struct termios *settings);

/* [any] How many bytes it takes without losing one: who types faster waits, or loses what was too much (and hears it).
 */
size_t line_discipline_room(const struct line_discipline *discipline);

/* [any] Bytes that were typed. */
void line_discipline_receive(struct line_discipline *discipline, const char *bytes, size_t length);

/* [any] What programs print: OPOST's work is done on it. */
void line_discipline_print(struct line_discipline *discipline, const char *text, size_t length);

/* [any] There is something to read: in canonical mode a whole line, or an end of file. */
bool line_discipline_is_readable(const struct line_discipline *discipline);

/*
 * [any] Takes what can be read, in canonical mode a line at most; returns its length, 0 for an end of file, -EAGAIN if
 * there is nothing.
 */
int line_discipline_read(struct line_discipline *discipline, char *bytes, size_t size);

#endif
