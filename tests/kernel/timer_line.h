/*
 * The PIT as a device that interrupts at ISA line 0, at a rate of the test's choice.
 */
#ifndef TESTS_TIMER_LINE_H
#define TESTS_TIMER_LINE_H

#define TIMER_LINE         0
#define TIMER_LINE_FASTEST 596590 /* hertz: a count of 2 */

void timer_line_run(unsigned int hertz);
void timer_line_stop(void);

#endif
