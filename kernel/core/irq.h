/*
 * Interrupts of devices. A source is one line of an interrupt controller, or one message (MSI); drivers register a
 * handler at a source and never see the controller. Several may share a source: each is asked whether the interrupt was
 * its device's. Handlers run with interrupts off, and do no more than acknowledge, take the data and wake someone.
 *
 * Sources 0 to 15 are the lines of the ISA bus, whatever controller they arrive at; the others are handed out.
 */
#ifndef CORE_IRQ_H
#define CORE_IRQ_H

#include <stdbool.h>
#include <stdint.h>

#include "interrupt_chip.h"
#include "vectors.h"

#define IRQ_ISA_LINES 16
#define IRQ_SOURCES   (VECTOR_SOURCES_END - VECTOR_SOURCES)

enum irq_result { IRQ_NOT_MINE, IRQ_MINE };

/* Did my device interrupt? If so, it is made to stop before this returns: a line that stays up interrupts again. */
typedef enum irq_result irq_handler(void *context);

/* [init] Takes the vectors of all sources into service. None is connected yet. */
void irq_start(void);

/*
 * [thread] `handler` is asked for every interrupt of the source from now on. The first one to come unmasks the source,
 * also one that was silenced. -EINVAL: no such source, or not connected; -ENOMEM: too many handlers.
 */
int irq_register(unsigned int source, irq_handler *handler, void *context);

/*
 * [thread] The handler is not running any more when this returns, and will not be called again; the last to go masks
 * the source. -ENOENT: it was not registered. Handlers must not call it.
 */
int irq_unregister(unsigned int source, irq_handler *handler, void *context);

/* [init] Connects a source to line `line` of `chip`, where it is masked. */
void irq_connect(unsigned int source, const struct interrupt_chip *chip, unsigned int line);

/*
 * [thread] Connects a free source above the ISA lines to the line of `chip` that has the same number; returns it, or
 * -ENOSPC. irq_release() gives it back, when it has no handler any more.
 */
int irq_allocate(const struct interrupt_chip *chip);
void irq_release(unsigned int source);

/* [any] The vector at which a source arrives if it comes by the local APIC. */
static inline uint8_t irq_vector(unsigned int source)
{
	return (uint8_t)(VECTOR_SOURCES + source);
}

struct irq_count {
	uint64_t total;     /* interrupts that came */
	uint64_t unclaimed; /* that nobody wanted */
	bool silenced;      /* masked because it did not stop */
};

/* [irq] Counts since the start. */
struct irq_count irq_count(unsigned int source);

/* [irq] Interrupts that no line stood behind when the CPU asked. */
uint64_t irq_count_spurious(void);

#endif
