/*
 * A machine whose RAM is a mapping of this process, as the loader leaves it: page tables, boot_info, memory map. The
 * files of kernel/mm run on it unchanged. Their state cannot be taken back, so each test has a process of its own.
 */
#ifndef TESTS_HOST_MACHINE_H
#define TESTS_HOST_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "boot/boot_info.h"

#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)

/* Where the loader had its things: of type BOOT_MEMORY_LOADER in every map. */
#define HOST_LOADER_BASE 0x1000ull
#define HOST_LOADER_END  0x30000ull
#define HOST_STACK_BASE  0x28000ull
#define HOST_STACK_SIZE  0x4000ull
#define HOST_INFO_BASE   0x20000ull
#define HOST_INFO_SIZE   0x3000ull

/* As the loader maps the kernel's half: RAM as the kernel sees it, and the stack. */
#define HOST_DIRECT_MAP 0xffff800000000000ull
#define HOST_STACK      0xffffc00000010000ull

extern struct boot_info host_info;

/* The usable ranges in ascending order; low memory with the loader in it is added in front. */
void host_machine_start(const struct boot_memory_range *usable, uint32_t count);

/* Runs `body` and is true if it caused a panic, whose text is then here. */
bool host_machine_panics(void (*body)(void *context), void *context);
extern char host_panic_text[400];

/* In a process of its own; false if that did not come to its end. */
bool host_machine_run(void (*body)(void));

/* Ends the process of a test as failed. */
#define REQUIRE(condition)                                                                                             \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                \
			_exit(1);                                                                                      \
		}                                                                                                      \
	} while (0)

#endif
