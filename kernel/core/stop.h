/*
 * One CPU tells why the system ends; the others stop at once, wherever they are, and are named if they had something to
 * tell themselves. With one CPU it does nothing.
 */
#ifndef CORE_STOP_H
#define CORE_STOP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

/* [irq] For who is about to call stop_others(): why, as by lib/format.h, should another CPU be faster. */
void stop_note(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/*
 * [irq] For who is about to report the end: stops all others by NMI and returns true, also when called again. False if
 * another CPU reports: then stop_here(). Interrupts are off.
 */
bool stop_others(void);

/* [irq] In an NMI: has another CPU begun to report the end? */
bool stop_is_wanted(void);

/* [irq] Before stop_here() in that NMI: where it came, unless the CPU was asleep. */
void stop_note_place(uint64_t address, uint64_t rbp);

/* [irq] Stops this CPU for another's report. */
_Noreturn void stop_here(void);

/* [irq] For the end of the report: prints the other CPUs that had a reason, where those were that were awake, and which
 * did not stop. */
void stop_print_others(void);

#endif
