/*
 * A machine's memory with ACPI tables in it, for the tests of their reader and its fuzzer. What is mapped is a copy of
 * exactly the bytes that were asked for, and gone when the next is mapped: the sanitizers see any other access.
 */
#ifndef TESTS_SAMPLE_ACPI_H
#define TESTS_SAMPLE_ACPI_H

#include "lib/acpi.h"
#include "lib/acpi_layout.h"

#define SAMPLE_ACPI_PIECES 16
#define SAMPLE_ACPI_BASE   0x1000 /* where sample_acpi_fill()'s memory lies; its root pointer is at the beginning */
#define SAMPLE_ACPI_SIZE   0x800

/* Offsets of the tables in it. */
enum sample_acpi_place {
	SAMPLE_RSDP = 0,
	SAMPLE_RSDT = 0x40,
	SAMPLE_XSDT = 0x80,
	SAMPLE_MADT = 0x100,
	SAMPLE_FADT = 0x300,
	SAMPLE_HPET = 0x400,
	SAMPLE_MCFG = 0x480,
	SAMPLE_DSDT = 0x780, /* claims to be larger than all memory: nobody may want it whole */
};

struct sample_acpi {
	struct {
		uint64_t at;
		const uint8_t *bytes;
		size_t size;
	} pieces[SAMPLE_ACPI_PIECES];
	unsigned int count;
	void *mapped;
	unsigned int refused;
	unsigned int found; /* tables that the root names */
	char signature[5];  /* of the last that was refused */
	char why[64];
};

/* From now on these bytes are at that address. */
void sample_acpi_put(struct sample_acpi *memory, uint64_t at, const void *bytes, size_t size);

/* Reads everything, from the root pointer at `rsdp` on. */
bool sample_acpi_read(struct sample_acpi *memory, uint64_t rsdp, struct acpi_info *info);

/* Good tables of every kind that is read, in SAMPLE_ACPI_SIZE bytes that lie at SAMPLE_ACPI_BASE. */
void sample_acpi_fill(uint8_t *bytes);

/* Makes every checksum in them right again, as far as lengths and root pointers still lead somewhere. */
void sample_acpi_seal(uint8_t *bytes);

/* What in the result cannot be, or NULL. */
const char *sample_acpi_judge(const struct acpi_info *info);

#endif
