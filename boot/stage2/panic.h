/* The end of a boot that cannot go on: a code, words, and the next device. docs/errors/ has a page per code. */
#ifndef STAGE2_PANIC_H
#define STAGE2_PANIC_H

/* 1 and 2 are said by stage 1, 5 by enter_long.asm. Numbers are never used again for something else. */
enum boot_error {
	BOOT_ERROR_READ = 1,             /* the head of stage 2 cannot be read */
	BOOT_ERROR_CHECKSUM = 2,         /* both copies of the head of stage 2 are damaged */
	BOOT_ERROR_EXCEPTION = 3,        /* a CPU exception in the loader */
	BOOT_ERROR_STACK = 4,            /* the loader's stack is full */
	BOOT_ERROR_KERNEL_EXCEPTION = 5, /* an exception before the kernel had handlers of its own */
	BOOT_ERROR_HEADER = 11,          /* no whole image header */
	BOOT_ERROR_STAGE2 = 12,          /* stage 2 is damaged */
	BOOT_ERROR_CPU = 20,             /* this CPU cannot run it */
	BOOT_ERROR_A20 = 21,             /* address line 20 stays off */
	BOOT_ERROR_MEMORY_MAP = 22,      /* no memory map */
	BOOT_ERROR_MEMORY = 23,          /* not enough memory */
	BOOT_ERROR_KERNEL = 30,          /* no whole kernel */
	BOOT_ERROR_KERNEL_PLACE = 31,    /* the kernel's place is taken */
	BOOT_ERROR_RELOCATION = 32,      /* relocations that a loader cannot do */
	BOOT_ERROR_MODULE = 33,          /* a module is damaged */
	BOOT_ERROR_SHA256 = 34,          /* a SHA-256 is not that of the header */
};

/*
 * Says "Cairn error CC: " and the sentence on screen, COM1 and port E9, the code on port 80h; waits for a key at most a
 * minute; then lets the BIOS try its next device (INT 18h), and resets if the BIOS comes back.
 */
_Noreturn void boot_fail(enum boot_error error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
