#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/describer.h"
#include "dice.h"
#include "heap_trace.h"
#include "host_output.h"
#include "mm/heap.h"
#include "mm/heap_debug.h"

static void random_operations(void **state)
{
	(void)state;
	heap_trace_random(dice_rounds(30000));
}

static void shortage_at_every_point(void **state)
{
	(void)state;
	heap_trace_shortages();
}

static void new_memory_is_poisoned(void **state)
{
	uint8_t *block = kmalloc(100);

	(void)state;
	for (unsigned int i = 0; i < 100; i++)
		assert_int_equal(block[i], HEAP_POISON_FRESH);
	kfree(block);
	for (unsigned int i = 0; i < 100; i++)
		assert_int_equal(block[i], HEAP_POISON_FREED);
}

static void poison_is_known_by_name(void **state)
{
	(void)state;
	assert_non_null(strstr(heap_poison_name(0xf5f5f5f5f5f5f5f5), "new memory"));
	assert_non_null(strstr(heap_poison_name(0xdfdfdfdfdfdfdfdf), "freed memory"));
	assert_non_null(strstr(heap_poison_name(0xdfdfdfdfdfdfdfdf + 0x18), "freed memory"));
	assert_non_null(strstr(heap_poison_name(0xedededededededed), "around"));
	assert_null(heap_poison_name(0));
	assert_null(heap_poison_name(0xffff800000001000));
	assert_null(heap_poison_name(0xdfdfdfdf));
	/* Not canonical: bits 47 to 63 are not all alike. */
	assert_int_not_equal((int64_t)(0xdfdfdfdfdfdfdfdf << 16) >> 16, (int64_t)0xdfdfdfdfdfdfdfdf);
	assert_int_not_equal((int64_t)(0xf5f5f5f5f5f5f5f5 << 16) >> 16, (int64_t)0xf5f5f5f5f5f5f5f5);
	assert_int_not_equal((int64_t)(0xedededededededed << 16) >> 16, (int64_t)0xedededededededed);
}

/* ---- what is done wrong -------------------------------------------------------------------------------------------
 */

static size_t block_size, at; /* what the functions below work on */

static void write_and_free(void)
{
	uint8_t *block = kmalloc(block_size);

	block[(ptrdiff_t)at] = 1;
	kfree(block);
}

static void write_after_free(void)
{
	uint8_t *block = kmalloc(block_size);

	kfree(block);
	block[at] = 1;
	heap_trim();
}

static void write_after_free_and_go_on(void)
{
	uint8_t *block = kmalloc(block_size);

	kfree(block);
	block[at] = 1;
	for (unsigned int i = 0; i < 1000; i++)
		kfree(kmalloc(block_size));
}

static void free_twice(void)
{
	void *block = kmalloc(block_size);

	kfree(block);
	kfree(kmalloc(block_size));
	kfree(block);
}

static void free_part(void)
{
	kfree((char *)kmalloc(block_size) + at);
}

static void use_after_realloc(void)
{
	uint8_t *block = kmalloc(block_size);

	if (krealloc(block, block_size) == block)
		return;
	block[at] = 1;
	heap_trim();
}

static void write_past_block_of_cache(void)
{
	struct heap_cache *cache = heap_cache_create("short", block_size, 0);
	uint8_t *block = heap_cache_allocate(cache);

	block[at] = 1;
	heap_cache_free(cache, block);
}

static void free_into_other_cache(void)
{
	heap_cache_free(heap_cache_create("other", block_size, 0), kmalloc(block_size));
}

static void expect_panic(void (*function)(void), size_t size, size_t offset, const char *words, const char *more)
{
	block_size = size;
	at = offset;
	heap_trace_expect_panic(function, words, more);
}

static void overruns(void **state)
{
	static const size_t sizes[] = {0, 1, 8, 24, 64, 100, 128, 2000, 2048, 4096, 5000, 100000};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char words[64];

		snprintf(words, sizeof(words), " a %zu-byte block allocated by ", sizes[i]);
		expect_panic(write_and_free, sizes[i], sizes[i], "1 byte past the end of", words);
		expect_panic(write_and_free, sizes[i], sizes[i] + 15, "16 bytes past the end of", words);
		expect_panic(write_and_free, sizes[i], (size_t)-1, "1 byte before", words);
		expect_panic(write_and_free, sizes[i], (size_t)-16, "16 bytes before", words);
	}
	expect_panic(write_past_block_of_cache, 40, 40, "1 byte past the end of", " a 40-byte block");
}

static void uses_after_free(void **state)
{
	(void)state;
	expect_panic(write_after_free, 64, 0, "wrote to freed memory", "0 bytes into a freed 64-byte block");
	expect_panic(write_after_free, 64, 63, "63 bytes into a freed 64-byte block", ", freed by ");
	expect_panic(write_after_free, 9000, 8999, "8999 bytes into a freed 9000-byte block", ", freed by ");
	expect_panic(write_after_free, 64, 64, "outside of a block", "1 byte past the end of a freed 64-byte");
	expect_panic(write_after_free_and_go_on, 64, 5, "5 bytes into a freed 64-byte block", ", freed by ");
	expect_panic(write_after_free_and_go_on, 3000, 5, "5 bytes into a freed 3000-byte block", ", freed by ");
	expect_panic(use_after_realloc, 64, 5, "5 bytes into a freed 64-byte block", ", freed by ");
}

static void wrong_frees(void **state)
{
	(void)state;
	expect_panic(free_twice, 64, 0, "freed again", "0 bytes into a freed 64-byte block");
	expect_panic(free_twice, 9000, 0, "freed again", "0 bytes into a freed 9000-byte block");
	expect_panic(free_part, 64, 16, "no block begins", "16 bytes into a 64-byte block");
	expect_panic(free_part, 10000, 4096, "no block begins", "4096 bytes into a 10000-byte block");
	expect_panic(free_into_other_cache, 64, 0, "another cache", "64-byte block");
}

/* ---- what is said on request --------------------------------------------------------------------------------------
 */

static void expect_description(uint64_t address, const char *start, const char *end)
{
	char text[DESCRIBER_TEXT_MAX] = "";

	assert_true(describer_ask(address, text));
	if (strncmp(text, start, strlen(start)) != 0 || strstr(text, end) == NULL)
		fail_msg("\"%s\" ... \"%s\" is not \"%s\"", start, end, text);
}

static void describes_addresses(void **state)
{
	char *small = kmalloc(64), *large = kmalloc(10000);

	(void)state;
	expect_description((uint64_t)small + 12, "12 bytes into a 64-byte block allocated by ", "");
	expect_description((uint64_t)small + 64 + 11, "12 bytes past the end of a 64-byte block allocated by ", "");
	expect_description((uint64_t)small - 3, "3 bytes before a 64-byte block allocated by ", "");
	expect_description((uint64_t)large + 9000, "9000 bytes into a 10000-byte block allocated by ", "");
	kfree(small);
	expect_description((uint64_t)small + 12, "12 bytes into a freed 64-byte block allocated by ", ", freed by ");
	expect_description(0xdfdfdfdfdfdfdfe7, "what the heap fills freed memory with", "");
	kfree(large);
	heap_trim();
}

static void blocks_are_listed_by_call_site(void **state)
{
	void *older = kzalloc(70000), *blocks[5];

	(void)state;
	for (unsigned int i = 0; i < 5; i++)
		blocks[i] = kmalloc(1000);
	heap_debug_print_sites(&host_output);
	assert_non_null(strstr(host_printed, "     5      5000  "));
	for (unsigned int i = 0; i < 5; i++)
		kfree(blocks[i]);
	host_printed[0] = '\0';
	heap_debug_print_sites(&host_output);
	assert_null(strstr(host_printed, "     5      5000  "));
	assert_non_null(strstr(host_printed, "     1     70000  "));
	kfree(older);
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
	        cmocka_unit_test(new_memory_is_poisoned),
	        cmocka_unit_test(poison_is_known_by_name),
	        cmocka_unit_test(overruns),
	        cmocka_unit_test(uses_after_free),
	        cmocka_unit_test(wrong_frees),
	        cmocka_unit_test(describes_addresses),
	        cmocka_unit_test(blocks_are_listed_by_call_site),
	};

	return cmocka_run_group_tests_name("heap_debug", tests, start, NULL);
}
