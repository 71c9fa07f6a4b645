#include "mm/chunk.h"

#include "core/panic.h"
#include "cpu.h"
#include "lib/string.h"
#include "paging.h"

#define CHUNK_SIZE     (CHUNK_FRAMES * PAGE_SIZE)
#define DATABASE_PAGES (CHUNK_FRAMES * sizeof(struct frame) / PAGE_SIZE) /* of one chunk */
#define EXTRA_MAX      6                                                 /* page tables for them, and the void */
#define BLOCK_FRAMES   (1u << FRAMES_ORDER_MAX)

_Static_assert(CHUNK_FRAMES * sizeof(struct frame) % PAGE_SIZE == 0, "chunks share no page of the database");
_Static_assert(BLOCK_FRAMES * sizeof(struct frame) % PAGE_SIZE == 0, "nor do blocks");

struct chunk_count chunk_count;
uint64_t chunk_open_bits[CHUNK_COUNT / 64];

static struct {
	const struct boot_memory_range *ranges;
	uint32_t range_count;
	bool reclaimed;              /* the loader's memory is usable, too */
	struct chunk_piece kept[2];  /* but for this */
	uint64_t frames_end;         /* no RAM from this frame on */
	uint64_t supply, supply_end; /* while a chunk is opened: its memory that is still to be had */
} map;

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/*
 * The lowest memory of a type in [from, end), as far as it goes in one piece; empty if there is none. Frame 0 is left
 * alone: as a frame's number and address, 0 means none.
 */
static struct chunk_piece next_piece(uint32_t type, uint64_t from, uint64_t end)
{
	if (from < PAGE_SIZE)
		from = PAGE_SIZE;
	for (uint32_t i = 0; i < map.range_count; i++) {
		const struct boot_memory_range *r = &map.ranges[i];
		struct chunk_piece piece = {r->base > from ? r->base : from, least(r->base + r->size, end)};

		if (r->type != type)
			continue;
		for (int k = 0; k < 2; k++) {
			if (map.kept[k].base <= piece.base && piece.base < map.kept[k].end)
				piece.base = map.kept[k].end;
			else if (map.kept[k].base > piece.base && map.kept[k].base < piece.end)
				piece.end = map.kept[k].base;
		}
		if (piece.base < piece.end)
			return piece;
	}
	return (struct chunk_piece){end, end};
}

/* Of the types that are usable now. */
static struct chunk_piece next_usable(uint64_t from, uint64_t end)
{
	struct chunk_piece piece = next_piece(BOOT_MEMORY_USABLE, from, end);
	struct chunk_piece other = {end, end};

	if (map.reclaimed)
		other = next_piece(BOOT_MEMORY_LOADER, from, end);
	return piece.base < other.base ? piece : other;
}

static uint64_t count_usable(uint64_t base, uint64_t end)
{
	uint64_t count = 0;

	for (struct chunk_piece p = next_usable(base, end); p.base < p.end; p = next_usable(p.end, end))
		count += (p.end - p.base) / PAGE_SIZE;
	return count;
}

void chunk_start(const struct boot_info *info)
{
	map.ranges = paging_direct(info->memory_map);
	map.range_count = info->memory_map_count;
	chunk_count.total = chunk_count.unopened = count_usable(0, CHUNK_COUNT * CHUNK_SIZE);
	for (uint32_t i = 0; i < map.range_count; i++) {
		if (map.ranges[i].type == BOOT_MEMORY_USABLE || map.ranges[i].type == BOOT_MEMORY_LOADER)
			map.frames_end = (map.ranges[i].base + map.ranges[i].size) / PAGE_SIZE;
	}
}

/* A cleared frame of the chunk that is being opened. */
static uint64_t take_frame(void)
{
	uint64_t frame = next_usable(map.supply, map.supply_end).base;

	if (frame == map.supply_end)
		return 0;
	map.supply = frame + PAGE_SIZE;
	chunk_count.own++;
	memset(paging_direct(frame), 0, PAGE_SIZE);
	return frame;
}

/* Pages of the database for a chunk: none for blocks without RAM behind the end of all. */
static uint64_t pages_for(uint32_t chunk)
{
	uint64_t first = (uint64_t)chunk * CHUNK_FRAMES;
	uint64_t frames = least(map.frames_end - first, CHUNK_FRAMES);
	uint64_t blocks = (frames + BLOCK_FRAMES - 1) / BLOCK_FRAMES;

	return blocks * BLOCK_FRAMES * sizeof(struct frame) / PAGE_SIZE;
}

/* Behind the end of all RAM one frame of zeros stands for every page: nothing there is managed. */
static void map_void(const struct paging_space *space, uint64_t address, uint64_t pages)
{
	uint64_t zeros = pages == 0 ? 0 : take_frame();

	for (uint64_t i = 0; i < pages; i++) {
		if (zeros == 0 || paging_map(space, address + i * PAGE_SIZE, zeros, PAGE_SIZE, PAGE_NO_EXECUTE) != 0)
			panic("The frame database cannot be mapped.");
	}
}

static void map_database(uint32_t chunk, uint64_t pages)
{
	struct paging_space space = {.root = cpu_read_cr3() & PAGE_ADDRESS, .take_table = take_frame};
	uint64_t address = (uint64_t)chunk_frame(chunk * CHUNK_FRAMES);

	for (uint64_t i = 0; i < pages; i++, address += PAGE_SIZE) {
		uint64_t frame = take_frame();

		if (frame == 0 || paging_map(&space, address, frame, PAGE_SIZE, PAGE_WRITABLE | PAGE_NO_EXECUTE) != 0)
			panic("The frame database of chunk %u cannot be mapped.", chunk);
	}
	map_void(&space, address, DATABASE_PAGES - pages);
	chunk_open_bits[chunk / 64] |= 1ull << chunk % 64;
}

static void open(uint32_t chunk, uint64_t pages, struct buddy *buddy)
{
	map.supply = chunk * CHUNK_SIZE;
	map.supply_end = map.supply + CHUNK_SIZE;
	map_database(chunk, pages);
	for (;;) {
		struct chunk_piece p = next_usable(map.supply, map.supply_end);

		if (p.base == p.end)
			break;
		buddy_give_range(buddy, (uint32_t)(p.base / PAGE_SIZE), (uint32_t)(p.end / PAGE_SIZE));
		map.supply = p.end;
	}
}

bool chunk_open_next(uint32_t *next, uint32_t end, struct buddy *buddy)
{
	while (*next < end) {
		uint64_t base = next_usable(*next * CHUNK_SIZE, end * CHUNK_SIZE).base;
		uint32_t chunk = (uint32_t)(base / CHUNK_SIZE);
		uint64_t usable, pages;

		if (chunk == end)
			break;
		*next = chunk + 1;
		usable = count_usable(chunk * CHUNK_SIZE, *next * CHUNK_SIZE);
		pages = pages_for(chunk);
		chunk_count.unopened -= usable;
		if (usable > pages + EXTRA_MAX) {
			open(chunk, pages, buddy);
			return true;
		}
		chunk_count.total -= usable; /* less than its part of the database would take */
	}
	*next = end;
	return false;
}

void chunk_reclaim(const struct chunk_piece kept[2], void (*give)(struct chunk_piece piece))
{
	uint64_t end = CHUNK_COUNT * CHUNK_SIZE;
	struct chunk_piece p = {0, 0};

	memcpy(map.kept, kept, sizeof(map.kept));
	map.reclaimed = true;
	for (;;) {
		p = next_piece(BOOT_MEMORY_LOADER, p.end, end);
		if (p.base == p.end)
			return;
		p.end = least(p.end, (p.base / CHUNK_SIZE + 1) * CHUNK_SIZE);
		give(p);
	}
}
