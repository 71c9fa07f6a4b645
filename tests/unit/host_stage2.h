/*
 * The host's stand-in for what lies below the files of stage 2 under test: the BIOS, the disk, QEMU's words, the
 * screen. Included before everything else: the include guard of bios.h is taken.
 */
#ifndef TESTS_HOST_STAGE2_H
#define TESTS_HOST_STAGE2_H

#define STAGE2_BIOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bios_registers {
	uint32_t edi, esi, ebp, unused, ebx, edx, ecx, eax;
	uint16_t ds, es;
	uint32_t flags;
};

#define BIOS_CARRY     1u
#define BIOS_DATA_EBDA 0x40eu

/* The machine as the test wants it. */
struct host_stage2 {
	void (*bios)(unsigned vector, struct bios_registers *registers);
	void *buffer;  /* where the BIOS was last told to write, */
	void *packet;  /* what it was last told to look at, */
	uint16_t ebda; /* and the word at 40:0E */

	bool disk_fails;
	const void *disk; /* what every read finds: 4 KiB */

	const char *words; /* fw_cfg's command line, NULL for none */
	uint32_t words_size;

	char said[1024]; /* on the console */
};
extern struct host_stage2 host_stage2;

/* Everything back to nothing. */
void host_stage2_reset(void);

static inline void bios_call(unsigned vector, struct bios_registers *registers)
{
	host_stage2.bios(vector, registers);
}

static inline uint8_t bios_ah(const struct bios_registers *registers)
{
	return (uint8_t)(registers->eax >> 8);
}

static inline bool bios_failed(const struct bios_registers *registers)
{
	return registers->flags & BIOS_CARRY;
}

static inline uint16_t bios_segment(void *pointer)
{
	host_stage2.buffer = pointer;
	return 0;
}

static inline uint16_t bios_offset(const void *pointer)
{
	(void)pointer;
	return 0;
}

static inline uint32_t bios_near(void *pointer)
{
	host_stage2.packet = pointer;
	return 0;
}

static inline uint16_t low_read16(uint32_t address)
{
	return address == BIOS_DATA_EBDA ? host_stage2.ebda : 0;
}

#endif
