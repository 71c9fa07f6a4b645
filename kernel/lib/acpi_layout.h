/*
 * ACPI tables as they lie in memory (ACPI specification 6.5, chapter 5), for the files of the reader and its tests.
 * Nothing is aligned there.
 */
#ifndef LIB_ACPI_LAYOUT_H
#define LIB_ACPI_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#define ACPI_PACKED __attribute__((packed))

/* Root system description pointer (5.2.5.3): revision 0 ends before `length`. */
struct acpi_rsdp_layout {
	char signature[8];
	uint8_t checksum; /* over the first 20 bytes */
	char oem_id[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length;
	uint64_t xsdt;
	uint8_t extended_checksum; /* over `length` bytes */
	uint8_t reserved[3];
} ACPI_PACKED;

_Static_assert(offsetof(struct acpi_rsdp_layout, length) == 20, "RSDP of ACPI 1.0");
_Static_assert(sizeof(struct acpi_rsdp_layout) == 36, "RSDP");

struct acpi_header_layout {
	char signature[4];
	uint32_t length; /* header included */
	uint8_t revision;
	uint8_t checksum;
	char oem_id[6];
	char oem_table_id[8];
	uint32_t oem_revision;
	uint32_t creator_id;
	uint32_t creator_revision;
} ACPI_PACKED;

_Static_assert(sizeof(struct acpi_header_layout) == 36, "table header");

/* Generic address structure (5.2.3.2). */
struct acpi_address_layout {
	uint8_t space; /* 0 memory, 1 ports */
	uint8_t bit_width;
	uint8_t bit_offset;
	uint8_t access_size;
	uint64_t address;
} ACPI_PACKED;

_Static_assert(sizeof(struct acpi_address_layout) == 12, "generic address");

#define ACPI_SPACE_MEMORY 0
#define ACPI_SPACE_PORTS  1

struct acpi_madt_layout {
	struct acpi_header_layout header;
	uint32_t local_apic;
	uint32_t flags;
} ACPI_PACKED;

_Static_assert(sizeof(struct acpi_madt_layout) == 44, "MADT before its entries");

#define ACPI_MADT_HAS_8259 (1u << 0)

enum acpi_madt_type {
	ACPI_MADT_LOCAL_APIC = 0,
	ACPI_MADT_IO_APIC = 1,
	ACPI_MADT_OVERRIDE = 2,
	ACPI_MADT_LOCAL_NMI = 4,
	ACPI_MADT_LOCAL_ADDRESS = 5,
	ACPI_MADT_X2APIC = 9,
	ACPI_MADT_X2APIC_NMI = 10,
};

struct acpi_madt_entry_layout {
	uint8_t type;
	uint8_t length; /* these two bytes included */
} ACPI_PACKED;

#define ACPI_CPU_ENABLED (1u << 0)

struct acpi_local_apic_layout {
	struct acpi_madt_entry_layout entry;
	uint8_t uid;
	uint8_t apic_id;
	uint32_t flags;
} ACPI_PACKED;

struct acpi_io_apic_layout {
	struct acpi_madt_entry_layout entry;
	uint8_t id;
	uint8_t reserved;
	uint32_t address;
	uint32_t gsi_base;
} ACPI_PACKED;

struct acpi_override_layout {
	struct acpi_madt_entry_layout entry;
	uint8_t bus; /* 0: ISA */
	uint8_t line;
	uint32_t gsi;
	uint16_t flags; /* polarity in bits 0-1, trigger in bits 2-3, in all that follow, too */
} ACPI_PACKED;

struct acpi_local_nmi_layout {
	struct acpi_madt_entry_layout entry;
	uint8_t uid; /* ff: all */
	uint16_t flags;
	uint8_t pin;
} ACPI_PACKED;

struct acpi_local_address_layout {
	struct acpi_madt_entry_layout entry;
	uint16_t reserved;
	uint64_t address;
} ACPI_PACKED;

struct acpi_x2apic_layout {
	struct acpi_madt_entry_layout entry;
	uint16_t reserved;
	uint32_t apic_id;
	uint32_t flags;
	uint32_t uid;
} ACPI_PACKED;

struct acpi_x2apic_nmi_layout {
	struct acpi_madt_entry_layout entry;
	uint16_t flags;
	uint32_t uid;
	uint8_t pin;
	uint8_t reserved[3];
} ACPI_PACKED;

_Static_assert(sizeof(struct acpi_local_apic_layout) == 8, "MADT entry 0");
_Static_assert(sizeof(struct acpi_io_apic_layout) == 12, "MADT entry 1");
_Static_assert(sizeof(struct acpi_override_layout) == 10, "MADT entry 2");
_Static_assert(sizeof(struct acpi_local_nmi_layout) == 6, "MADT entry 4");
_Static_assert(sizeof(struct acpi_local_address_layout) == 12, "MADT entry 5");
_Static_assert(sizeof(struct acpi_x2apic_layout) == 16, "MADT entry 9");
_Static_assert(sizeof(struct acpi_x2apic_nmi_layout) == 12, "MADT entry 10");

/* Revision 1 ends at `reset`, and what lies between `century` and `flags` means nothing there. */
struct acpi_fadt_layout {
	struct acpi_header_layout header;
	uint32_t not_used1;
	uint32_t dsdt;
	uint8_t not_used2[2];
	uint16_t sci;
	uint32_t smi_command;
	uint8_t acpi_enable;
	uint8_t not_used3[11];
	uint32_t pm1_control[2]; /* PM1a, PM1b */
	uint32_t not_used4;
	uint32_t pm_timer;
	uint8_t not_used5[11];
	uint8_t pm_timer_length;
	uint8_t not_used6[16];
	uint8_t century;
	uint16_t boot_flags;
	uint8_t not_used7;
	uint32_t flags;
	struct acpi_address_layout reset;
	uint8_t reset_value;
	uint8_t not_used8[11];
	uint64_t extended_dsdt;
	struct acpi_address_layout not_used9[2];
	struct acpi_address_layout extended_pm1_control[2];
	struct acpi_address_layout not_used10;
	struct acpi_address_layout extended_pm_timer;
} ACPI_PACKED;

_Static_assert(offsetof(struct acpi_fadt_layout, dsdt) == 40, "FADT");
_Static_assert(offsetof(struct acpi_fadt_layout, sci) == 46, "FADT");
_Static_assert(offsetof(struct acpi_fadt_layout, acpi_enable) == 52, "FADT");
_Static_assert(offsetof(struct acpi_fadt_layout, pm1_control) == 64, "FADT");
_Static_assert(offsetof(struct acpi_fadt_layout, pm_timer) == 76, "FADT");
_Static_assert(offsetof(struct acpi_fadt_layout, pm_timer_length) == 91, "FADT");
_Static_assert(offsetof(struct acpi_fadt_layout, century) == 108, "FADT");
_Static_assert(offsetof(struct acpi_fadt_layout, flags) == 112, "FADT");
_Static_assert(offsetof(struct acpi_fadt_layout, reset) == 116, "FADT of revision 1");
_Static_assert(offsetof(struct acpi_fadt_layout, reset_value) == 128, "FADT");
_Static_assert(offsetof(struct acpi_fadt_layout, extended_dsdt) == 140, "FADT");
_Static_assert(offsetof(struct acpi_fadt_layout, extended_pm1_control) == 172, "FADT");
_Static_assert(offsetof(struct acpi_fadt_layout, extended_pm_timer) == 208, "FADT");

#define ACPI_FADT_TIMER_32_BIT (1u << 8)
#define ACPI_FADT_RESET        (1u << 10)

struct acpi_hpet_layout {
	struct acpi_header_layout header;
	uint32_t block_id;
	struct acpi_address_layout base;
	uint8_t number;
	uint16_t minimum_tick;
	uint8_t protection;
} ACPI_PACKED;

_Static_assert(sizeof(struct acpi_hpet_layout) == 56, "HPET");

struct acpi_mcfg_layout {
	struct acpi_header_layout header;
	uint64_t reserved;
} ACPI_PACKED;

struct acpi_mcfg_segment_layout {
	uint64_t address;
	uint16_t number;
	uint8_t first_bus;
	uint8_t last_bus;
	uint32_t reserved;
} ACPI_PACKED;

_Static_assert(sizeof(struct acpi_mcfg_layout) == 44, "MCFG before its entries");
_Static_assert(sizeof(struct acpi_mcfg_segment_layout) == 16, "MCFG entry");

#endif
