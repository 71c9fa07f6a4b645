/*
 * Included before everything else: where the code under test says CHAOS(), the thread loses some time, or an interrupt
 * comes.
 */
#ifndef TESTS_CHAOS_H
#define TESTS_CHAOS_H

void chaos(void);
#define CHAOS() chaos()

#endif
