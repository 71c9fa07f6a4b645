#include "mm/heap_debug.h"

#include "core/panic.h"
#include "core/log.h"
#include "core/spinlock.h"
#include "core/symbols.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/address_sanitizer.h"
#include "mm/heap_block.h"

#define SEAL              0x6775617264206f6bull
#define EDGE              16u /* bytes of red zone behind a block, at least */
#define EDGE_MAX          64u /* and at most: a block of frames may have much room behind it */
#define QUARANTINE_BLOCKS 256u
#define QUARANTINE_BYTES  (256u << 10)
#define SITES_MAX         24u

/* Stands at the start of the raw block; the user's block begins `before` bytes later. */
struct guard {
	uint64_t seal;                   /* SEAL ^ own address */
	uint64_t size;                   /* of the user's block */
	uint64_t allocated_by, freed_by; /* freed_by is 0 while the block is in use */
	struct guard *next, *previous;   /* among the blocks in use; or the next to leave quarantine */
	uint32_t before;
	uint8_t edge[28]; /* ends at a multiple of 8. And what else lies in front of the user's block */
};

_Static_assert(sizeof(struct guard) == 80, "known by heap_debug_cache_size()");

static struct {
	struct spinlock lock;
	struct guard *used;
	struct guard *oldest, *newest; /* in quarantine */
	size_t blocks, bytes;          /* in quarantine */
} guards = {.lock = SPINLOCK(RANK_HEAP, "heap guards")};

static uint8_t *user_of(const struct guard *guard)
{
	return (uint8_t *)guard + guard->before;
}

static bool is_sealed(const struct guard *guard)
{
	return guard->seal == (SEAL ^ (uint64_t)guard);
}

static size_t edge_after(const struct guard *guard)
{
	size_t room = heap_block_size(guard) - guard->before - guard->size;

	return room < EDGE_MAX ? room : EDGE_MAX;
}

/* ---- words ------------------------------------------------------------------------------------------------------- */

static void describe(const struct guard *guard, uint64_t address, char *text, size_t size)
{
	uint64_t start = (uint64_t)user_of(guard), end = start + guard->size;
	char allocator[SYMBOLS_TEXT_MAX], liberator[SYMBOLS_TEXT_MAX] = "";
	const char *where = address < start ? "before" : address < end ? "into" : "past the end of";
	uint64_t distance = address < start ? start - address : address < end ? address - start : address - end + 1;

	if (guard->freed_by != 0)
		symbols_describe_caller(guard->freed_by, liberator);
	format_string(text, size, "%lu byte%s %s a %s%lu-byte block allocated by %s%s%s", distance,
	        format_plural(distance), where, guard->freed_by != 0 ? "freed " : "", guard->size,
	        symbols_describe_caller(guard->allocated_by, allocator), guard->freed_by != 0 ? ", freed by " : "",
	        liberator);
}

static _Noreturn void complain(const struct guard *guard, const void *address, const char *what)
{
	char text[256];

	describe(guard, (uint64_t)address, text, sizeof(text));
	panic("Heap: %s at %p, %s.", what, address, text);
}

/* ---- patterns ---------------------------------------------------------------------------------------------------- */

/* The first byte that is not `pattern`, or NULL. */
static const uint8_t *find_change(const uint8_t *bytes, size_t size, uint8_t pattern)
{
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] != pattern)
			return bytes + i;
	}
	return NULL;
}

static void check_edges(const struct guard *guard)
{
	const uint8_t *user = user_of(guard), *changed;

	changed = find_change(guard->edge, (size_t)(user - guard->edge), HEAP_POISON_EDGE);
	if (changed == NULL)
		changed = find_change(user + guard->size, edge_after(guard), HEAP_POISON_EDGE);
	if (changed != NULL)
		complain(guard, changed, "somebody wrote outside of a block:");
}

static void check_unchanged(const struct guard *guard)
{
	const uint8_t *changed = find_change(user_of(guard), guard->size, HEAP_POISON_FREED);

	if (changed != NULL)
		complain(guard, changed, "somebody wrote to freed memory:");
	check_edges(guard);
}

const char *heap_poison_name(uint64_t value)
{
	static const struct {
		uint8_t pattern;
		const char *name;
	} poisons[] = {
	        {HEAP_POISON_FRESH, "what the heap fills new memory with"},
	        {HEAP_POISON_FREED, "what the heap fills freed memory with"},
	        {HEAP_POISON_EDGE, "what the heap puts around blocks"},
	};

	for (size_t i = 0; i < sizeof(poisons) / sizeof(poisons[0]); i++) {
		if (value >> 16 == poisons[i].pattern * 0x010101010101ull)
			return poisons[i].name;
	}
	return NULL;
}

/* ---- blocks in use ----------------------------------------------------------------------------------------------- */

static void enter(struct guard *guard)
{
	uint64_t flags = spin_lock(&guards.lock);

	guard->previous = NULL;
	guard->next = guards.used;
	if (guard->next != NULL)
		guard->next->previous = guard;
	guards.used = guard;
	spin_unlock(&guards.lock, flags);
}

static void leave(struct guard *guard)
{
	if (guard->next != NULL)
		guard->next->previous = guard->previous;
	if (guard->previous != NULL)
		guard->previous->next = guard->next;
	else
		guards.used = guard->next;
}

static size_t space_before(size_t align)
{
	return (sizeof(struct guard) + align - 1) & ~(align - 1);
}

size_t heap_debug_cache_size(size_t size, size_t align)
{
	return space_before(align) + size + EDGE;
}

/* For SANITIZE=address: all of the raw block, and then only the user's. */
static void allow_all(const struct guard *guard)
{
	address_sanitizer_allow(guard, heap_block_size(guard));
}

static void forbid_edges(const struct guard *guard)
{
	const uint8_t *user = user_of(guard), *edge = guard->edge + sizeof(guard->edge) % 8;

	address_sanitizer_forbid(edge, (size_t)(user - edge));
	address_sanitizer_forbid(user, guard->size + edge_after(guard));
	address_sanitizer_allow(user, guard->size);
}

/* Puts guard, red zones and poison into a raw block. */
static void *dress(struct guard *guard, size_t size, size_t align, uint64_t caller)
{
	if (guard == NULL)
		return NULL;
	allow_all(guard);
	guard->seal = SEAL ^ (uint64_t)guard;
	guard->size = size;
	guard->allocated_by = caller;
	guard->freed_by = 0;
	guard->before = (uint32_t)space_before(align);
	memset(guard->edge, HEAP_POISON_EDGE, (size_t)(user_of(guard) - guard->edge));
	memset(user_of(guard), HEAP_POISON_FRESH, size);
	memset(user_of(guard) + size, HEAP_POISON_EDGE, edge_after(guard));
	forbid_edges(guard);
	enter(guard);
	return user_of(guard);
}

/* A block of a power of two is aligned to its size, up to a page. */
static size_t natural_alignment(size_t size)
{
	if (size < HEAP_CLASS_STEP || (size & (size - 1)) != 0)
		return HEAP_CLASS_STEP;
	return size < PAGE_SIZE ? size : PAGE_SIZE;
}

void *heap_debug_allocate(size_t size, size_t align, uint64_t caller)
{
	if (align == 0)
		align = natural_alignment(size);
	else if (align < HEAP_CLASS_STEP)
		align = HEAP_CLASS_STEP;
	if (size > HEAP_BLOCK_MAX || align > HEAP_BLOCK_MAX)
		return NULL;
	return dress(heap_block_allocate_aligned(heap_debug_cache_size(size, align), align), size, align, caller);
}

void *heap_debug_allocate_from(struct heap_cache *cache, uint64_t caller)
{
	return dress(heap_block_allocate_from(cache), cache->object_size, cache->object_align, caller);
}

/* ---- blocks that are freed --------------------------------------------------------------------------------------- */

/* Takes the block that has waited longest out of quarantine and frees it. */
static void release_oldest(void)
{
	uint64_t flags = spin_lock(&guards.lock);
	struct guard *guard = guards.oldest;

	if (guard != NULL) {
		guards.oldest = guard->next;
		guards.blocks--;
		guards.bytes -= guard->size;
	}
	spin_unlock(&guards.lock, flags);
	if (guard == NULL)
		return;
	check_unchanged(guard);
	guard->seal = 0;
	allow_all(guard);
	heap_block_free(guard);
}

bool heap_debug_release(void)
{
	bool waited = guards.oldest != NULL;

	while (guards.oldest != NULL)
		release_oldest();
	return waited;
}

static void put_in_quarantine(struct guard *guard)
{
	uint64_t flags = spin_lock(&guards.lock);

	leave(guard);
	guard->next = NULL;
	if (guards.oldest == NULL)
		guards.oldest = guard;
	else
		guards.newest->next = guard;
	guards.newest = guard;
	guards.blocks++;
	guards.bytes += guard->size;
	spin_unlock(&guards.lock, flags);
	while (guards.blocks > QUARANTINE_BLOCKS || guards.bytes > QUARANTINE_BYTES)
		release_oldest();
}

/* The guard of a block that is in use and whole; anything else is a panic. */
static struct guard *guard_of(const void *block, struct heap_cache *cache)
{
	struct heap_block raw;
	struct guard *guard;

	if (!heap_block_find((uint64_t)block, &raw) || !raw.used)
		heap_block_refuse(block, NULL);
	guard = (struct guard *)raw.start;
	if (!is_sealed(guard))
		panic("Heap: the guard of the block around %p, at %p, was overwritten.", block, (void *)guard);
	if (block != user_of(guard))
		complain(guard, block, "no block begins");
	if (guard->freed_by != 0)
		complain(guard, block, "freed again:");
	if (cache != NULL && raw.cache != cache)
		complain(guard, block, "freed into another cache:");
	check_edges(guard);
	return guard;
}

size_t heap_debug_size(void *block)
{
	return guard_of(block, NULL)->size;
}

void heap_debug_free(void *block, struct heap_cache *cache, uint64_t caller)
{
	struct guard *guard = guard_of(block, cache);

	guard->freed_by = caller;
	memset(block, HEAP_POISON_FREED, guard->size);
	address_sanitizer_forbid(block, guard->size);
	put_in_quarantine(guard);
}

/* ---- looking ------------------------------------------------------------------------------------------------------
 */

bool heap_debug_describe(uint64_t address, char *text, size_t size)
{
	const char *poison = heap_poison_name(address);
	struct heap_block raw;

	if (poison != NULL) {
		format_string(text, size, "%s", poison);
		return true;
	}
	if (!heap_block_find(address, &raw))
		return false;
	if (!raw.used || !is_sealed((const struct guard *)raw.start))
		format_string(text, size, "memory of the heap that is not in use");
	else
		describe((const struct guard *)raw.start, address, text, size);
	return true;
}

struct site {
	uint64_t caller;
	uint64_t blocks, bytes;
};

/* Adds up the blocks in use by call site. Returns how many there are; what does not fit is counted at the last. */
static unsigned int count_sites(struct site sites[SITES_MAX])
{
	uint64_t flags = spin_lock(&guards.lock);
	unsigned int count = 0;

	for (const struct guard *guard = guards.used; guard != NULL; guard = guard->next) {
		unsigned int i = 0;

		while (i < count && sites[i].caller != guard->allocated_by)
			i++;
		if (i == SITES_MAX)
			sites[--i].caller = 0;
		else if (i == count)
			sites[count++] = (struct site){.caller = guard->allocated_by};
		sites[i].blocks++;
		sites[i].bytes += guard->size;
	}
	spin_unlock(&guards.lock, flags);
	return count;
}

void heap_debug_print_sites(struct command_output *output)
{
	struct site sites[SITES_MAX];
	unsigned int count = count_sites(sites);

	command_print(output, "\nblocks     bytes  allocated by\n");
	for (unsigned int i = 0; i < count; i++) {
		char name[SYMBOLS_TEXT_MAX];

		command_print(output, "%6lu  %8lu  %s\n", sites[i].blocks, sites[i].bytes,
		        sites[i].caller == 0 ? "others" : symbols_describe_caller(sites[i].caller, name));
	}
}
