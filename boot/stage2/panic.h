/* The end of a boot that cannot go on: a code, words, and the next device. docs/errors.md has a paragraph per code. */
#ifndef STAGE2_PANIC_H
#define STAGE2_PANIC_H

/* 01 and 02 are stage 1's. Numbers are never used again for something else. */
enum boot_error {
	BOOT_ERROR_EXCEPTION = 3,
	BOOT_ERROR_STACK = 4,
	BOOT_ERROR_HEADER = 11,
	BOOT_ERROR_STAGE2 = 12,
	BOOT_ERROR_CPU = 20,
	BOOT_ERROR_A20 = 21,
	BOOT_ERROR_MEMORY_MAP = 22,
	BOOT_ERROR_MEMORY = 23,
	BOOT_ERROR_KERNEL = 30,
	BOOT_ERROR_KERNEL_PLACE = 31,
	BOOT_ERROR_RELOCATION = 32,
	BOOT_ERROR_MODULE = 33,
	BOOT_ERROR_SHA256 = 34,
};

/*
 * Says "Cairn error CC: " and the sentence on screen, COM1 and port E9, the code on port 80h; waits for a key at most a
 * minute; then lets the BIOS try its next device (INT 18h), and resets if the BIOS comes back.
 */
_Noreturn void boot_fail(enum boot_error error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
