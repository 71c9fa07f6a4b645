#include "menu_serial.h"

#include "console.h"

#define PORT_KEEPS 64u   /* bytes, at most: a UART's FIFO, and what is on its way */
#define RING       2048u /* a power of two; drawing all the screen says less */

/* A port keeps 16 bytes, and to show one that was typed takes more than that. */
static struct {
	uint32_t first, end; /* they count all bytes */
	uint8_t bytes[RING];
} come;

static void listen(void)
{
	uint8_t byte;

	while (come.end - come.first < RING && console_serial_read(&byte))
		come.bytes[come.end++ % RING] = byte;
}

void menu_serial_begin(void)
{
	uint8_t byte;

	for (unsigned i = 0; i < PORT_KEEPS; i++) /* one that came with an error ends no reading */
		console_serial_read(&byte);
	come.first = come.end = 0;
}

/* Each byte takes as long as one that comes: so none is missed. */
void menu_serial_write(const char *text, size_t length)
{
	for (; length; length--) {
		console_serial_write(text++, 1);
		listen();
	}
}

bool menu_serial_has_more(void)
{
	listen();
	return come.end != come.first;
}

bool menu_serial_read(uint8_t *byte)
{
	if (!menu_serial_has_more())
		return false;
	*byte = come.bytes[come.first++ % RING];
	return true;
}
