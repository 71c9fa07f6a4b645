#include "sample_acpi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sample_acpi_put(struct sample_acpi *memory, uint64_t at, const void *bytes, size_t size)
{
	if (memory->count == SAMPLE_ACPI_PIECES)
		abort();
	memory->pieces[memory->count].at = at;
	memory->pieces[memory->count].bytes = bytes;
	memory->pieces[memory->count++].size = size;
}

static const void *map(void *context, uint64_t physical, size_t size)
{
	struct sample_acpi *memory = context;

	free(memory->mapped);
	memory->mapped = NULL;
	for (unsigned int i = 0; i < memory->count; i++) {
		uint64_t offset = physical - memory->pieces[i].at;

		if (physical >= memory->pieces[i].at && offset <= memory->pieces[i].size &&
		        size <= memory->pieces[i].size - offset) {
			memory->mapped = malloc(size);
			memcpy(memory->mapped, memory->pieces[i].bytes + offset, size);
		}
	}
	return memory->mapped;
}

static void refuse(void *context, const char *signature, uint64_t physical, const char *why)
{
	struct sample_acpi *memory = context;

	(void)physical;
	memory->refused++;
	memcpy(memory->signature, signature, 4);
	snprintf(memory->why, sizeof(memory->why), "%s", why);
}

static void find(void *context, const char *signature, uint64_t physical, uint32_t size)
{
	struct sample_acpi *memory = context;

	(void)signature;
	(void)physical;
	(void)size;
	memory->found++;
}

bool sample_acpi_read(struct sample_acpi *memory, uint64_t rsdp, struct acpi_info *info)
{
	const struct acpi_access access = {map, refuse, find, memory};
	bool found;

	memset(info, 0xa5, sizeof(*info));
	found = acpi_read_all(&access, rsdp, info);
	free(memory->mapped);
	memory->mapped = NULL;
	return found;
}

/* ---- good tables ---- */

static void *begin(uint8_t *bytes, enum sample_acpi_place place, const char *signature, size_t length, uint8_t revision)
{
	struct acpi_header_layout *header = (void *)(bytes + place);

	memcpy(header->signature, signature, 4);
	header->length = (uint32_t)length;
	header->revision = revision;
	return header;
}

static void fill_roots(uint8_t *bytes)
{
	static const enum sample_acpi_place named[] = {SAMPLE_DSDT, SAMPLE_FADT, SAMPLE_MADT, SAMPLE_HPET, SAMPLE_MCFG};
	struct acpi_rsdp_layout *rsdp = (void *)(bytes + SAMPLE_RSDP);
	uint8_t *rsdt = begin(bytes, SAMPLE_RSDT, "RSDT", 36 + sizeof(named) / sizeof(named[0]) * 4, 1);
	uint8_t *xsdt = begin(bytes, SAMPLE_XSDT, "XSDT", 36 + sizeof(named) / sizeof(named[0]) * 8, 1);

	memcpy(rsdp->signature, "RSD PTR ", 8);
	rsdp->revision = 2;
	rsdp->rsdt = SAMPLE_ACPI_BASE + SAMPLE_RSDT;
	rsdp->xsdt = SAMPLE_ACPI_BASE + SAMPLE_XSDT;
	rsdp->length = sizeof(*rsdp);
	for (unsigned int i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		uint64_t address = SAMPLE_ACPI_BASE + named[i];

		memcpy(rsdt + 36 + 4 * i, &address, 4);
		memcpy(xsdt + 36 + 8 * i, &address, 8);
	}
}

static void fill_madt(uint8_t *bytes)
{
	static const uint8_t entries[] = {
	        0, 8, 0, 0, 1, 0, 0, 0,                             /* local APIC */
	        0, 8, 1, 1, 0, 0, 0, 0,                             /* of a CPU that may not be started */
	        1, 12, 0, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0,          /* I/O APIC */
	        2, 10, 0, 0, 2, 0, 0, 0, 0, 0,                      /* override: 0 at 2 */
	        2, 10, 0, 9, 9, 0, 0, 0, 0xd, 0,                    /* 9: high, level */
	        3, 8, 5, 0, 7, 0, 0, 0,                             /* something that is not read */
	        4, 6, 0xff, 0, 0, 1,                                /* NMI */
	        5, 12, 0, 0, 0, 0, 0xe0, 0xfe, 0, 0, 0, 0,          /* registers */
	        9, 16, 0, 0, 0x23, 1, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, /* x2APIC */
	        10, 12, 0xf, 0, 2, 0, 0, 0, 0, 0, 0, 0,             /* its NMI */
	};
	struct acpi_madt_layout *madt =
	        begin(bytes, SAMPLE_MADT, "APIC", sizeof(struct acpi_madt_layout) + sizeof(entries), 5);

	madt->local_apic = 0xfee00000;
	madt->flags = ACPI_MADT_HAS_8259;
	memcpy(madt + 1, entries, sizeof(entries));
}

static void fill_others(uint8_t *bytes)
{
	struct acpi_fadt_layout *fadt = begin(bytes, SAMPLE_FADT, "FACP", 244, 3);
	struct acpi_hpet_layout *hpet = begin(bytes, SAMPLE_HPET, "HPET", sizeof(*hpet), 1);
	struct acpi_mcfg_layout *mcfg = begin(bytes, SAMPLE_MCFG, "MCFG", sizeof(*mcfg) + 16, 1);

	fadt->sci = 9;
	fadt->pm_timer = 0x608;
	fadt->pm_timer_length = 4;
	fadt->century = 0x32;
	fadt->boot_flags = ACPI_BOOT_KEYBOARD;
	fadt->flags = ACPI_FADT_TIMER_32_BIT;
	fadt->extended_pm_timer = (struct acpi_address_layout){ACPI_SPACE_PORTS, 32, 0, 0, 0x608};
	hpet->base.address = 0xfed00000;
	hpet->minimum_tick = 100;
	*(struct acpi_mcfg_segment_layout *)(mcfg + 1) = (struct acpi_mcfg_segment_layout){0xb0000000, 0, 0, 255, 0};
	begin(bytes, SAMPLE_DSDT, "DSDT", 0x10000, 2);
}

void sample_acpi_fill(uint8_t *bytes)
{
	memset(bytes, 0, SAMPLE_ACPI_SIZE);
	fill_roots(bytes);
	fill_madt(bytes);
	fill_others(bytes);
	sample_acpi_seal(bytes);
}

static void seal(uint8_t *bytes, size_t length, size_t checksum)
{
	uint8_t sum = 0;

	bytes[checksum] = 0;
	for (size_t i = 0; i < length; i++)
		sum += bytes[i];
	bytes[checksum] = (uint8_t)-sum;
}

void sample_acpi_seal(uint8_t *bytes)
{
	static const enum sample_acpi_place places[] = {
	        SAMPLE_RSDT, SAMPLE_XSDT, SAMPLE_MADT, SAMPLE_FADT, SAMPLE_HPET, SAMPLE_MCFG};
	struct acpi_rsdp_layout *rsdp = (void *)bytes;

	for (unsigned int i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct acpi_header_layout *header = (void *)(bytes + places[i]);

		if (header->length >= sizeof(*header) && header->length <= SAMPLE_ACPI_SIZE - places[i])
			seal(bytes + places[i], header->length, offsetof(struct acpi_header_layout, checksum));
	}
	seal(bytes, offsetof(struct acpi_rsdp_layout, length), offsetof(struct acpi_rsdp_layout, checksum));
	if (rsdp->length >= sizeof(*rsdp) && rsdp->length <= SAMPLE_ACPI_SIZE)
		seal(bytes, rsdp->length, offsetof(struct acpi_rsdp_layout, extended_checksum));
}

const char *sample_acpi_judge(const struct acpi_info *info)
{
	const struct acpi_madt *madt = &info->madt;

	if (madt->cpu_count > ACPI_CPUS_MAX || madt->io_apic_count > ACPI_IO_APICS_MAX ||
	        madt->nmi_count > ACPI_NMIS_MAX || info->mcfg.count > ACPI_SEGMENTS_MAX)
		return "more than there is room for";
	for (unsigned int i = 0; i < madt->nmi_count; i++) {
		if (madt->nmis[i].pin > 1 || madt->nmis[i].polarity > 3 || madt->nmis[i].trigger > 3)
			return "an NMI that cannot be";
	}
	for (unsigned int i = 0; i < ACPI_ISA_LINES; i++) {
		if (madt->isa[i].polarity > 3 || madt->isa[i].trigger > 3)
			return "a line that cannot be";
	}
	for (unsigned int i = 0; i < info->mcfg.count; i++) {
		if (info->mcfg.segments[i].first_bus > info->mcfg.segments[i].last_bus)
			return "a segment that ends before it begins";
	}
	if (!info->fadt.is_present && (info->fadt.pm_timer.port != 0 || info->fadt.sci != 0))
		return "parts of a table that was refused";
	return NULL;
}
