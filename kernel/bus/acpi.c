#include "bus/acpi.h"

#include "core/log.h"
#include "mm/region.h"
#include "paging.h"

/* The firmware keeps its tables together: a window of this size, from the page of the first one on, shows most. */
#define WINDOW_SIZE 0x4000u

static struct acpi_info machine;

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

void acpi_start(const struct boot_info *info)
{
	static const struct acpi_access access = {.map = map, .refuse = refuse};

	if (info->rsdp != 0)
		acpi_read_all(&access, info->rsdp, &machine);
	close_window();
}

const struct acpi_info *acpi_info(void)
{
	return &machine;
}
