/*
 * What the kernel does on its way to a panic, seen from the host: it happens in a process of its own, so that no lock
 * stays taken and no list stays half changed for the tests that follow.
 */
#ifndef TESTS_HOST_PANIC_H
#define TESTS_HOST_PANIC_H

#define HOST_PANIC_TEXT_MAX 512

/* Runs `function` in a child and returns what it said when it panicked; "" if it returned. Valid until the next call.
 */
const char *host_panic_of(void (*function)(void));

#endif
