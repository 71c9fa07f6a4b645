#include "bus/acpi.h"

#include "core/log.h"
#include "lib/acpi_layout.h"
#include "lib/string.h"
#include "mm/region.h"
#include "paging.h"

/* The firmware keeps its tables together: a window of this size, from the page of the first one on, shows most. */
#define WINDOW_SIZE 0x4000u

#define TABLES_MAX     32
#define TABLE_SIZE_MAX 0x100000u /* bytes: no byte code is larger */

static struct acpi_info machine;
static struct acpi_table tables[TABLES_MAX];
static unsigned int table_count;

/* What was mapped last; size 0: nothing. */
static struct {
	char *at;
	uint64_t physical;
	size_t size;
} window;

static bool is_inside(uint64_t physical, size_t size)
{
	return physical >= window.physical && physical - window.physical <= window.size &&
	       size <= window.size - (physical - window.physical);
}

static void close_window(void)
{
	if (window.size != 0)
		region_free(window.at);
	window.size = 0;
}

static void open_window(uint64_t page, size_t size)
{
	close_window();
	window.at = region_map_device(page, size, REGION_UNCACHED, "ACPI tables");
	window.physical = page;
	window.size = window.at != NULL ? size : 0;
}

/* Tables lie in RAM, or in what the firmware kept for itself, which nobody has mapped. */
static const void *map(void *context, uint64_t physical, size_t size)
{
	uint64_t page = physical & ~(PAGE_SIZE - 1);
	size_t whole = (physical - page + size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);

	(void)context;
	if (physical + size < physical || physical + size > PAGE_ADDRESS)
		return NULL;
	if (is_inside(physical, size))
		return window.at + (physical - window.physical);
	if (paging_can_read((uint64_t)paging_direct(physical), size))
		return paging_direct(physical);
	open_window(page, whole > WINDOW_SIZE ? whole : WINDOW_SIZE);
	return is_inside(physical, size) ? window.at + (physical - window.physical) : NULL;
}

static void refuse(void *context, const char *signature, uint64_t physical, const char *why)
{
	(void)context;
	log_warning("ACPI: the table %.4s at %lx is not used: %s.\n", signature, physical, why);
}

static void add_table(void *context, const char *signature, uint64_t physical, uint32_t size)
{
	struct acpi_table *table = &tables[table_count];

	(void)context;
	if (table_count == TABLES_MAX)
		return;
	table_count++;
	*table = (struct acpi_table){.physical = physical, .size = size};
	memcpy(table->signature, signature, sizeof(table->signature));
}

/* The one with the byte code is not named by the root, but by the FADT. */
static void add_dsdt(void)
{
	const struct acpi_header_layout *header = map(NULL, machine.fadt.dsdt, sizeof(*header));

	if (machine.fadt.dsdt != 0 && header != NULL)
		add_table(NULL, header->signature, machine.fadt.dsdt, header->length);
}

const struct acpi_table *acpi_table(unsigned int n)
{
	return n < table_count ? &tables[n] : NULL;
}

const void *acpi_open_table(const struct acpi_table *table)
{
	return table->size <= TABLE_SIZE_MAX ? map(NULL, table->physical, table->size) : NULL;
}

void acpi_close_table(void)
{
	close_window();
}

void acpi_start(const struct boot_info *info)
{
	static const struct acpi_access access = {.map = map, .refuse = refuse, .found = add_table};

	if (info->rsdp != 0 && acpi_read_all(&access, info->rsdp, &machine))
		add_dsdt();
	close_window();
}

const struct acpi_info *acpi_info(void)
{
	return &machine;
}
