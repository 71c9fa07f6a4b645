/*
 * The end of the line: say why, say where, stop.
 */
#ifndef CORE_PANIC_H
#define CORE_PANIC_H

#include <stdint.h>

#include "core/black_box.h"

/* [irq] Prints the reason (lib/format.h) and the callers, then ends as panic_end does. */
_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * [irq] Prints where the kernel is, and the callers: `innermost` unless it is 0, and those of the chain that begins at
 * the frame pointer `rbp`. Returns how many callers' lines that were.
 */
unsigned int panic_print_callers(uint64_t innermost, uint64_t rbp);

/*
 * [irq] From here on the system goes down: the other CPUs stop, that is noted, and text takes the emergency way. Does
 * not return if another CPU was first, which then tells what this one has left at stop_note().
 */
void panic_begin(enum black_box_state state);

/* [irq] The last words, and where the kernel is unless that was said, then the CPU sleeps for ever, unless another end
 * was set. */
_Noreturn void panic_end(void);

/* [init] Lets `end` have the machine after the last words; should it return, the CPU sleeps. A test kernel exits there.
 */
void panic_set_end(void (*end)(void));

#endif
