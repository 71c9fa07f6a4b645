#include "tty/line_discipline.h"

#include "abi/errno.h"
#include "lib/string.h"
#include "lib/utf8.h"

#define TAB_STOPS 8u

static bool has(const struct line_discipline *d, uint32_t local_flag)
{
	return d->settings.c_lflag & local_flag;
}

static bool is(const struct line_discipline *d, int index, char c)
{
	return d->settings.c_cc[index] != 0 && (uint8_t)c == d->settings.c_cc[index];
}

static bool is_control(char c)
{
	return (uint8_t)c < ' ' || c == 0x7f;
}

static bool continues(const struct line_discipline *d, char c)
{
	return (d->settings.c_iflag & IUTF8) && ((uint8_t)c & 0xc0) == 0x80;
}

/* A byte beyond ASCII belongs to a letter: of which, nobody asks. */
static bool is_of_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
	       (uint8_t)c >= 0xc0;
}

/* ---- the bytes ---- */

static char byte_at(const struct line_discipline *d, uint32_t position)
{
	return d->bytes[position % LINE_DISCIPLINE_SIZE];
}

static bool ends_line(const struct line_discipline *d, uint32_t position)
{
	position %= LINE_DISCIPLINE_SIZE;
	return d->ends[position / 8] & 1u << position % 8;
}

static void append(struct line_discipline *d, char c, bool ends)
{
	uint32_t at = d->end++ % LINE_DISCIPLINE_SIZE;
	uint8_t bit = (uint8_t)(1u << at % 8);

	d->bytes[at] = c;
	d->ends[at / 8] = (uint8_t)((d->ends[at / 8] & ~bit) | (ends ? bit : 0));
}

/* ---- output ---- */

static void flush(struct line_discipline *d)
{
	if (d->output_length > 0)
		d->write(d, d->output, d->output_length);
	d->output_length = 0;
}

static void put_raw(struct line_discipline *d, char c)
{
	if (d->output_length == sizeof(d->output))
		flush(d);
	d->output[d->output_length++] = c;
}

/* The columns of a character are known when its last byte is. What is none is shown in one. */
static void count_columns(struct line_discipline *d, char c)
{
	enum utf8_result result;

	if (!(d->settings.c_iflag & IUTF8)) {
		d->column++;
		return;
	}
	result = utf8_take(&d->character, (uint8_t)c);
	if (result == UTF8_CUT) {
		d->column++;
		result = utf8_take(&d->character, (uint8_t)c);
	}
	if (result == UTF8_CHARACTER)
		d->column += utf8_width(d->character.character);
	else if (result == UTF8_BAD)
		d->column++;
}

static void put(struct line_discipline *d, char c)
{
	if (!(d->settings.c_oflag & OPOST)) {
		put_raw(d, c);
		return;
	}
	if (c == '\n' && (d->settings.c_oflag & ONLCR)) {
		put_raw(d, '\r');
		d->column = d->line_column = 0;
	} else if (c == '\n') {
		d->line_column = d->column;
	} else if (c == '\r') {
		d->column = d->line_column = 0;
	} else if (c == '\t') {
		d->column += TAB_STOPS - d->column % TAB_STOPS;
	} else if (c == '\b') {
		d->column -= d->column > 0;
	} else if (!is_control(c)) {
		count_columns(d, c);
	}
	put_raw(d, c);
}

void line_discipline_print(struct line_discipline *d, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		put(d, text[i]);
	flush(d);
}

/* ---- echo ---- */

static bool is_shown_as_two(const struct line_discipline *d, char c)
{
	return is_control(c) && c != '\t' && has(d, ECHOCTL);
}

static void echo(struct line_discipline *d, char c)
{
	if (!is_shown_as_two(d, c)) {
		put(d, c);
		return;
	}
	put_raw(d, '^');
	put_raw(d, c ^ 0x40);
	d->column += 2;
}

/* The first character of a line tells where the line began. */
static void echo_of_line(struct line_discipline *d, char c)
{
	if (d->line == d->end)
		d->line_column = d->column;
	echo(d, c);
}

/* ---- erasing ---- */

/* Where the last character of the edited line begins; the line's end if its bytes make no character. */
static uint32_t last_character(const struct line_discipline *d)
{
	uint32_t at = d->end;

	do
		at--;
	while (at != d->line && continues(d, byte_at(d, at)));
	return continues(d, byte_at(d, at)) ? d->end : at;
}

static unsigned int width_at(const struct line_discipline *d, uint32_t from, uint32_t to)
{
	struct utf8 utf8 = {0};

	if (is_control(byte_at(d, from)))
		return is_shown_as_two(d, byte_at(d, from)) ? 2 : 0;
	if (!(d->settings.c_iflag & IUTF8))
		return 1;
	for (; from + 1 != to; from++)
		utf8_take(&utf8, (uint8_t)byte_at(d, from));
	return utf8_take(&utf8, (uint8_t)byte_at(d, from)) == UTF8_CHARACTER ? utf8_width(utf8.character) : 1;
}

/* Back from a tab to where it was typed: by the columns from the tab before it, or from the line's beginning. */
static void erase_tab(struct line_discipline *d)
{
	unsigned int columns = 0;
	uint32_t from = d->end, next;

	while (from != d->line && byte_at(d, from - 1) != '\t')
		from--;
	if (from == d->line)
		columns = d->line_column;
	for (; from != d->end; from = next) {
		for (next = from + 1; next != d->end && continues(d, byte_at(d, next)); next++)
			;
		columns += width_at(d, from, next);
	}
	for (columns %= TAB_STOPS; columns < TAB_STOPS; columns++) {
		put_raw(d, '\b');
		d->column -= d->column > 0;
	}
}

static void erase_columns(struct line_discipline *d, unsigned int columns)
{
	for (; columns > 0; columns--) {
		put(d, '\b');
		put(d, ' ');
		put(d, '\b');
	}
}

/* Takes the last character from the line, and from the terminal if `is_seen`. */
static void erase_character(struct line_discipline *d, uint32_t from, bool is_seen)
{
	unsigned int width = width_at(d, from, d->end);
	bool is_tab = byte_at(d, from) == '\t';

	d->end = from;
	if (is_seen && is_tab)
		erase_tab(d);
	else if (is_seen)
		erase_columns(d, width);
}

static void erase(struct line_discipline *d, char c)
{
	uint32_t from = d->line != d->end ? last_character(d) : d->end;

	if (from == d->end)
		return;
	erase_character(d, from, has(d, ECHO) && has(d, ECHOE));
	if (has(d, ECHO) && !has(d, ECHOE))
		echo(d, c);
}

/* What stands behind the last word, and the word. */
static void erase_word(struct line_discipline *d)
{
	bool word_seen = false;

	while (d->line != d->end) {
		uint32_t from = last_character(d);
		bool of_word = is_of_word(byte_at(d, from));

		if (from == d->end || (word_seen && !of_word))
			return;
		word_seen |= of_word;
		erase_character(d, from, has(d, ECHO));
	}
}

static void erase_line(struct line_discipline *d, char c)
{
	if (d->line == d->end)
		return;
	if (has(d, ECHO) && has(d, ECHOK) && has(d, ECHOKE) && has(d, ECHOE)) {
		for (uint32_t from; d->line != d->end && (from = last_character(d)) != d->end;)
			erase_character(d, from, true);
		return;
	}
	d->end = d->line;
	if (!has(d, ECHO))
		return;
	echo(d, c);
	if (has(d, ECHOK))
		put(d, '\n');
}

/* ---- input ---- */

static uint32_t used(const struct line_discipline *d)
{
	return d->end - d->read;
}

static void end_line(struct line_discipline *d, char c)
{
	if (used(d) == LINE_DISCIPLINE_SIZE) {
		put_raw(d, '\a');
		return;
	}
	append(d, c, true);
	d->line = d->end;
}

/* A character of the text. The last place is kept for the line's end. */
static void take(struct line_discipline *d, char c)
{
	if (used(d) >= LINE_DISCIPLINE_SIZE - 1) {
		put_raw(d, '\a');
		return;
	}
	if (has(d, ECHO) && c == '\n' && !has(d, ICANON))
		put(d, c); /* here it comes from a person, and is no ^J */
	else if (has(d, ECHO))
		echo_of_line(d, c);
	append(d, c, false);
	if (!has(d, ICANON))
		d->line = d->end;
}

static void reprint(struct line_discipline *d, char c)
{
	echo(d, c);
	put(d, '\n');
	for (uint32_t at = d->line; at != d->end; at++)
		echo(d, byte_at(d, at));
}

/* True if the character does something to the edited line instead of standing in it. */
static bool edit(struct line_discipline *d, char c)
{
	bool extended = has(d, IEXTEN);

	if (is(d, VERASE, c)) {
		erase(d, c);
	} else if (is(d, VKILL, c)) {
		erase_line(d, c);
	} else if (extended && is(d, VWERASE, c)) {
		erase_word(d);
	} else if (extended && is(d, VLNEXT, c)) {
		d->is_literal = true;
		if (has(d, ECHO) && has(d, ECHOCTL)) {
			put(d, '^');
			put(d, '\b');
		}
	} else if (extended && is(d, VREPRINT, c) && has(d, ECHO)) {
		reprint(d, c);
	} else if (c == '\n') {
		if (has(d, ECHO) || has(d, ECHONL))
			put(d, '\n');
		end_line(d, '\n');
	} else if (is(d, VEOF, c)) {
		end_line(d, '\0'); /* a byte that readers never see */
	} else if (is(d, VEOL, c) || (extended && is(d, VEOL2, c))) {
		if (has(d, ECHO))
			echo_of_line(d, c);
		end_line(d, c);
	} else {
		return false;
	}
	return true;
}

/* What was typed before an interruption is forgotten, also what was ended and not read yet. */
static bool interrupt(struct line_discipline *d, char c)
{
	int index = is(d, VINTR, c) ? VINTR : is(d, VQUIT, c) ? VQUIT : is(d, VSUSP, c) ? VSUSP : -1;

	if (!has(d, ISIG) || index < 0)
		return false;
	if (!has(d, NOFLSH))
		d->read = d->line = d->end;
	if (has(d, ECHO))
		echo(d, c);
	if (d->signal != NULL)
		d->signal(d, index);
	return true;
}

static void receive(struct line_discipline *d, char c)
{
	if (d->is_literal) {
		d->is_literal = false;
		take(d, c);
		return;
	}
	if (interrupt(d, c))
		return;
	if (c == '\r' && (d->settings.c_iflag & IGNCR))
		return;
	if (c == '\r' && (d->settings.c_iflag & ICRNL))
		c = '\n';
	else if (c == '\n' && (d->settings.c_iflag & INLCR))
		c = '\r';
	if (!has(d, ICANON) || !edit(d, c))
		take(d, c);
}

void line_discipline_receive(struct line_discipline *d, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		receive(d, bytes[i]);
	flush(d);
}

size_t line_discipline_room(const struct line_discipline *d)
{
	if (has(d, ICANON) && d->read == d->line)
		return LINE_DISCIPLINE_SIZE; /* a line that gets too long is cut: to wait would not make it shorter */
	return used(d) < LINE_DISCIPLINE_SIZE ? LINE_DISCIPLINE_SIZE - 1 - used(d) : 0;
}

/* ---- reading ---- */

bool line_discipline_is_readable(const struct line_discipline *d)
{
	return d->read != d->line;
}

/* Only the end of a file was stored as an end that is no byte. */
static bool is_end_of_file(const struct line_discipline *d, uint32_t position)
{
	return ends_line(d, position) && byte_at(d, position) == '\0';
}

int line_discipline_read(struct line_discipline *d, char *bytes, size_t size)
{
	size_t length = 0;
	bool ended = false;

	if (d->read == d->line)
		return -EAGAIN;
	while (d->read != d->line && length < size && !ended) {
		uint32_t at = d->read++;

		ended = has(d, ICANON) && ends_line(d, at);
		if (!has(d, ICANON) || !is_end_of_file(d, at))
			bytes[length++] = byte_at(d, at);
	}
	/* An end of file behind what just fitted has been seen with it. */
	if (has(d, ICANON) && !ended && length > 0 && d->read != d->line && is_end_of_file(d, d->read))
		d->read++;
	return (int)length;
}

/* ---- settings ---- */

void line_discipline_configure(struct line_discipline *d, const struct termios *settings)
{
	uint32_t changed = d->settings.c_lflag ^ settings->c_lflag;

	d->settings = *settings;
	if (!(changed & ICANON))
		return;
	d->line = d->end;
	d->is_literal = false;
	memset(d->ends, 0, sizeof(d->ends));
	if (has(d, ICANON) && d->read != d->end) {
		uint32_t last = (d->end - 1) % LINE_DISCIPLINE_SIZE;

		d->ends[last / 8] |= (uint8_t)(1u << last % 8); /* what was there is a line, however it ends */
	}
}

void line_discipline_start(
        struct line_discipline *d, void (*write)(struct line_discipline *discipline, const char *text, size_t length))
{
	static const struct termios settings = {
	        .c_iflag = ICRNL | IUTF8,
	        .c_oflag = OPOST | ONLCR,
	        .c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
	        .c_cc = {[VINTR] = 3,
	                [VQUIT] = 28,
	                [VERASE] = 127,
	                [VKILL] = 21,
	                [VEOF] = 4,
	                [VMIN] = 1,
	                [VSUSP] = 26,
	                [VREPRINT] = 18,
	                [VWERASE] = 23,
	                [VLNEXT] = 22},
	};

	memset(d, 0, sizeof(*d));
	d->settings = settings;
	d->write = write;
}
