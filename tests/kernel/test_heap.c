/*
 * The heap where it lives, in both of its builds. The host tests are the thorough ones.
 */
#include "kernel_test.h"

#include <stdbool.h>

#include "cpu.h"
#include "lib/string.h"
#include "mm/frames.h"
#include "mm/heap.h"
#include "mm/heap_debug.h"
#include "paging.h"

#define BLOCKS 200u
#define MIB    0x100000ull

/* Free frames, and those of the frame database, which grows when memory is used for the first time. */
static uint64_t frames_left(void)
{
	struct frames_count count;

	heap_trim();
	count = frames_count();
	return count.free + count.kernel_own;
}

static uint8_t *blocks[BLOCKS];

static size_t size_of(unsigned int i)
{
	return i * i % 9001;
}

KERNEL_TEST(heap_keeps_contents)
{
	uint64_t before = frames_left();

	for (unsigned int i = 0; i < BLOCKS; i++) {
		blocks[i] = kmalloc(size_of(i));
		EXPECT(blocks[i] != NULL);
		memset(blocks[i], (int)i, size_of(i));
	}
	for (unsigned int i = 0; i < BLOCKS; i += 2) {
		blocks[i] = krealloc(blocks[i], size_of(i) / 2);
		EXPECT(blocks[i] != NULL);
	}
	for (unsigned int i = 0; i < BLOCKS; i++) {
		for (size_t k = 0; k < (i % 2 == 0 ? size_of(i) / 2 : size_of(i)); k++)
			EXPECT(blocks[i][k] == (uint8_t)i);
		kfree(blocks[i]);
	}
	EXPECT(frames_left() == before);
}

KERNEL_TEST(heap_aligns)
{
	for (size_t align = 1; align <= 65536; align *= 2) {
		void *odd = kmalloc_aligned(24, align), *even = kmalloc(align);

		EXPECT((uint64_t)odd % align == 0);
		EXPECT((uint64_t)even % (align < PAGE_SIZE ? align : PAGE_SIZE) == 0 || align < 8);
		kfree(odd);
		kfree(even);
	}
}

KERNEL_TEST(heap_zeroes)
{
	uint8_t *dirty = kmalloc(3000), *clean;

	memset(dirty, 0xa5, 3000);
	kfree(dirty);
	clean = kzalloc(3000);
	for (unsigned int i = 0; i < 3000; i++)
		EXPECT(clean[i] == 0);
	kfree(clean);
}

/* Until a machine with little memory has none left, and back again; elsewhere until there is enough to be sure. */
KERNEL_TEST(heap_grows_and_shrinks)
{
	static const size_t sizes[] = {64, 2048, 65536};

	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint64_t before = frames_left(), bytes = 0;
		void **last = NULL, **block;

		while (bytes < 16 * MIB && (block = kmalloc(sizes[i])) != NULL) {
			*block = last;
			last = block;
			bytes += sizes[i];
		}
		EXPECT(bytes == 16 * MIB || frames_count().free < 256);
		for (; last != NULL; last = block) {
			block = *last;
			kfree(last);
		}
		EXPECT(frames_left() == before);
	}
}

/* No pointer runs through memory that is free: to write to it leads nowhere. (A debug build would report it.) */
KERNEL_TEST(heap_survives_writes_to_freed_memory)
{
	uint8_t *first = kmalloc(64), *second, *third;

	kfree(first);
	if (!HEAP_DEBUG)
		memset(first, 0x41, 64);
	second = kmalloc(64);
	third = kmalloc(64);
	EXPECT(second != third && paging_can_read((uint64_t)second, 64) && paging_can_read((uint64_t)third, 64));
	kfree(third);
	kfree(second);
}

KERNEL_TEST(heap_leaves_interrupts_alone)
{
	bool before = cpu_interrupts_enabled();

	kfree(kmalloc(100));
	kfree(kmalloc(100000));
	heap_trim();
	EXPECT(cpu_interrupts_enabled() == before);
}
