#include "kernel_place.h"

#include "lib/command_line.h"
#include "memory.h"
#include "seed.h"

#define SLOT_SHIFT 21
#define SLOT       (1ull << SLOT_SHIFT)
#define TWO_GIB    0x80000000ull
#define FOUR_GIB   0x100000000ull

/* Not the kernel's seed: from that nobody can reckon back to these, nor from these on to that. */
static struct {
	bool wanted;
	union {
		uint8_t bytes[32];
		uint32_t words[8];
	} seed;
} random;

void kernel_place_init(const struct cpu_features *cpu, const char *command_line)
{
	struct command_line_word word;
	random.wanted = !command_line_find(command_line, "nokaslr", &word);
	if (random.wanted)
		seed_make(cpu, random.seed.bytes);
}

/* One of 0 .. count - 1; none of them by more than count / 2^32 likelier than another. */
static uint32_t draw(unsigned which, uint32_t count)
{
	return (uint64_t)random.seed.words[which] * count >> 32;
}

/* Slots in a range of memory that have room for `size` bytes; *first = the lowest. The lowest 2 MiB hold none. */
static uint32_t slots_in(const struct boot_memory_range *range, uint64_t size, uint64_t *first)
{
	uint64_t end = range->base + range->size < FOUR_GIB ? range->base + range->size : FOUR_GIB;
	*first = range->base > SLOT ? (range->base + SLOT - 1) & ~(SLOT - 1) : SLOT;
	if (range->type != BOOT_MEMORY_USABLE || end < *first || end - *first < size)
		return 0;
	return (uint32_t)((end - *first - size) >> SLOT_SHIFT) + 1;
}

static uint32_t count_slots(const struct memory_map *map, uint64_t size)
{
	uint64_t first;
	uint32_t count = 0;
	for (uint32_t i = 0; i < map->count; i++)
		count += slots_in(&map->range[i], size, &first);
	return count;
}

static uint64_t slot_number(const struct memory_map *map, uint64_t size, uint32_t number)
{
	uint64_t first;
	uint32_t i = 0, here;
	while (number >= (here = slots_in(&map->range[i], size, &first))) {
		number -= here;
		i++;
	}
	return first + ((uint64_t)number << SLOT_SHIFT);
}

/* Whether `room` bytes in one piece are left when [base, base + size) is taken. What memory_save() kept, if anything,
 * is the map as it is now: a kernel's place is the first thing it takes. */
static bool leaves_room(uint64_t base, uint64_t size, uint64_t room)
{
	uint64_t rest;
	memory_save();
	bool leaves = memory_map_take(memory_map(), base, size, BOOT_MEMORY_KERNEL) && memory_find(room, &rest);
	memory_restore();
	return leaves;
}

bool kernel_place_find(uint64_t size, uint64_t room, uint64_t *physical)
{
	uint32_t count = random.wanted ? count_slots(memory_map(), size) : 0;
	if (count > 0) {
		*physical = slot_number(memory_map(), size, draw(0, count));
		if (leaves_room(*physical, size, room))
			return true;
	}
	return memory_find(size, physical);
}

uint64_t kernel_place_slide(uint64_t base, uint64_t size)
{
	uint64_t least = base < SLOT ? SLOT : 0;
	uint64_t end = (base & (TWO_GIB - 1)) + least + size, limit = TWO_GIB - SLOT; /* both within the 2 GiB */
	if (!random.wanted || size > TWO_GIB || end > limit)
		return least;
	return least + ((uint64_t)draw(1, (uint32_t)((limit - end) >> SLOT_SHIFT) + 1) << SLOT_SHIFT);
}
