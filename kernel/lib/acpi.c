#include "lib/acpi.h"

#include "lib/acpi_layout.h"
#include "lib/string.h"

#define TABLE_MAX 0x40000 /* bytes: more is nonsense in the tables read here (only byte code grows large) */

static uint8_t sum(const void *data, size_t size)
{
	const uint8_t *bytes = data;
	uint8_t total = 0;

	for (size_t i = 0; i < size; i++)
		total += bytes[i];
	return total;
}

static const char *check_length(const void *table, size_t size, uint32_t *length)
{
	const struct acpi_header_layout *header = table;

	if (size < sizeof(*header))
		return "its header is cut off";
	if (header->length < sizeof(*header))
		return "it claims to be shorter than its header";
	if (header->length > TABLE_MAX)
		return "it claims to be too long";
	*length = header->length;
	return NULL;
}

const char *acpi_check_table(const void *table, size_t size)
{
	uint32_t length;
	const char *why = check_length(table, size, &length);

	if (why != NULL)
		return why;
	if (length > size)
		return "it is cut off";
	if (sum(table, length) != 0)
		return "its checksum is wrong";
	return NULL;
}

/* What goes wrong between the root and a reader is told here; NULL if so. */
static const void *refuse(const struct acpi_access *access, const char *signature, uint64_t physical, const char *why)
{
	access->refuse(access->context, signature, physical, why);
	return NULL;
}

/* Maps a whole table and checks it; NULL if it was refused. */
static const struct acpi_header_layout *open_table(
        const struct acpi_access *access, const char *signature, uint64_t physical)
{
	const struct acpi_header_layout *table = access->map(access->context, physical, sizeof(*table));
	const char *why;
	uint32_t length;

	if (table == NULL)
		return refuse(access, signature, physical, "it lies where nothing can be read");
	if (memcmp(table->signature, signature, sizeof(table->signature)) != 0)
		return refuse(access, signature, physical, "its signature is another");
	why = check_length(table, sizeof(*table), &length);
	if (why != NULL)
		return refuse(access, signature, physical, why);
	table = access->map(access->context, physical, length);
	if (table == NULL)
		return refuse(access, signature, physical, "it ends where nothing can be read");
	why = acpi_check_table(table, length);
	return why == NULL ? table : refuse(access, signature, physical, why);
}

enum kind { MADT, FADT, HPET, MCFG, KINDS };

static const char signatures[KINDS][4] = {"APIC", "FACP", "HPET", "MCFG"};

static enum kind kind_of(const char *signature)
{
	enum kind kind = MADT;

	while (kind < KINDS && memcmp(signatures[kind], signature, sizeof(signatures[kind])) != 0)
		kind++;
	return kind;
}

static const char *read_kind(enum kind kind, const struct acpi_header_layout *table, struct acpi_info *info)
{
	switch (kind) {
	case MADT:
		return acpi_read_madt(table, table->length, &info->madt);
	case FADT:
		return acpi_read_fadt(table, table->length, &info->fadt);
	case HPET:
		return acpi_read_hpet(table, table->length, &info->hpet);
	default:
		return acpi_read_mcfg(table, table->length, &info->mcfg);
	}
}

/* Tables that nobody here wants, the byte code among them, are neither mapped whole nor summed up. */
static void visit_table(const struct acpi_access *access, uint64_t physical, struct acpi_info *info, unsigned int *seen)
{
	const struct acpi_header_layout *table = access->map(access->context, physical, sizeof(*table));
	const char *why;
	enum kind kind;

	if (table == NULL) {
		refuse(access, "????", physical, "it lies where nothing can be read");
		return;
	}
	if (access->found != NULL)
		access->found(access->context, table->signature, physical, table->length);
	kind = kind_of(table->signature);
	if (kind == KINDS || (*seen & 1u << kind))
		return;
	table = open_table(access, signatures[kind], physical);
	if (table == NULL)
		return;
	why = read_kind(kind, table, info);
	if (why == NULL)
		*seen |= 1u << kind;
	else
		refuse(access, signatures[kind], physical, why);
}

struct root {
	const char *signature; /* RSDT or XSDT; NULL: none */
	uint64_t address;
	size_t entry_size;
};

static uint64_t read_entry(const struct acpi_header_layout *table, const struct root *root, size_t index)
{
	uint64_t entry = 0;

	memcpy(&entry, (const char *)(table + 1) + index * root->entry_size, root->entry_size);
	return entry;
}

/* Mapping a table may end the mapping of another, so the root is mapped anew for each entry. */
static bool visit_tables(const struct acpi_access *access, const struct root *root, struct acpi_info *info)
{
	const struct acpi_header_layout *table;
	unsigned int seen = 0;
	uint32_t length;
	size_t count;

	if (root->address == 0)
		return false;
	table = open_table(access, root->signature, root->address);
	if (table == NULL)
		return false;
	length = table->length;
	count = (length - sizeof(*table)) / root->entry_size;
	for (size_t i = 0; i < count && table != NULL; i++) {
		uint64_t entry = read_entry(table, root, i);

		if (entry != 0)
			visit_table(access, entry, info, &seen);
		table = access->map(access->context, root->address, length);
	}
	info->tables = (uint16_t)count;
	return true;
}

/* Revision 0 ends before the XSDT, and its second checksum is not there either. */
static const char *read_rsdp(const struct acpi_access *access, uint64_t physical, struct root roots[2])
{
	const size_t first_part = offsetof(struct acpi_rsdp_layout, length);
	const struct acpi_rsdp_layout *rsdp = access->map(access->context, physical, first_part);

	if (rsdp == NULL)
		return "it lies where nothing can be read";
	if (memcmp(rsdp->signature, "RSD PTR ", sizeof(rsdp->signature)) != 0)
		return "its signature is another";
	if (sum(rsdp, first_part) != 0)
		return "its checksum is wrong";
	roots[1] = (struct root){"RSDT", rsdp->rsdt, sizeof(uint32_t)};
	if (rsdp->revision < 2)
		return NULL;
	rsdp = access->map(access->context, physical, sizeof(*rsdp));
	if (rsdp == NULL || rsdp->length < sizeof(*rsdp))
		return "its second part is cut off";
	if (rsdp->length > TABLE_MAX)
		return "it claims to be too long";
	rsdp = access->map(access->context, physical, rsdp->length);
	if (rsdp == NULL || sum(rsdp, rsdp->length) != 0)
		return "its second checksum is wrong";
	roots[0] = (struct root){"XSDT", rsdp->xsdt, sizeof(uint64_t)};
	return NULL;
}

/* A wrong XSDT, or a second part of the root pointer that is wrong, leaves the RSDT, which says the same in 32 bits. */
bool acpi_read_all(const struct acpi_access *access, uint64_t rsdp, struct acpi_info *info)
{
	struct root roots[2] = {{0}};
	const char *why;

	memset(info, 0, sizeof(*info));
	why = read_rsdp(access, rsdp, roots);
	if (why == NULL && roots[0].address == 0 && roots[1].address == 0)
		why = "it names no other table";
	if (why != NULL)
		refuse(access, "RSDP", rsdp, why);
	return visit_tables(access, &roots[0], info) || visit_tables(access, &roots[1], info);
}
