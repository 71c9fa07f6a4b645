#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "abi/errno.h"
#include "core/log.h"
#include "dice.h"
#include "heap_trace.h"
#include "host_machine.h"
#include "mm/frames.h"
#include "mm/heap.h"
#include "mm/memory_places.h"

#define RAM       MIB(64)
#define SLOTS     600
#define CACHES    3
#define SAMPLE    64 /* of a large block only so much is filled and looked at, at both ends */
#define NO_CACHE  CACHES
#define PIECES    120
#define LIST_SIZE 40

static struct heap_cache *caches[CACHES];
static const size_t cache_sizes[CACHES] = {40, 200, 1100};

static struct {
	uint64_t after; /* so many allocations of frames succeed */
	bool once;      /* then one fails, else all */
	uint64_t calls; /* so far */
} shortage = {.after = UINT64_MAX};

uint64_t __real_frames_allocate(unsigned int order, unsigned int flags);
uint64_t __wrap_frames_allocate(unsigned int order, unsigned int flags);

uint64_t __wrap_frames_allocate(unsigned int order, unsigned int flags)
{
	uint64_t call = shortage.calls++;

	if (call == shortage.after || (call > shortage.after && !shortage.once))
		return 0;
	return __real_frames_allocate(order, flags);
}

static struct {
	void (*function)(void);
	const char *words, *more;
} wrong;

static void call(void *context)
{
	(void)context;
	wrong.function();
}

static void do_wrong(void)
{
	REQUIRE(host_machine_panics(call, NULL));
	if (strstr(host_panic_text, wrong.words) == NULL || strstr(host_panic_text, wrong.more) == NULL)
		fprintf(stderr, "\"%s\" and \"%s\" are not in \"%s\"\n", wrong.words, wrong.more, host_panic_text);
	REQUIRE(strstr(host_panic_text, wrong.words) != NULL && strstr(host_panic_text, wrong.more) != NULL);
}

char heap_trace_log[HEAP_TRACE_LOG_MAX];

void log_print(enum log_level level, const char *format, ...)
{
	size_t length = strlen(heap_trace_log);
	va_list args;

	(void)level;
	va_start(args, format);
	vsnprintf(heap_trace_log + length, sizeof(heap_trace_log) - length, format, args);
	va_end(args);
}

void heap_trace_start(void)
{
	static const struct boot_memory_range ram = {MIB(1), RAM, BOOT_MEMORY_USABLE, 0};
	static const char *const names[CACHES] = {"nodes", "packets", "tables"};

	host_machine_start(&ram, 1);
	frames_start(&host_info);
	memory_places_start(&host_info);
	heap_start();
	for (unsigned int i = 0; i < CACHES; i++) {
		caches[i] = heap_cache_create(names[i], cache_sizes[i], i == 1 ? 64 : 0);
		assert_non_null(caches[i]);
	}
	heap_trim();
}

static uint64_t free_frames(void)
{
	frames_drain();
	return frames_count().free;
}

void heap_trace_expect_panic(void (*function)(void), const char *words, const char *more)
{
	wrong.function = function;
	wrong.words = words;
	wrong.more = more;
	assert_true(host_machine_run(do_wrong));
}

/* The heap holds nothing, and took no frame more than it gave back. */
static void expect_empty(uint64_t free_before)
{
	heap_trim();
	assert_int_equal(free_frames(), free_before);
	assert_int_equal(heap_count().blocks, CACHES); /* the caches themselves */
}

/* ---- random operations against a model ----------------------------------------------------------------------------
 */

struct slot {
	uint8_t *block; /* NULL: free */
	size_t size;
	uint8_t first; /* of the bytes it is filled with, which count up */
	unsigned int cache;
};

static struct slot slots[SLOTS];
static uint64_t used;
static struct dice dice;

static unsigned int roll(unsigned int limit)
{
	return (unsigned int)dice_below(&dice, limit);
}

static bool is_sampled(size_t i, size_t size)
{
	return i < SAMPLE || i >= size - SAMPLE;
}

static void fill(struct slot *slot)
{
	slot->first = (uint8_t)roll(256);
	for (size_t i = 0; i < slot->size; i = is_sampled(i + 1, slot->size) ? i + 1 : slot->size - SAMPLE)
		slot->block[i] = (uint8_t)(slot->first + i);
}

static void expect_filled(const struct slot *slot, const uint8_t *block, size_t size)
{
	for (size_t i = 0; i < size; i = is_sampled(i + 1, slot->size) ? i + 1 : slot->size - SAMPLE) {
		if (block[i] != (uint8_t)(slot->first + i))
			fail_msg("byte %zu of %zu at %p is %02x", i, slot->size, (const void *)block, block[i]);
	}
}

static size_t roll_size(void)
{
	unsigned int kind = roll(1000);

	if (kind < 600)
		return roll(200);
	if (kind < 900)
		return roll(2100);
	if (kind < 995)
		return roll(20000);
	return roll(600000);
}

static size_t natural_alignment(size_t size)
{
	return size >= 8 && (size & (size - 1)) == 0 ? (size < 4096 ? size : 4096) : 8;
}

static void expect_zero(const uint8_t *block, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (block[i] != 0)
			fail_msg("byte %zu of %zu at %p is %02x, not zero", i, size, (const void *)block, block[i]);
	}
}

static void allocate(struct slot *slot)
{
	size_t align, size = roll_size(), count;

	slot->cache = NO_CACHE;
	switch (roll(6)) {
	case 0:
		slot->block = kzalloc(size);
		if (slot->block != NULL)
			expect_zero(slot->block, size);
		align = natural_alignment(size);
		break;
	case 1:
		align = 1ull << roll(14);
		slot->block = kmalloc_aligned(size, align);
		break;
	case 2:
		count = roll(20);
		align = 8;
		slot->block = kmalloc_array(count, size / 20);
		size = size / 20 * count;
		break;
	case 3:
		slot->cache = roll(CACHES);
		size = cache_sizes[slot->cache];
		align = slot->cache == 1 ? 64 : 8;
		slot->block = heap_cache_allocate(caches[slot->cache]);
		break;
	default:
		slot->block = kmalloc(size);
		align = natural_alignment(size);
	}
	assert_non_null(slot->block);
	assert_int_equal((uintptr_t)slot->block % align, 0);
	slot->size = size;
	used++;
	fill(slot);
}

static void reallocate(struct slot *slot)
{
	size_t size = roll_size(), kept = size < slot->size ? size : slot->size;
	uint8_t *block = krealloc(slot->block, size);

	assert_non_null(block);
	expect_filled(slot, block, kept);
	*slot = (struct slot){.block = block, .size = size, .cache = NO_CACHE};
	fill(slot);
}

static void release(struct slot *slot)
{
	expect_filled(slot, slot->block, slot->size);
	if (slot->cache != NO_CACHE && roll(2) == 0)
		heap_cache_free(caches[slot->cache], slot->block);
	else
		kfree(slot->block);
	slot->block = NULL;
	used--;
}

void heap_trace_random(uint64_t operations)
{
	uint64_t free_before;
	uint64_t busy = 0; /* how full it shall become goes up and down, so that slabs get full and empty */

	dice = dice_take("heap");
	heap_trim();
	free_before = free_frames();
	for (uint64_t i = 0; i < operations; i++) {
		struct slot *slot;

		if (i % 4096 == 0)
			busy = roll(SLOTS);
		slot = &slots[roll(SLOTS)];
		if (slot->block == NULL && used < busy)
			allocate(slot);
		else if (slot->block != NULL && roll(4) == 0)
			reallocate(slot);
		else if (slot->block != NULL && used >= busy / 2)
			release(slot);
		if (roll(20000) == 0)
			heap_trim();
	}
	for (struct slot *slot = slots; slot < slots + SLOTS; slot++) {
		if (slot->block != NULL)
			release(slot);
	}
	expect_empty(free_before);
}

/* ---- a program that must get along with a shortage ----------------------------------------------------------------
 */

struct piece {
	struct piece *next;
	uint32_t *numbers;
	void *table;
};

static void take_apart(struct piece *list)
{
	while (list != NULL) {
		struct piece *next = list->next;

		for (unsigned int i = 0; list->numbers != NULL && i < LIST_SIZE; i++)
			assert_int_equal(list->numbers[i], i);
		kfree(list->numbers);
		heap_cache_free(caches[2], list->table);
		kfree(list);
		list = next;
	}
}

/* Numbers in a block that grows with them; what was there before it failed to grow is still there. */
static uint32_t *grow_numbers(void)
{
	uint32_t *numbers = NULL;

	for (uint32_t i = 0; i < LIST_SIZE; i++) {
		uint32_t *grown = krealloc(numbers, (i + 1) * sizeof(*numbers));

		for (uint32_t k = 0; grown == NULL && k < i; k++)
			assert_int_equal(numbers[k], k);
		if (grown == NULL) {
			kfree(numbers);
			return NULL;
		}
		numbers = grown;
		numbers[i] = i;
	}
	return numbers;
}

static int build(void)
{
	struct piece *list = NULL;
	void *large = NULL;
	int error = -ENOMEM;

	for (unsigned int i = 0; i < PIECES; i++) {
		struct piece *piece = kzalloc(sizeof(*piece) + i * 8);

		if (piece == NULL)
			goto out;
		piece->next = list;
		list = piece;
		piece->numbers = grow_numbers();
		piece->table = heap_cache_allocate(caches[2]);
		if (piece->numbers == NULL || piece->table == NULL)
			goto out;
	}
	large = kmalloc_aligned(100000, 8192);
	if (large == NULL)
		goto out;
	error = 0;
out:
	kfree(large);
	take_apart(list);
	return error;
}

static void fail_everywhere(bool once)
{
	uint64_t free_before, n = 0;

	heap_trim();
	free_before = free_frames();
	do {
		shortage.after = n;
		shortage.once = once;
		shortage.calls = 0;
		if (build() != 0)
			assert_true(shortage.calls > n);
		else
			assert_true(once || shortage.calls <= n);
		expect_empty(free_before);
	} while (n++ < shortage.calls);
	shortage.after = UINT64_MAX;
	assert_true(n > 20);
}

void heap_trace_shortages(void)
{
	fail_everywhere(false);
	fail_everywhere(true);
}
