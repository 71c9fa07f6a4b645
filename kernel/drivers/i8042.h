/*
 * The keyboard controller, an 8042 or what has taken its place (IBM PS/2 Technical Reference, "Keyboard and Auxiliary
 * Device Controller"): the only file that knows its ports. It may have a mouse behind its second channel, which is kept
 * switched off. What the keyboard behind it says, drivers/keyboard.c understands.
 */
#ifndef DRIVERS_I8042_H
#define DRIVERS_I8042_H

#include "task/future.h"
#include "task/sleep.h"
#include "task/stream.h"

/* What the keyboard sends, in order: a byte, and this if it did not arrive whole, or the one before it got lost. */
extern struct stream i8042_bytes;
#define I8042_DAMAGED 0x100

/* Waits, not long, until bits of the status are as they should be. */
struct i8042_wait {
	struct future future;
	uint8_t mask, value;
	uint8_t tries;
	struct sleep sleep;
};

/* A command to the controller itself, perhaps with a parameter, perhaps with an answer. */
struct i8042_command {
	struct future future;
	uint8_t command, parameter;
	bool has_parameter, has_answer;
	struct i8042_wait wait;
};

/*
 * [task] Takes the controller into service: tests it, switches the keyboard on and the mouse off. The result is 1 if it
 * translates what the keyboard sends into set 1, 0 if that is not wanted or cannot be had, -ENODEV: there is none.
 */
struct i8042_start {
	struct future future;
	bool wants_translation, translates;
	uint8_t configuration;
	struct i8042_command command;
};
struct future *i8042_start(struct i8042_start *frame, bool wants_translation);

/* [task] A byte for the keyboard; -ETIMEDOUT: the controller does not take it. */
struct i8042_send {
	struct future future;
	uint8_t byte;
	struct i8042_wait wait;
};
struct future *i8042_send(struct i8042_send *frame, uint8_t byte);

#endif
