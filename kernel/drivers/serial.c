#include "drivers/serial.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/errno.h"
#include "core/irq.h"
#include "core/log.h"
#include "core/spinlock.h"
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

#define IER_RECEIVED       0x01 /* and a few bytes that no more followed */
#define IER_EMPTY          0x02 /* what was to be sent has left the FIFO */
#define IER_LINE_STATUS    0x04
#define LCR_8N1            0x03
#define LCR_DLAB           0x80
#define MCR_DTR            0x01
#define MCR_RTS            0x02 /* the other side may send */
#define MCR_INTERRUPT      0x08 /* OUT2, which in a PC lets the interrupt out */
#define FCR_ENABLE         0x01
#define FCR_INTERRUPT_AT_8 0x80
#define IIR_NONE           0x01
#define IIR_FIFO_WORKS     0xc0
#define LSR_RECEIVED       0x01
#define LSR_OVERRUN        0x02
#define LSR_PARITY         0x04
#define LSR_FRAMING        0x08
#define LSR_BREAK          0x10
#define LSR_HOLDING_EMPTY  0x20 /* with the FIFO on: all of it */
#define LSR_ALL_SENT       0x40
#define LSR_ERRORS         (LSR_OVERRUN | LSR_PARITY | LSR_FRAMING | LSR_BREAK)
#define LSR_NO_DEVICE      0xff

#define DIVISOR_115200 1
#define FIFO_SIZE      16

/* A FIFO takes 1.4 ms to empty; reading a port takes at least 0.1 us, so this is several times as long. */
#define POLLS_MAX 100000

/* For a port that got stuck lately: as long as a real one takes, until it has taken so many bursts without. */
#define POLLS_WARY  2000
#define BURSTS_WARY 64

#define IRQ_COM1    4
#define REASONS_MAX 16   /* in one interrupt; more is not a serial port's */
#define RING_SIZE   256  /* bytes: a line that somebody pastes */
#define RING_LOW    128  /* when there is room for so many again, the other side may go on */
#define LATER_SIZE  4096 /* bytes that wait to be sent: two screens of 80 columns; a power of two */

STREAM(serial_bytes, RING_SIZE);

static unsigned int burst; /* bytes the transmitter takes when it says it is empty; 0: there is no port */
static uint8_t errors;     /* LSR_ERRORS that were read and have not been told yet: reading clears them */
static bool is_full;       /* the other side was told to wait */

/* Guarded by the lock, except in an emergency, and when nothing else can run. */
static struct spinlock lock = SPINLOCK(RANK_SERIAL, "serial port");
static uint8_t interrupts;             /* what IER allows; 0: everything is polled */
static unsigned int room;              /* bytes the transmitter takes for sure */
static bool is_stuck;                  /* it took none for longer than any takes */
static unsigned int wary;              /* bursts until it is waited for as long again */
static uint64_t unsent;                /* characters that were lost then */
static bool is_overtaken;              /* it was served before its interrupt was heard */
static char later[LATER_SIZE];         /* text that waits to be sent */
static uint32_t later_put, later_sent; /* bytes so far, modulo 2^32 */

/* Whoever reads the status sees the errors of what was received, too. */
static uint8_t read_status(void)
{
	uint8_t status = cpu_in8(COM1 + REGISTER_LSR);

	__atomic_or_fetch(&errors, status & LSR_ERRORS, __ATOMIC_RELAXED);
	return status;
}

/* False if the port never gets there: it is not a serial port, or a broken one. */
static bool wait_for(uint8_t status)
{
	unsigned int polls = wary > 0 ? POLLS_WARY : POLLS_MAX;

	for (unsigned int i = 0; i < polls; i++) {
		if (read_status() & status)
			return true;
	}
	return false;
}

/*
 * Nobody waits a second time for a port that got stuck: at every character that would look like a hang. One look shows
 * whether it goes on: what an emulated port is connected to may have stopped reading for a while. Such a port may take
 * a burst now and then though nobody reads: so it is not trusted at once.
 */
static bool wait_until_empty(void)
{
	is_stuck = !(is_stuck ? read_status() & LSR_HOLDING_EMPTY : wait_for(LSR_HOLDING_EMPTY));
	if (is_stuck)
		wary = BURSTS_WARY;
	else if (wary > 0)
		wary--;
	return !is_stuck;
}

static void send_into(unsigned int *free, char c)
{
	if (*free == 0) {
		if (!wait_until_empty()) {
			unsent++;
			return;
		}
		*free = burst;
		is_overtaken |= (interrupts & IER_EMPTY) != 0;
	}
	cpu_out8(COM1 + REGISTER_DATA, (uint8_t)c);
	--*free;
}

static void send(char c)
{
	send_into(&room, c);
}

static bool is_waiting(void)
{
	return later_sent != later_put;
}

static void send_one_that_waits(void)
{
	send(later[later_sent++ % LATER_SIZE]);
}

static void send_all_that_waits(void)
{
	while (is_waiting())
		send_one_that_waits();
}

static void send_text(const char *text, size_t length)
{
	send_all_that_waits();
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n')
			send('\r');
		send(text[i]);
	}
}

/*
 * An NMI that interrupted who sends finds everything half done, and leaves it alone: what waits as it is, and the
 * transmitter empty, so that there is as much room in it as there was.
 */
static void send_in_between(const char *text, size_t length)
{
	unsigned int free = 0;

	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n')
			send_into(&free, '\r');
		send_into(&free, text[i]);
	}
	wait_until_empty();
}

static void serial_emergency(enum log_level level, const char *text, size_t length)
{
	(void)level;
	if (spin_holds(RANK_SERIAL))
		send_in_between(text, length);
	else
		send_text(text, length);
}

/* Lines of the log are out when this returns, whatever happens then. An NMI cannot wait for whom it interrupted. */
static void serial_write(enum log_level level, const char *text, size_t length)
{
	uint64_t flags;

	if (spin_holds(RANK_SERIAL)) {
		serial_emergency(level, text, length);
		return;
	}
	flags = spin_lock(&lock);
	send_text(text, length);
	spin_unlock(&lock, flags);
}

static void serial_drain(void)
{
	uint64_t flags = cpu_interrupts_save();

	send_all_that_waits();
	wait_for(LSR_ALL_SENT);
	cpu_interrupts_restore(flags);
}

/* ---- sending by interrupts ---- */

static void allow(uint8_t which, bool is_allowed)
{
	uint8_t wanted = is_allowed ? interrupts | which : interrupts & ~which;

	if (wanted != interrupts)
		cpu_out8(COM1 + REGISTER_IER, wanted);
	interrupts = wanted;
}

/* As much as the transmitter takes now; for the rest it interrupts. */
static void send_what_fits(void)
{
	while (is_waiting()) {
		if (room == 0 && !(read_status() & LSR_HOLDING_EMPTY))
			break;
		send_one_that_waits();
	}
	allow(IER_EMPTY, is_waiting());
}

static void put_later(char c)
{
	if (later_put - later_sent == LATER_SIZE)
		send_one_that_waits();
	later[later_put++ % LATER_SIZE] = c;
}

static void serial_write_later(const char *text, size_t length)
{
	uint64_t flags;

	if (interrupts == 0 || spin_holds(RANK_SERIAL)) {
		serial_write(LOG_INFO, text, length);
		return;
	}
	flags = spin_lock(&lock);
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n')
			put_later('\r');
		put_later(text[i]);
	}
	send_what_fits();
	spin_unlock(&lock, flags);
}

/* The end of a line is sent as two bytes. What is polled, and what nobody sends any more, does not wait. */
static size_t serial_room(void)
{
	uint64_t flags = spin_lock(&lock);
	size_t room_left = interrupts == 0 || is_stuck ? SIZE_MAX : (LATER_SIZE - (later_put - later_sent)) / 2;

	spin_unlock(&lock, flags);
	return room_left;
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
	static const struct log_sink sink = {.write = serial_write,
	        .emergency = serial_emergency,
	        .drain = serial_drain,
	        .write_later = serial_write_later,
	        .room = serial_room};

	if (!is_present())
		return;
	serial_drain(); /* the loader's last words */
	cpu_out8(COM1 + REGISTER_IER, 0);
	cpu_out8(COM1 + REGISTER_LCR, LCR_DLAB);
	cpu_out8(COM1 + REGISTER_DATA, DIVISOR_115200);
	cpu_out8(COM1 + REGISTER_IER, 0);
	interrupts = 0;
	room = 0;
	cpu_out8(COM1 + REGISTER_LCR, LCR_8N1);
	cpu_out8(COM1 + REGISTER_FCR, FCR_ENABLE | FCR_INTERRUPT_AT_8);
	cpu_out8(COM1 + REGISTER_MCR, MCR_DTR | MCR_RTS);
	burst = (cpu_in8(COM1 + REGISTER_IIR) & IIR_FIFO_WORKS) == IIR_FIFO_WORKS ? FIFO_SIZE : 1;
	log_add_sink(&sink);
}

static uint16_t flags_of(uint8_t lsr)
{
	return (uint16_t)((lsr & LSR_OVERRUN ? SERIAL_OVERRUN : 0) | (lsr & LSR_BREAK ? SERIAL_BREAK : 0) |
	                  (lsr & (LSR_PARITY | LSR_FRAMING) ? SERIAL_DAMAGED : 0));
}

static void let_send(bool may_send)
{
	uint64_t flags = spin_lock(&lock);

	is_full = !may_send;
	cpu_out8(COM1 + REGISTER_MCR, MCR_DTR | MCR_INTERRUPT | (may_send ? MCR_RTS : 0));
	allow(IER_RECEIVED | IER_LINE_STATUS, may_send);
	spin_unlock(&lock, flags);
}

static void send_more(void)
{
	uint64_t flags = spin_lock(&lock);

	send_what_fits();
	spin_unlock(&lock, flags);
}

/* False: there is no room. What comes then stays in the port, where the next overrun is counted. */
static bool take_received(void)
{
	uint8_t status;

	while (((status = read_status()) & LSR_RECEIVED) && status != LSR_NO_DEVICE) {
		if (stream_room(&serial_bytes) == 0)
			return false;
		status = __atomic_exchange_n(&errors, 0, __ATOMIC_RELAXED);
		stream_push(&serial_bytes, cpu_in8(COM1 + REGISTER_DATA) | flags_of(status));
	}
	return true;
}

/*
 * To a bus that counts edges the line has to go down: nothing may be left to tell. And what it counted while somebody
 * sent with interrupts off is still to come, though the port does not know of it any more.
 */
static enum irq_result interrupt(void *context)
{
	bool was_overtaken = __atomic_exchange_n(&is_overtaken, false, __ATOMIC_RELAXED);
	unsigned int reasons = 0;

	(void)context;
	while (reasons < REASONS_MAX && !(cpu_in8(COM1 + REGISTER_IIR) & IIR_NONE)) {
		reasons++;
		if (!take_received()) {
			let_send(false);
			serial_receive_more();
		}
		send_more();
	}
	return reasons > 0 || was_overtaken ? IRQ_MINE : IRQ_NOT_MINE;
}

int serial_receive_start(void)
{
	int result;

	if (burst == 0)
		return -ENODEV;
	result = irq_register(IRQ_COM1, interrupt, NULL);
	if (result == 0)
		let_send(true);
	return result;
}

uint64_t serial_unsent(void)
{
	return unsent;
}

/*
 * The task makes room and then looks whether the port is held; the interrupt, which may run on another CPU, holds it
 * and then looks for room. The fences see to it that one of them sees what the other did.
 */
void serial_receive_more(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (__atomic_load_n(&is_full, __ATOMIC_RELAXED) && stream_room(&serial_bytes) >= RING_LOW)
		let_send(true);
}
