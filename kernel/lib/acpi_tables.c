#include "lib/acpi.h"

#include "lib/acpi_layout.h"
#include "lib/string.h"

#define FADT_SIZE_1 offsetof(struct acpi_fadt_layout, reset)
#define ISA_BUS     0
#define UID_ALL     0xff /* in a byte */
#define PINS        2    /* LINT0 and LINT1 */

static uint8_t polarity_of(uint16_t flags)
{
	return flags & 3;
}

static uint8_t trigger_of(uint16_t flags)
{
	return flags >> 2 & 3;
}

/* Entries of the MADT: NULL, or what is wrong. One that is too short for its type never gets here. */

static void add_cpu(struct acpi_madt *madt, uint32_t apic_id, uint32_t uid, uint32_t flags)
{
	if (!(flags & ACPI_CPU_ENABLED))
		return;
	if (madt->cpu_count == ACPI_CPUS_MAX)
		madt->left_out++;
	else
		madt->cpus[madt->cpu_count++] = (struct acpi_cpu){apic_id, uid};
}

static void add_io_apic(struct acpi_madt *madt, const struct acpi_io_apic_layout *e)
{
	if (madt->io_apic_count == ACPI_IO_APICS_MAX)
		madt->left_out++;
	else
		madt->io_apics[madt->io_apic_count++] = (struct acpi_io_apic){e->address, e->gsi_base, e->id};
}

/* Lines and pins that there are not stand in the tables of real machines: the rest of the table is right all the same.
 */
static void set_override(struct acpi_madt *madt, const struct acpi_override_layout *e)
{
	if (e->bus != ISA_BUS || e->line >= ACPI_ISA_LINES)
		madt->left_out++;
	else
		madt->isa[e->line] = (struct acpi_line){e->gsi, polarity_of(e->flags), trigger_of(e->flags)};
}

static void add_nmi(struct acpi_madt *madt, uint32_t uid, uint8_t pin, uint16_t flags)
{
	if (pin >= PINS || madt->nmi_count == ACPI_NMIS_MAX)
		madt->left_out++;
	else
		madt->nmis[madt->nmi_count++] =
		        (struct acpi_local_nmi){uid, pin, polarity_of(flags), trigger_of(flags)};
}

/* 0 for types that mean nothing here. */
static size_t least_length(uint8_t type)
{
	switch (type) {
	case ACPI_MADT_LOCAL_APIC:
		return sizeof(struct acpi_local_apic_layout);
	case ACPI_MADT_IO_APIC:
		return sizeof(struct acpi_io_apic_layout);
	case ACPI_MADT_OVERRIDE:
		return sizeof(struct acpi_override_layout);
	case ACPI_MADT_LOCAL_NMI:
		return sizeof(struct acpi_local_nmi_layout);
	case ACPI_MADT_LOCAL_ADDRESS:
		return sizeof(struct acpi_local_address_layout);
	case ACPI_MADT_X2APIC:
		return sizeof(struct acpi_x2apic_layout);
	case ACPI_MADT_X2APIC_NMI:
		return sizeof(struct acpi_x2apic_nmi_layout);
	default:
		return 0;
	}
}

static void read_entry(struct acpi_madt *madt, const struct acpi_madt_entry_layout *entry)
{
	const struct acpi_local_apic_layout *cpu = (const void *)entry;
	const struct acpi_x2apic_layout *x2apic = (const void *)entry;
	const struct acpi_local_nmi_layout *nmi = (const void *)entry;
	const struct acpi_x2apic_nmi_layout *x2apic_nmi = (const void *)entry;
	const struct acpi_local_address_layout *place = (const void *)entry;

	switch (entry->type) {
	case ACPI_MADT_LOCAL_APIC:
		add_cpu(madt, cpu->apic_id, cpu->uid, cpu->flags);
		break;
	case ACPI_MADT_X2APIC:
		add_cpu(madt, x2apic->apic_id, x2apic->uid, x2apic->flags);
		break;
	case ACPI_MADT_IO_APIC:
		add_io_apic(madt, (const void *)entry);
		break;
	case ACPI_MADT_OVERRIDE:
		set_override(madt, (const void *)entry);
		break;
	case ACPI_MADT_LOCAL_NMI:
		add_nmi(madt, nmi->uid == UID_ALL ? ACPI_ALL_CPUS : nmi->uid, nmi->pin, nmi->flags);
		break;
	case ACPI_MADT_X2APIC_NMI:
		add_nmi(madt, x2apic_nmi->uid, x2apic_nmi->pin, x2apic_nmi->flags);
		break;
	case ACPI_MADT_LOCAL_ADDRESS:
		madt->local_apic = place->address;
		break;
	default:
		break;
	}
}

static const char *read_entries(const void *table, size_t size, struct acpi_madt *madt)
{
	size_t at = sizeof(struct acpi_madt_layout);

	while (at < size) {
		const struct acpi_madt_entry_layout *entry = (const void *)((const char *)table + at);

		if (size - at < sizeof(*entry) || entry->length < sizeof(*entry) || entry->length > size - at)
			return "an entry in it has no possible length";
		if (entry->length < least_length(entry->type))
			return "an entry in it is too short";
		read_entry(madt, entry);
		at += entry->length;
	}
	return NULL;
}

const char *acpi_read_madt(const void *table, size_t size, struct acpi_madt *out)
{
	const struct acpi_madt_layout *madt = table;
	const char *why;

	memset(out, 0, sizeof(*out));
	if (size < sizeof(*madt))
		return "it is too short";
	out->local_apic = madt->local_apic;
	out->has_8259 = madt->flags & ACPI_MADT_HAS_8259;
	for (uint32_t line = 0; line < ACPI_ISA_LINES; line++)
		out->isa[line] = (struct acpi_line){line, ACPI_POLARITY_CONFORMS, ACPI_TRIGGER_CONFORMS};
	why = read_entries(table, size, out);
	if (why != NULL)
		memset(out, 0, sizeof(*out));
	return why;
}

/* The block in the extended form counts where there is one, the plain port otherwise (4.8.3.3). */
static struct acpi_pm_timer read_pm_timer(const struct acpi_fadt_layout *fadt, size_t size)
{
	struct acpi_pm_timer timer = {.is_32_bit = fadt->flags & ACPI_FADT_TIMER_32_BIT};
	const struct acpi_address_layout *extended = &fadt->extended_pm_timer;

	if (fadt->pm_timer_length != sizeof(uint32_t))
		return (struct acpi_pm_timer){0};
	if (size >= sizeof(*fadt) && extended->address != 0) {
		if (extended->space == ACPI_SPACE_MEMORY)
			timer.address = extended->address;
		else if (extended->space == ACPI_SPACE_PORTS && extended->address <= UINT16_MAX)
			timer.port = (uint16_t)extended->address;
	}
	if (timer.address == 0 && timer.port == 0)
		timer.port = (uint16_t)fadt->pm_timer;
	return timer;
}

/* The same of the PM1 control registers. They are ports in every PC. */
static uint16_t read_pm1_control(const struct acpi_fadt_layout *fadt, size_t size, unsigned int index)
{
	const struct acpi_address_layout *extended = &fadt->extended_pm1_control[index];

	if (size >= sizeof(*fadt) && extended->space == ACPI_SPACE_PORTS && extended->address != 0 &&
	        extended->address <= UINT16_MAX)
		return (uint16_t)extended->address;
	return fadt->pm1_control[index] <= UINT16_MAX ? (uint16_t)fadt->pm1_control[index] : 0;
}

static struct acpi_reset read_reset(const struct acpi_fadt_layout *fadt, size_t size)
{
	bool is_ports;

	if (size < sizeof(*fadt) || !(fadt->flags & ACPI_FADT_RESET))
		return (struct acpi_reset){0};
	is_ports = fadt->reset.space == ACPI_SPACE_PORTS;
	if ((!is_ports && fadt->reset.space != ACPI_SPACE_MEMORY) || (is_ports && fadt->reset.address > UINT16_MAX))
		return (struct acpi_reset){0};
	return (struct acpi_reset){fadt->reset.address, is_ports, fadt->reset_value};
}

static uint64_t read_dsdt(const struct acpi_fadt_layout *fadt, size_t size)
{
	return size >= sizeof(*fadt) && fadt->extended_dsdt != 0 ? fadt->extended_dsdt : fadt->dsdt;
}

const char *acpi_read_fadt(const void *table, size_t size, struct acpi_fadt *out)
{
	const struct acpi_fadt_layout *fadt = table;

	memset(out, 0, sizeof(*out));
	if (size < FADT_SIZE_1)
		return "it is too short";
	*out = (struct acpi_fadt){
	        .is_present = true,
	        .revision = fadt->header.revision,
	        .century = fadt->century,
	        .sci = fadt->sci,
	        .boot_flags = fadt->header.revision >= 2 ? fadt->boot_flags : 0,
	        .pm_timer = read_pm_timer(fadt, size),
	        .dsdt = read_dsdt(fadt, size),
	        .pm1_control = {read_pm1_control(fadt, size, 0), read_pm1_control(fadt, size, 1)},
	        .smi_port = fadt->smi_command <= UINT16_MAX ? (uint16_t)fadt->smi_command : 0,
	        .smi_enable = fadt->acpi_enable,
	        .reset = read_reset(fadt, size),
	};
	return NULL;
}

const char *acpi_read_hpet(const void *table, size_t size, struct acpi_hpet *out)
{
	const struct acpi_hpet_layout *hpet = table;

	memset(out, 0, sizeof(*out));
	if (size < sizeof(*hpet))
		return "it is too short";
	if (hpet->base.space != ACPI_SPACE_MEMORY)
		return "its registers are not in memory";
	if (hpet->base.address == 0)
		return "its registers have no address";
	*out = (struct acpi_hpet){hpet->base.address, hpet->minimum_tick, hpet->number};
	return NULL;
}

const char *acpi_read_mcfg(const void *table, size_t size, struct acpi_mcfg *out)
{
	const struct acpi_mcfg_layout *mcfg = table;
	const struct acpi_mcfg_segment_layout *segment = (const void *)(mcfg + 1);

	memset(out, 0, sizeof(*out));
	if (size < sizeof(*mcfg))
		return "it is too short";
	for (size_t left = size - sizeof(*mcfg); left >= sizeof(*segment); left -= sizeof(*segment), segment++) {
		if (segment->first_bus > segment->last_bus) {
			memset(out, 0, sizeof(*out));
			return "a segment in it ends before it begins";
		}
		if (out->count < ACPI_SEGMENTS_MAX)
			out->segments[out->count++] = (struct acpi_pci_segment){
			        segment->address, segment->number, segment->first_bus, segment->last_bus};
	}
	return NULL;
}
