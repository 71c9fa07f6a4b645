#include "drivers/serial.h"

#include <stdbool.h>
#include <stdint.h>

#include "core/log.h"
#include "cpu.h"

/* Registers of the 16550 (data sheet PC16550D), as offsets from the port's base. */
#define COM1          0x3f8
#define REGISTER_DATA 0 /* with DLAB: low byte of the divisor */
#define REGISTER_IER  1 /* with DLAB: high byte of the divisor */
#define REGISTER_FCR  2
#define REGISTER_IIR  2
#define REGISTER_LCR  3
#define REGISTER_MCR  4
#define REGISTER_LSR  5
#define REGISTER_SCR  7

#define LCR_8N1           0x03
#define LCR_DLAB          0x80
#define MCR_DTR_RTS       0x03
#define FCR_ENABLE        0x01
#define IIR_FIFO_WORKS    0xc0
#define LSR_HOLDING_EMPTY 0x20 /* with the FIFO on: all of it */
#define LSR_ALL_SENT      0x40

#define DIVISOR_115200 1
#define FIFO_SIZE      16

/* A FIFO takes 1.4 ms to empty; reading a port takes at least 0.1 us, so this is several times as long. */
#define POLLS_MAX 100000

static unsigned int burst; /* bytes the transmitter takes when it says it is empty */

/* False if the port never gets there: it is not a serial port, or a broken one. */
static bool wait_for(uint8_t status)
{
	for (unsigned int i = 0; i < POLLS_MAX; i++) {
		if (cpu_in8(COM1 + REGISTER_LSR) & status)
			return true;
	}
	return false;
}

/* A port that got stuck once is given up: waiting for it again at every character would look like a hang. */
static void send(char c)
{
	static unsigned int room;
	static bool stuck;

	if (stuck)
		return;
	if (room == 0) {
		stuck = !wait_for(LSR_HOLDING_EMPTY);
		if (stuck)
			return;
		room = burst;
	}
	cpu_out8(COM1 + REGISTER_DATA, (uint8_t)c);
	room--;
}

static void serial_write(enum log_level level, const char *text, size_t length)
{
	(void)level;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n')
			send('\r');
		send(text[i]);
	}
}

static void serial_drain(void)
{
	wait_for(LSR_ALL_SENT);
}

/* Nothing answers at an empty address: the scratch register keeps what is written only where there is one. */
static bool is_present(void)
{
	cpu_out8(COM1 + REGISTER_SCR, 0x55);
	if (cpu_in8(COM1 + REGISTER_SCR) != 0x55)
		return false;
	cpu_out8(COM1 + REGISTER_SCR, 0xaa);
	return cpu_in8(COM1 + REGISTER_SCR) == 0xaa;
}

void serial_start(void)
{
	/* Output is polled either way: nothing here waits for an interrupt. */
	static const struct log_sink sink = {.write = serial_write, .emergency = serial_write, .drain = serial_drain};

	if (!is_present())
		return;
	serial_drain(); /* the loader's last words */
	cpu_out8(COM1 + REGISTER_IER, 0);
	cpu_out8(COM1 + REGISTER_LCR, LCR_DLAB);
	cpu_out8(COM1 + REGISTER_DATA, DIVISOR_115200);
	cpu_out8(COM1 + REGISTER_IER, 0);
	cpu_out8(COM1 + REGISTER_LCR, LCR_8N1);
	cpu_out8(COM1 + REGISTER_FCR, FCR_ENABLE);
	cpu_out8(COM1 + REGISTER_MCR, MCR_DTR_RTS);
	burst = (cpu_in8(COM1 + REGISTER_IIR) & IIR_FIFO_WORKS) == IIR_FIFO_WORKS ? FIFO_SIZE : 1;
	log_add_sink(&sink);
}
