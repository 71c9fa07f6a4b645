/*
 * The terminal at the first serial port as a keyboard: a task that turns what comes in into key events.
 */
#include <stdint.h>

#include "abi/errno.h"
#include "core/log.h"
#include "core/monitor_command.h"
#include "dev/driver.h"
#include "dev/input.h"
#include "drivers/serial.h"
#include "drivers/serial_keys.h"
#include "task/channel.h"
#include "task/executor.h"
#include "task/timeout.h"

/* An Escape that nothing follows for so long was the key; a sequence of 115200 baud takes less than 1 ms. */
#define ESCAPE_NS (NS_PER_SECOND / 20)

/* Only the task below and the commands of the monitor, which is another task, use it. */
static struct {
	struct serial_keys keys;
	uint64_t overruns, damaged, breaks;
} input;

struct serial_task {
	struct future future;
	struct timeout timeout;
	struct next next;
	struct channel_send send;
	int32_t item; /* of serial_bytes */
	uint8_t count, sent;
	struct key_event events[SERIAL_KEYS_EVENTS_MAX];
};

/* A byte that was cut or torn means nothing; that one got lost in the hardware says nothing about this one. */
static unsigned int take(uint16_t item, struct key_event *events)
{
	input.overruns += (item & SERIAL_OVERRUN) != 0;
	input.breaks += (item & SERIAL_BREAK) != 0;
	input.damaged += (item & SERIAL_DAMAGED) != 0 && !(item & SERIAL_BREAK);
	if (item & (SERIAL_BREAK | SERIAL_DAMAGED))
		return 0;
	return serial_keys_add(&input.keys, (uint8_t)item, events);
}

ASYNC(serial_task)
{
	ASYNC_BEGIN;
	{
		int result = serial_receive_start();

		if (result < 0 && result != -ENODEV)
			log_warning("Serial port: what is typed there cannot be heard, error %d.\n", result);
		if (result < 0)
			async_return(result);
	}
	for (;;) {
		if (serial_keys_is_waiting(&input.keys))
			await_into(me->item, timeout(&me->timeout, stream_next(&me->next, &serial_bytes), ESCAPE_NS));
		else
			await_into(me->item, stream_next(&me->next, &serial_bytes));
		serial_receive_more();
		me->count = (uint8_t)(me->item < 0 ? serial_keys_end(&input.keys, me->events)
		                                   : take((uint16_t)me->item, me->events));
		for (me->sent = 0; me->sent < me->count; me->sent++)
			await(channel_send(&me->send, &input_events, input_item(me->events[me->sent])));
	}
	ASYNC_FINALLY;
	ASYNC_END;
}

static void serial_input_start(void)
{
	if (spawn(serial_task) == NULL)
		log_warning("Serial port: no memory for its task.\n");
}

DRIVER(serial_input, serial_input_start);

static int run_serial(struct command_output *output, unsigned int count, char *const words[])
{
	if (count > 1)
		return command_refuse(output, words[0]);
	command_print(output, "Serial port: overruns: %lu, damaged bytes: %lu, breaks: %lu\n", input.overruns,
	        input.damaged, input.breaks);
	command_print(output, "characters not sent, because nobody took them: %lu\n", serial_unsent());
	return 0;
}

MONITOR_COMMAND(serial, "", "what got lost at the serial port", run_serial);
