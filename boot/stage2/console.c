#include "console.h"

#include "bios.h"
#include "layout.h"
#include "lib/format.h"
#include "lib/string.h"

#define VIDEO_MODE_COLOUR 3

#define COM1            0x3f8
#define COM1_IER        (COM1 + 1)
#define COM1_FCR        (COM1 + 2)
#define COM1_LCR        (COM1 + 3)
#define COM1_MCR        (COM1 + 4)
#define COM1_LSR        (COM1 + 5)
#define LSR_DATA        0x01
#define LSR_BAD         0x1c /* parity, framing, break: what a line makes by itself to which nobody is connected */
#define LSR_THR_EMPTY   0x20
#define SERIAL_IS_THERE 0x80
#define COM1_PATIENCE   100000u /* polls for a byte to leave: over 10 ms at 100 ns each; a byte takes 87 us */

#define DEBUG_PORT 0xe9

#define CRTC 0x3d4

static struct {
	volatile uint16_t *cells; /* NULL: no screen */
	unsigned columns, rows, column, row;
	bool debug_port;
	uint8_t serial; /* 0: there is none; else SERIAL_IS_THERE and the line status in which it was found */
	char log[CONSOLE_LOG_SIZE];
	uint32_t log_length;
} console;

static void serial_init(void)
{
	uint8_t status = port_read8(COM1_LSR);
	if (status == 0xff)
		return;
	console.serial = status | SERIAL_IS_THERE;
	port_write8(COM1_IER, 0);
	port_write8(COM1_LCR, 0x83);
	port_write8(COM1, 1); /* 115200 baud */
	port_write8(COM1_IER, 0);
	port_write8(COM1_LCR, 3); /* 8N1 */
	port_write8(COM1_FCR, 7);
	port_write8(COM1_MCR, 3);
}

static void serial_put(char c)
{
	for (unsigned polls = COM1_PATIENCE; !(port_read8(COM1_LSR) & LSR_THR_EMPTY); polls--) {
		if (polls == 0) {
			console.serial = 0; /* stuck: say it elsewhere */
			return;
		}
	}
	port_write8(COM1, c);
}

static void screen_clear(unsigned from)
{
	for (unsigned i = from; i < console.columns * console.rows; i++)
		console.cells[i] = CONSOLE_NORMAL << 8 | ' ';
}

/* A screen is there if its memory holds what is written to it. */
static bool screen_answers(volatile uint16_t *cells)
{
	cells[0] = 0x55aa;
	cells[1] = 0xaa55;
	return cells[0] == 0x55aa && cells[1] == 0xaa55;
}

/* The BIOS's cursor, too: what it says after INT 18h belongs below what was said here. */
static void screen_cursor(void)
{
	unsigned cell = console.row * console.columns + console.column;
	port_write16(CRTC, 0x0e | (cell & 0xff00));
	port_write16(CRTC, 0x0f | (cell & 0xff) << 8);
	low_write16(BIOS_DATA_CURSOR, console.row << 8 | console.column);
}

static void screen_init(void)
{
	uint8_t mode = low_read8(BIOS_DATA_MODE);
	if ((mode != VIDEO_MODE_COLOUR && mode != 2) || low_read16(BIOS_DATA_PAGE)) {
		struct bios_registers r = {.eax = VIDEO_MODE_COLOUR};
		bios_call(0x10, &r);
	}
	volatile uint16_t *cells = low_memory(0xb8000);
	if (!screen_answers(cells))
		return;
	console.cells = cells;
	console.columns = 80;
	console.rows = 25;
	screen_clear(0);
	screen_cursor();
}

static void screen_newline(void)
{
	console.column = 0;
	if (++console.row < console.rows)
		return;
	console.row--;
	unsigned kept = console.columns * console.row;
	for (unsigned i = 0; i < kept; i++)
		console.cells[i] = console.cells[i + console.columns];
	screen_clear(kept);
}

static void screen_put(char c, enum console_colour colour)
{
	if (c == '\n') {
		screen_newline();
		return;
	}
	if (console.column == console.columns)
		screen_newline();
	console.cells[console.row * console.columns + console.column++] = colour << 8 | (uint8_t)c;
}

void console_init(void)
{
	serial_init();
	console.debug_port = port_read8(DEBUG_PORT) == DEBUG_PORT;
	screen_init();
}

/* Not inline: the head has no room for it twice. */
static __attribute__((noinline)) void log_put(char c)
{
	if (console.log_length < CONSOLE_LOG_SIZE)
		console.log[console.log_length++] = c;
}

static void console_put(void *context, const char *text, size_t length)
{
	enum console_colour colour = *(enum console_colour *)context;
	for (; length; length--, text++) {
		if (console.cells)
			screen_put(*text, colour);
		if (console.serial) {
			if (*text == '\n')
				serial_put('\r');
			serial_put(*text);
		}
		if (console.debug_port)
			port_write8(DEBUG_PORT, *text);
		log_put(*text);
	}
}

void console_print_args(enum console_colour colour, const char *format, va_list args)
{
	if (colour == CONSOLE_NOTE) { /* there are no colours in the log */
		log_put('!');
		log_put(' ');
	}
	format_args(console_put, &colour, format, args);
	if (console.cells)
		screen_cursor();
}

void console_print(enum console_colour colour, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	console_print_args(colour, format, args);
	va_end(args);
}

volatile uint16_t *console_line(void)
{
	return console.cells ? console.cells + console.row * console.columns : NULL;
}

bool console_key(void)
{
	if (!console.serial || !(port_read8(COM1_LSR) & LSR_DATA))
		return false;
	port_read8(COM1);
	return true;
}

IN_REST bool console_serial_was_typed(void)
{
	uint8_t status = console.serial;
	if ((status & (LSR_DATA | LSR_BAD)) != LSR_DATA && console.serial)
		status = port_read8(COM1_LSR);
	return (status & (LSR_DATA | LSR_BAD)) == LSR_DATA;
}

IN_REST bool console_serial_read(uint8_t *byte)
{
	if (!console.serial)
		return false;
	uint8_t status = port_read8(COM1_LSR);
	if (!(status & LSR_DATA))
		return false;
	*byte = port_read8(COM1);
	return !(status & LSR_BAD);
}

IN_REST void console_serial_write(const char *text, size_t length)
{
	for (; length && console.serial; length--)
		serial_put(*text++);
}

IN_REST void console_describe(struct boot_text_screen *screen, const char **log, uint32_t *log_length)
{
	*screen = (struct boot_text_screen){
	        .base = (uint32_t)console.cells,
	        .columns = console.columns,
	        .rows = console.rows,
	        .cursor_column = console.column,
	        .cursor_row = console.row,
	};
	*log = console.log;
	*log_length = console.log_length;
}
