#include "memory_map.h"

/* Who wins where ranges overlap: the later in this order. */
static unsigned precedence(uint32_t type)
{
	switch (type) {
	case BOOT_MEMORY_USABLE:
		return 1;
	case BOOT_MEMORY_ACPI_TABLES:
		return 2;
	case BOOT_MEMORY_ACPI_NVS:
		return 3;
	case BOOT_MEMORY_BAD:
		return 5;
	default:
		return 4; /* reserved */
	}
}

/* What to take a raw range for. Memory that keeps its contents, or errors of the hardware, is not there to be used. */
static uint32_t believed_type(const struct boot_raw_range *raw)
{
	bool kept = raw->attributes & (MEMORY_ATTRIBUTE_NON_VOLATILE | MEMORY_ATTRIBUTE_ERROR_LOG);
	if (raw->type < BOOT_MEMORY_USABLE || raw->type > BOOT_MEMORY_BAD || (raw->type == BOOT_MEMORY_USABLE && kept))
		return BOOT_MEMORY_RESERVED;
	return raw->type;
}

static uint64_t page_down(uint64_t address)
{
	return address & ~(uint64_t)(MEMORY_MAP_PAGE - 1);
}
static uint64_t page_up(uint64_t address)
{
	return page_down(address + MEMORY_MAP_PAGE - 1);
}

/* The pages of a raw range; false if there are none. */
static bool raw_pages(const struct boot_raw_range *raw, uint64_t *base, uint64_t *end)
{
	if (raw->size == 0 || !(raw->attributes & MEMORY_ATTRIBUTE_VALID) || raw->base >= MEMORY_MAP_LIMIT)
		return false;
	bool beyond = raw->size > MEMORY_MAP_LIMIT - raw->base;
	bool usable = believed_type(raw) == BOOT_MEMORY_USABLE;
	if (beyond && usable)
		return false;
	uint64_t raw_end = beyond ? MEMORY_MAP_LIMIT : raw->base + raw->size;
	*base = usable ? page_up(raw->base) : page_down(raw->base);
	*end = usable ? page_down(raw_end) : page_up(raw_end);
	return *base < *end;
}

static void append(struct memory_map *map, uint64_t base, uint64_t end, uint32_t type)
{
	struct boot_memory_range *last = map->count ? &map->range[map->count - 1] : 0;
	if (last && last->type == type && last->base + last->size == base)
		last->size += end - base;
	else if (map->count < MEMORY_MAP_MAX)
		map->range[map->count++] = (struct boot_memory_range){base, end - base, type, 0};
}

/* The type of the stretch that starts at `at`, 0 for none; *until = where any raw range next begins or ends. */
static uint32_t type_at(const struct boot_raw_range *raw, uint32_t count, uint64_t at, uint64_t *until)
{
	uint32_t type = 0;
	*until = MEMORY_MAP_LIMIT;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t base, end;
		if (!raw_pages(&raw[i], &base, &end))
			continue;
		if (base > at && base < *until)
			*until = base;
		if (base <= at && at < end) {
			if (end < *until)
				*until = end;
			uint32_t own = believed_type(&raw[i]);
			if (!type || precedence(own) > precedence(type))
				type = own;
		}
	}
	return type;
}

void memory_map_clean(struct memory_map *map, const struct boot_raw_range *raw, uint32_t count)
{
	map->count = 0;
	uint64_t at = 0, until;
	do { /* at most 2 * (MEMORY_RAW_MAX + 2) + 1 stretches: fewer than MEMORY_MAP_MAX, so nothing is lost */
		uint32_t type = type_at(raw, count, at, &until);
		if (type)
			append(map, at, until, type);
		at = until;
	} while (until < MEMORY_MAP_LIMIT);
}

/* Joins neighbours that touch and have one type. */
static void merge(struct memory_map *map)
{
	uint32_t count = map->count;
	map->count = 0;
	for (uint32_t i = 0; i < count; i++) /* append() writes at or before the range it is given */
		append(map, map->range[i].base, map->range[i].base + map->range[i].size, map->range[i].type);
}

bool memory_map_take(struct memory_map *map, uint64_t base, uint64_t size, uint32_t type)
{
	uint32_t i = 0;
	while (i < map->count && map->range[i].base + map->range[i].size <= base)
		i++;
	if (size == 0 || i == map->count)
		return false;
	struct boot_memory_range whole = map->range[i];
	uint64_t end = base + size, whole_end = whole.base + whole.size;
	if (whole.type != BOOT_MEMORY_USABLE || base < whole.base || size > whole_end - base)
		return false;
	uint32_t pieces = 1 + (base > whole.base) + (end < whole_end);
	if (map->count + pieces - 1 > MEMORY_MAP_MAX)
		return false;

	for (uint32_t k = map->count - 1; k > i; k--)
		map->range[k + pieces - 1] = map->range[k];
	map->count += pieces - 1;
	if (base > whole.base)
		map->range[i++] = (struct boot_memory_range){whole.base, base - whole.base, whole.type, 0};
	map->range[i++] = (struct boot_memory_range){base, size, type, 0};
	if (end < whole_end)
		map->range[i] = (struct boot_memory_range){end, whole_end - end, whole.type, 0};
	merge(map);
	return true;
}

bool memory_map_find(
        const struct memory_map *map, uint64_t size, uint64_t align, uint64_t low, uint64_t high, uint64_t *base)
{
	for (uint32_t i = 0; i < map->count; i++) {
		const struct boot_memory_range *range = &map->range[i];
		if (range->type != BOOT_MEMORY_USABLE)
			continue;
		uint64_t from = range->base > low ? range->base : low;
		uint64_t end = range->base + range->size < high ? range->base + range->size : high;
		from = (from + align - 1) & ~(align - 1);
		if (from < end && size <= end - from) {
			*base = from;
			return true;
		}
	}
	return false;
}

uint64_t memory_map_usable(const struct memory_map *map)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < map->count; i++)
		if (map->range[i].type == BOOT_MEMORY_USABLE)
			sum += map->range[i].size;
	return sum;
}
