/*
 * The firmware's description of the machine: ACPI tables (ACPI specification 6.5, chapter 5), as far as they can be
 * read without running the byte code in them. Nothing here trusts them: a table whose length or checksum is wrong is
 * refused with a reason, and no byte outside the length that was given is read.
 */
#ifndef LIB_ACPI_H
#define LIB_ACPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ACPI_CPUS_MAX     256
#define ACPI_IO_APICS_MAX 16
#define ACPI_NMIS_MAX     16
#define ACPI_SEGMENTS_MAX 8
#define ACPI_ISA_LINES    16
#define ACPI_ALL_CPUS     0xffffffffu

/* How an interrupt line works; CONFORMS means as usual for its bus (ISA: high, edge; PCI: low, level). */
enum acpi_polarity { ACPI_POLARITY_CONFORMS = 0, ACPI_POLARITY_HIGH = 1, ACPI_POLARITY_LOW = 3 };
enum acpi_trigger { ACPI_TRIGGER_CONFORMS = 0, ACPI_TRIGGER_EDGE = 1, ACPI_TRIGGER_LEVEL = 3 };

struct acpi_line {
	uint32_t gsi;     /* global system interrupt: counted over all pins of all I/O APICs */
	uint8_t polarity; /* enum acpi_polarity */
	uint8_t trigger;  /* enum acpi_trigger */
};

struct acpi_cpu {
	uint32_t apic_id;
	uint32_t uid; /* by which other entries name it */
};

struct acpi_io_apic {
	uint64_t address; /* of its registers */
	uint32_t gsi_base;
	uint8_t id;
};

/* The pin of a local APIC where the NMI arrives. */
struct acpi_local_nmi {
	uint32_t uid; /* or ACPI_ALL_CPUS */
	uint8_t pin;  /* 0 or 1 */
	uint8_t polarity, trigger;
};

/* Multiple APIC description table (5.2.12). All zero: there is none. */
struct acpi_madt {
	uint64_t local_apic; /* address of the registers of every local APIC */
	bool has_8259;       /* there is a pair of 8259, to be masked when the APICs are used */
	uint16_t cpu_count;  /* only those that may be started */
	uint8_t io_apic_count, nmi_count;
	uint16_t left_out; /* entries that found no room below, or make no sense */
	struct acpi_cpu cpus[ACPI_CPUS_MAX];
	struct acpi_io_apic io_apics[ACPI_IO_APICS_MAX];
	struct acpi_local_nmi nmis[ACPI_NMIS_MAX];
	struct acpi_line isa[ACPI_ISA_LINES]; /* where each ISA line arrives: itself, or as an override says */
};

/* A counter of 3.579545 MHz (4.8.3.3); both places 0: there is none. */
struct acpi_pm_timer {
	uint16_t port;
	uint64_t address;
	bool is_32_bit; /* else 24 */
};

enum acpi_boot_flag {
	ACPI_BOOT_LEGACY = 1 << 0,   /* there are devices on the ISA bus */
	ACPI_BOOT_KEYBOARD = 1 << 1, /* and an 8042 */
	ACPI_BOOT_NO_VGA = 1 << 2,
	ACPI_BOOT_NO_MSI = 1 << 3,
	ACPI_BOOT_NO_RTC = 1 << 5,
};

/* Writing a value there restarts the machine (4.8.3.6); address 0: there is no such register. */
struct acpi_reset {
	uint64_t address; /* or the number of the port */
	bool is_ports;
	uint8_t value;
};

/* Fixed ACPI description table (5.2.9). */
struct acpi_fadt {
	bool is_present;
	uint8_t revision;
	uint8_t century;     /* register of the RTC with the century; 0: none */
	uint16_t sci;        /* ISA line (or GSI) of the system control interrupt */
	uint16_t boot_flags; /* enum acpi_boot_flag; 0 in tables of revision 1, which have none */
	struct acpi_pm_timer pm_timer;
	uint64_t dsdt;           /* address of the table with the byte code */
	uint16_t pm1_control[2]; /* ports of PM1a and PM1b (4.8.3.2.1); 0: there is none */
	uint16_t smi_port;       /* writing `smi_enable` there turns ACPI on (4.8.3.3); 0: it always is */
	uint8_t smi_enable;
	struct acpi_reset reset;
};

/* The HPET description table. Address 0: there is none. */
struct acpi_hpet {
	uint64_t address;
	uint16_t minimum_tick; /* for periodic use, in ticks of its counter */
	uint8_t number;
};

/* Configuration space of PCI in memory: 4 KiB for each function of each bus from `first_bus` on (MCFG). */
struct acpi_pci_segment {
	uint64_t address;
	uint16_t number;
	uint8_t first_bus, last_bus;
};

struct acpi_mcfg {
	uint8_t count;
	struct acpi_pci_segment segments[ACPI_SEGMENTS_MAX];
};

struct acpi_info {
	uint16_t tables; /* how many the root table names */
	struct acpi_madt madt;
	struct acpi_fadt fadt;
	struct acpi_hpet hpet;
	struct acpi_mcfg mcfg;
};

/* How the reader gets at memory, and whom it tells what is wrong. */
struct acpi_access {
	/* `size` bytes at a physical address, to be read until the next call; NULL if they cannot be reached. */
	const void *(*map)(void *context, uint64_t physical, size_t size);
	/* `signature` has four characters and no zero byte; `why` is half a sentence. */
	void (*refuse)(void *context, const char *signature, uint64_t physical, const char *why);
	/* Told of every table that the root names, good or not, with the size it claims; NULL: nobody wants to know. */
	void (*found)(void *context, const char *signature, uint64_t physical, uint32_t size);
	void *context;
};

/*
 * [any] Reads everything above, from the root pointer at the physical address `rsdp` on. What is refused or missing
 * stays zero in `info`. Of several tables of a kind the first good one counts. True if a root table was good.
 */
bool acpi_read_all(const struct acpi_access *access, uint64_t rsdp, struct acpi_info *info);

/* [any] What stands at the start of each table (5.2.6): NULL if length and checksum are right, or what is wrong. */
const char *acpi_check_table(const void *table, size_t size);

/* [any] One table each; `table` was checked and is `size` bytes long. NULL, or what is wrong: then `*out` is all zero.
 */
const char *acpi_read_madt(const void *table, size_t size, struct acpi_madt *out);
const char *acpi_read_fadt(const void *table, size_t size, struct acpi_fadt *out);
const char *acpi_read_hpet(const void *table, size_t size, struct acpi_hpet *out);
const char *acpi_read_mcfg(const void *table, size_t size, struct acpi_mcfg *out);

#endif
