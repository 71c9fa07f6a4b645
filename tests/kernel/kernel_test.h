/*
 * Tests that run inside the kernel. Each stands in its file as KERNEL_TEST(name) { ... } and enters itself in the list.
 */
#ifndef TESTS_KERNEL_TEST_H
#define TESTS_KERNEL_TEST_H

#include "boot/boot_info.h"
#include "linker.h"

struct kernel_test {
	const char *name;
	void (*run)(const struct boot_info *info);
};

LINKER_TABLE(struct kernel_test, tests);

#define KERNEL_TEST(test)                                                                                              \
	static void kernel_test_##test(const struct boot_info *info);                                                  \
	static const struct kernel_test kernel_test_entry_##test                                                       \
	        __attribute__((used, section(".kernel_tests." #test), aligned(8))) = {#test, kernel_test_##test};      \
	static void kernel_test_##test(const struct boot_info *info __attribute__((unused)))

/* Ends the test as failed unless the condition holds. */
#define EXPECT(condition)                                                                                              \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			kernel_test_fail(__FILE__, __LINE__, #condition);                                              \
			return;                                                                                        \
		}                                                                                                      \
	} while (0)

/* Ends the test: this machine cannot show it. */
#define SKIP(reason)                                                                                                   \
	do {                                                                                                           \
		kernel_test_skip(reason);                                                                              \
		return;                                                                                                \
	} while (0)

void kernel_test_fail(const char *file, int line, const char *condition);
void kernel_test_skip(const char *reason);

#endif
