#include "tty/terminal.h"

#include "tty/terminal_cells.h"
#include "tty/terminal_sequences.h"

/* Where in a sequence the parser is. */
enum {
	TEXT,
	ESCAPE,           /* after ESC, and intermediate bytes */
	CSI,              /* after ESC [, in markers and parameters */
	CSI_INTERMEDIATE, /* after them */
	CSI_IGNORED,      /* one that makes no sense, to its end */
	STRING,           /* ESC ] and its like, up to ESC \ or BEL: not for us */
};

enum {
	BEL = 0x07,
	SHIFT_OUT = 0x0e,
	CANCEL = 0x18,
	SUBSTITUTE = 0x1a,
	ESCAPE_BYTE = 0x1b,
	DELETE = 0x7f,
};

#define PARAMETER_MAX 9999u

/* DEC's set for lines and boxes, in place of 60h to 7Eh. */
static uint32_t line_drawing(uint32_t character)
{
	static const uint16_t set[] = {0x25c6, 0x2592, 0x2409, 0x240c, 0x240d, 0x240a, 0x00b0, 0x00b1, 0x2424, 0x240b,
	        0x2518, 0x2510, 0x250c, 0x2514, 0x253c, 0x23ba, 0x23bb, 0x2500, 0x23bc, 0x23bd, 0x251c, 0x2524, 0x2534,
	        0x252c, 0x2502, 0x2264, 0x2265, 0x03c0, 0x2260, 0x00a3, 0x00b7};

	return character >= 0x60 && character <= 0x7e ? set[character - 0x60] : character;
}

static void begin_line(struct terminal *terminal)
{
	terminal->wraps = false;
	terminal->column = 0;
	terminal_line_feed(terminal);
}

/* The cursor stays on the last column; only the next character goes to a new line. */
static void advance(struct terminal *terminal, unsigned int width)
{
	unsigned int next = terminal->column + width;

	if (next < terminal->columns) {
		terminal->column = next;
		return;
	}
	terminal->column = terminal->columns - 1;
	terminal->wraps = terminal->autowrap;
}

static void put_character(struct terminal *terminal, uint32_t character)
{
	unsigned int width = utf8_width(character);
	unsigned int column;

	if (width == 0)
		return; /* there is one character to a cell */
	if (terminal->draws_lines[terminal->set & 1])
		character = line_drawing(character);
	if (terminal->wraps || (terminal->autowrap && terminal->column + width > terminal->columns))
		begin_line(terminal);
	column = terminal->column;
	if (column + width > terminal->columns)
		column = terminal->columns - width;
	if (terminal->insert)
		terminal_insert(terminal, column, terminal->row, width);
	terminal_put(terminal, column, terminal->row, character, width);
	advance(terminal, width);
}

/* A run of plain text; returns how many bytes it took. */
static size_t put_run(struct terminal *terminal, const char *text, size_t length)
{
	unsigned int count;

	if (terminal->insert || terminal->draws_lines[terminal->set & 1]) {
		put_character(terminal, (uint8_t)*text);
		return 1;
	}
	if (terminal->wraps)
		begin_line(terminal);
	count = terminal_put_ascii(terminal, text, length);
	advance(terminal, count);
	return count;
}

static void take_text(struct terminal *terminal, uint8_t byte)
{
	switch (utf8_take(&terminal->utf8, byte)) {
	case UTF8_CHARACTER:
		put_character(terminal, terminal->utf8.character);
		break;
	case UTF8_BAD:
		put_character(terminal, UTF8_REPLACEMENT);
		break;
	case UTF8_CUT:
		put_character(terminal, UTF8_REPLACEMENT);
		take_text(terminal, byte);
		break;
	case UTF8_MORE:
		break;
	}
}

static void begin_sequence(struct terminal *terminal)
{
	terminal->state = ESCAPE;
	terminal->marker = terminal->intermediate = 0;
	terminal->parameter = 0;
	terminal->parameters[0] = 0;
	terminal->is_given[0] = terminal->is_sub[0] = false;
}

/* Of several intermediate bytes none counts: there is no such sequence here. */
static void take_intermediate(struct terminal *terminal, uint8_t byte)
{
	terminal->intermediate = terminal->intermediate == 0 ? byte : 0xff;
}

static void take_escape(struct terminal *terminal, uint8_t byte)
{
	if (byte < 0x30) {
		take_intermediate(terminal, byte);
		return;
	}
	terminal->state = TEXT;
	if (terminal->intermediate == 0 && byte == '[')
		terminal->state = CSI;
	else if (terminal->intermediate == 0 &&
	         (byte == ']' || byte == 'P' || byte == 'X' || byte == '^' || byte == '_'))
		terminal->state = STRING;
	else
		terminal_escape(terminal, byte);
}

static void next_parameter(struct terminal *terminal, bool is_sub)
{
	unsigned int next = terminal->parameter + 1u;

	if (next >= TERMINAL_PARAMETERS_MAX) {
		terminal->state = CSI_IGNORED;
		return;
	}
	terminal->parameter = (uint8_t)next;
	terminal->parameters[next] = 0;
	terminal->is_given[next] = false;
	terminal->is_sub[next] = is_sub;
}

static void take_digit(struct terminal *terminal, unsigned int digit)
{
	unsigned int at = terminal->parameter % TERMINAL_PARAMETERS_MAX;
	unsigned int value = terminal->parameters[at] * 10u + digit;

	terminal->parameters[at] = (uint16_t)(value < PARAMETER_MAX ? value : PARAMETER_MAX);
	terminal->is_given[at] = true;
}

static void take_csi(struct terminal *terminal, uint8_t byte)
{
	bool is_first = terminal->parameter == 0 && !terminal->is_given[0] && terminal->marker == 0;

	if (byte >= 0x40) {
		terminal->state = TEXT;
		terminal_csi(terminal, byte);
	} else if (byte < 0x30) {
		terminal->state = CSI_INTERMEDIATE;
		take_intermediate(terminal, byte);
	} else if (terminal->state == CSI_INTERMEDIATE) {
		terminal->state = CSI_IGNORED;
	} else if (byte <= '9') {
		take_digit(terminal, byte - '0');
	} else if (byte == ':' || byte == ';') {
		next_parameter(terminal, byte == ':');
	} else if (is_first) {
		terminal->marker = byte;
	} else {
		terminal->state = CSI_IGNORED;
	}
}

/* A byte that is no control, inside of a sequence. What is no ASCII ends it and is text. */
static void take_in_sequence(struct terminal *terminal, uint8_t byte)
{
	if (terminal->state == STRING)
		return;
	if (byte >= 0x80) {
		terminal->state = TEXT;
		take_text(terminal, byte);
	} else if (terminal->state == ESCAPE) {
		take_escape(terminal, byte);
	} else if (terminal->state != CSI_IGNORED) {
		take_csi(terminal, byte);
	} else if (byte >= 0x40) {
		terminal->state = TEXT;
	}
}

/* Controls work in the middle of a sequence, too, but in a string they are part of it. */
static void take_control(struct terminal *terminal, uint8_t byte)
{
	if (terminal->utf8.wanted != 0) {
		terminal->utf8.wanted = 0;
		put_character(terminal, UTF8_REPLACEMENT);
	}
	if (byte == ESCAPE_BYTE)
		begin_sequence(terminal);
	else if (byte == CANCEL || byte == SUBSTITUTE || (byte == BEL && terminal->state == STRING))
		terminal->state = TEXT;
	else if (terminal->state != STRING)
		terminal_control(terminal, byte);
}

void terminal_write(struct terminal *terminal, const char *text, size_t length)
{
	if (terminal->view != 0) {
		terminal->view = 0;
		terminal_change_all(terminal);
	}
	for (size_t i = 0; i < length;) {
		uint8_t byte = (uint8_t)text[i];

		if (byte < ' ') {
			take_control(terminal, byte);
		} else if (terminal->state != TEXT) {
			if (byte != DELETE)
				take_in_sequence(terminal, byte);
		} else if (byte < DELETE && terminal->utf8.wanted == 0) {
			i += put_run(terminal, text + i, length - i);
			continue;
		} else if (byte != DELETE) {
			take_text(terminal, byte);
		}
		i++;
	}
}

void terminal_set_reply(
        struct terminal *terminal, void (*reply)(void *context, const char *text, size_t length), void *context)
{
	terminal->reply = reply;
	terminal->reply_context = context;
}
