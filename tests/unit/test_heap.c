#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/describer.h"
#include "dice.h"
#include "heap_trace.h"
#include "mm/frames.h"
#include "mm/heap.h"
#include "paging.h"

static void random_operations(void **state)
{
	(void)state;
	heap_trace_random(dice_rounds(100000));
}

static void shortage_at_every_point(void **state)
{
	(void)state;
	heap_trace_shortages();
}

static void sizes_that_cannot_be(void **state)
{
	(void)state;
	assert_null(kmalloc(HEAP_BLOCK_MAX + 1));
	assert_null(kmalloc(SIZE_MAX));
	assert_null(kzalloc(SIZE_MAX - 7));
	assert_null(kmalloc_array(SIZE_MAX / 8 + 1, 8));
	assert_null(kmalloc_array(1ull << 33, 1ull << 33));
	assert_null(kmalloc_aligned(1, HEAP_BLOCK_MAX * 2));
	assert_null(heap_cache_create("too large", HEAP_CACHE_BLOCK_MAX + 1, 0));
	assert_null(heap_cache_create("too aligned", 64, 2 * PAGE_SIZE));
}

static void nothing_is_a_block(void **state)
{
	void *a = kmalloc(0), *b = kmalloc(0);

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	assert_ptr_not_equal(a, b);
	kfree(a);
	kfree(b);
	kfree(NULL);
}

static void array_has_room_for_all(void **state)
{
	uint64_t *numbers = kmalloc_array(100, sizeof(*numbers));

	(void)state;
	for (unsigned int i = 0; i < 100; i++)
		numbers[i] = i;
	numbers = krealloc(numbers, 1000 * sizeof(*numbers));
	for (unsigned int i = 0; i < 100; i++)
		assert_int_equal(numbers[i], i);
	kfree(numbers);
}

/* A block that is made smaller is aligned as one of the new size. */
static void smaller_is_aligned(void **state)
{
	static const size_t from[] = {48, 96, 192, 384, 768, 1536, 3072}, to[] = {32, 64, 128, 256, 512, 1024, 2048};
	void *blocks[50];

	(void)state;
	for (int k = 0; k < 7; k++) {
		for (int i = 0; i < 50; i++) {
			blocks[i] = krealloc(kmalloc(from[k]), to[k]);
			assert_int_equal((uintptr_t)blocks[i] % to[k], 0);
		}
		for (int i = 0; i < 50; i++)
			kfree(blocks[i]);
	}
}

static void block_stays_where_it_fits(void **state)
{
	char *block = kmalloc(100);

	(void)state;
	assert_ptr_equal(krealloc(block, 128), block);
	assert_ptr_equal(krealloc(block, 70), block);
	block = krealloc(krealloc(block, 20), 10000);
	assert_ptr_equal(krealloc(block, 16384), block);
	kfree(block);
}

/* As many blocks as a frame has room for, each where it should be. */
static void cache_rounds_nothing(void **state)
{
	struct heap_cache *cache = heap_cache_create("odd", 136, 0);
	char *blocks[29];

	(void)state;
	for (unsigned int i = 0; i < 29; i++) {
		blocks[i] = heap_cache_allocate(cache);
		assert_int_equal((blocks[i] - blocks[0]) % 136, 0);
	}
	assert_int_equal(heap_cache_count(cache).blocks, 29);
	assert_int_equal(heap_cache_count(cache).bytes, 29 * 136);
	assert_int_equal(heap_cache_count(cache).frames, 1);
	for (unsigned int i = 0; i < 29; i++)
		heap_cache_free(cache, blocks[i]);
	assert_int_equal(heap_cache_count(cache).blocks, 0);
}

static void free_blocks_come_before_new_frames(void **state)
{
	void *blocks[1000];
	uint64_t frames;

	(void)state;
	for (unsigned int i = 0; i < 1000; i++)
		blocks[i] = kmalloc(64);
	for (unsigned int i = 0; i < 1000; i += 2)
		kfree(blocks[i]);
	heap_trim();
	frames = heap_count().frames;
	for (unsigned int i = 0; i < 1000; i += 2)
		blocks[i] = kmalloc(64);
	assert_true(heap_count().frames <= frames + 1); /* one may hold the magazine */
	for (unsigned int i = 0; i < 1000; i++)
		kfree(blocks[i]);
}

/* A list of all the blocks that there are. */
static void **take_all(size_t size, uint64_t *count)
{
	void **last = NULL, **block;

	for (*count = 0; (block = kmalloc(size)) != NULL; ++*count) {
		*block = last;
		last = block;
	}
	return last;
}

static void give_all(void **last)
{
	while (last != NULL) {
		void **block = *last;

		kfree(last);
		last = block;
	}
}

static uint64_t exhaust(size_t size)
{
	uint64_t count;

	give_all(take_all(size, &count));
	return count;
}

/* Not even when there is no memory for the smaller block. */
static void shrinking_never_fails(void **state)
{
	char *block = kmalloc(8192);
	void **others;
	uint64_t count;

	(void)state;
	strcpy(block, "still there");
	heap_trim();
	others = take_all(4096, &count);
	assert_null(kmalloc(1000));
	assert_ptr_equal(krealloc(block, 1000), block);
	assert_null(krealloc(block, 10000));
	assert_string_equal(block, "still there");
	give_all(others);
	kfree(block);
}

/* What the magazines and the spare slabs of one size hold is not lost to another. */
static void memory_goes_where_it_is_needed(void **state)
{
	static const size_t sizes[] = {1024, 2048, 4096, 65536};
	uint64_t counts[4];

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		heap_trim();
		frames_drain();
		counts[i] = exhaust(sizes[i]);
	}
	for (unsigned int i = 0; i < 16; i++) {
		exhaust(sizes[i / 4]);
		assert_int_equal(exhaust(sizes[i % 4]), counts[i % 4]);
	}
}

/* ---- what a panic says --------------------------------------------------------------------------------------------
 */

static char outside;

static void free_twice_in_a_row(void)
{
	void *block = kmalloc(64);

	kfree(block);
	kfree(block);
}

/* The first is out of the magazine by the time the second comes to the slabs. */
static void free_twice(void)
{
	void *block[100];

	for (unsigned int i = 0; i < 100; i++)
		block[i] = kmalloc(64);
	for (unsigned int i = 0; i < 100; i++)
		kfree(block[i]);
	kfree(block[50]);
	heap_trim();
}

static void free_pages_twice(void)
{
	void *block = kmalloc(8192);

	kfree(block);
	kfree(block);
}

static void free_foreign(void)
{
	kfree(&outside);
}

static void free_frame(void)
{
	kfree(paging_direct(frames_allocate(0, 0)));
}

static void free_part(void)
{
	kfree((char *)kmalloc(64) + 16);
	heap_trim();
}

static void free_part_of_pages(void)
{
	kfree((char *)kmalloc(8192) + 16);
}

static void free_page_of_pages(void)
{
	kfree((char *)kmalloc(8192) + 4096);
}

static void free_into_other_cache(void)
{
	heap_cache_free(heap_cache_create("other", 64, 0), kmalloc(64));
}

static void align_to_nothing(void)
{
	kmalloc_aligned(10, 24);
}

static void expect_panic(void (*function)(void), const char *words)
{
	heap_trace_expect_panic(function, words, "");
}

static void panics_say_what_was_wrong(void **state)
{
	(void)state;
	expect_panic(free_twice_in_a_row, "was freed twice");
	expect_panic(free_twice, "64 bytes");
	expect_panic(free_twice, "was freed twice");
	expect_panic(free_pages_twice, "no block of the heap: free RAM at ");
	expect_panic(free_foreign, "no block of the heap: nobody knows");
	expect_panic(free_frame, "no block of the heap: RAM at ");
	expect_panic(free_part, "no block of 64 bytes begins there");
	expect_panic(free_part_of_pages, "inside of a block");
	expect_panic(free_page_of_pages, "no block of the heap");
	expect_panic(free_into_other_cache, "no block of the cache");
	expect_panic(align_to_nothing, "no power of two");
}

static void expect_description(const void *address, const char *want)
{
	char text[DESCRIBER_TEXT_MAX] = "";

	assert_true(describer_ask((uint64_t)address, text));
	assert_string_equal(text, want);
}

static void describes_addresses(void **state)
{
	char *small = kmalloc(64), *large = kmalloc(10000);
	char text[DESCRIBER_TEXT_MAX];

	(void)state;
	expect_description(small + 12, "12 bytes into a 64-byte block of the heap");
	expect_description(large + 9000, "9000 bytes into a 16384-byte block of the heap");
	assert_false(describer_ask((uint64_t)&outside, text));
	assert_false(describer_ask(0, text));
	kfree(small);
	kfree(large);
	heap_trim();
	assert_true(describer_ask((uint64_t)large, text));
	assert_non_null(strstr(text, "free RAM at "));
}

static int start(void **state)
{
	(void)state;
	heap_trace_start();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(random_operations),
	        cmocka_unit_test(shortage_at_every_point),
	        cmocka_unit_test(sizes_that_cannot_be),
	        cmocka_unit_test(nothing_is_a_block),
	        cmocka_unit_test(array_has_room_for_all),
	        cmocka_unit_test(smaller_is_aligned),
	        cmocka_unit_test(block_stays_where_it_fits),
	        cmocka_unit_test(free_blocks_come_before_new_frames),
	        cmocka_unit_test(memory_goes_where_it_is_needed),
	        cmocka_unit_test(shrinking_never_fails),
	        cmocka_unit_test(describes_addresses),
	        cmocka_unit_test(panics_say_what_was_wrong),
	        cmocka_unit_test(cache_rounds_nothing),
	};

	return cmocka_run_group_tests_name("heap", tests, start, NULL);
}
