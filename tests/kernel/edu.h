/*
 * QEMU's educational device (docs/specs/edu.rst of QEMU): it computes factorials, and interrupts when told to, by its
 * pin or by message. Several may be in a machine.
 */
#ifndef TESTS_EDU_H
#define TESTS_EDU_H

#include <stdbool.h>

#include "bus/pci.h"

struct edu {
	const struct pci_device *device;
	volatile uint32_t *registers;
	int source;            /* of its interrupts; negative: why there is none */
	unsigned int count;    /* interrupts that were its own */
	unsigned int not_mine; /* that others at the line had raised */
	uint32_t cause;        /* what it said at the last one */
	bool deaf;             /* the handler does not acknowledge */
	bool by_message;
};

/* Finds the n-th, counted from 0, and maps its registers. False: there is none. */
bool edu_open(struct edu *edu, unsigned int n);
void edu_close(struct edu *edu);

/* Interrupts go to the handler from now on, by message or by pin. Returns edu->source. */
int edu_listen(struct edu *edu, bool by_message);
void edu_stop_listening(struct edu *edu);

/* Makes it interrupt with this cause, a number other than 0. */
void edu_raise(struct edu *edu, uint32_t cause);

/* What edu says of itself; what it answers to a number; n! (below 2^32), with an interrupt when it is done. */
uint32_t edu_identity(struct edu *edu);
uint32_t edu_answer(struct edu *edu, uint32_t number);
void edu_begin_factorial(struct edu *edu, uint32_t n);
uint32_t edu_factorial(struct edu *edu);

/* Takes back a cause without a handler. */
void edu_acknowledge(struct edu *edu, uint32_t cause);

#endif
