/* The image header and configuration: every flipped bit refused, each refusal with its reason, random ones right and
 * wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dice.h"
#include "lib/image.h"
#include "sample_image.h"

static struct crc32c_table table;

static int prepare(void **state)
{
	(void)state;
	crc32c_table_init(&table);
	return 0;
}

/* ---- the header ---- */

static void test_sample_passes(void **state)
{
	struct image_header header;

	(void)state;
	sample_image_fill(&header, &table);
	assert_int_equal(header.crc32c, image_header_crc(&table, &header));
	assert_null(sample_image_judge(&header));
	assert_null(image_header_check(&table, &header));
}

static void test_every_flipped_bit_is_refused(void **state)
{
	struct image_header header;
	uint8_t *bytes = (uint8_t *)&header;

	(void)state;
	sample_image_fill(&header, &table);
	for (size_t bit = 0; bit < 8 * sizeof(header); bit++) {
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (!image_header_check(&table, &header))
			fail_msg("bit %zu of byte %zu went unseen", bit % 8, bit / 8);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_null(image_header_check(&table, &header));
}

static void magic(struct image_header *h)
{
	h->magic++;
}
static void version(struct image_header *h)
{
	h->version = IMAGE_VERSION + 1;
}
static void size_small(struct image_header *h)
{
	h->size = 80;
}
static void size_large(struct image_header *h)
{
	h->size = UINT32_MAX;
}
static void partition_large(struct image_header *h)
{
	h->sectors = 0x100000000u - IMAGE_START_LBA;
}
static void partition_small(struct image_header *h)
{
	h->sectors--;
}
static void partition_empty(struct image_header *h)
{
	h->sectors = 0;
}
static void signature(struct image_header *h)
{
	h->disk_signature = 0;
}
static void first_header(struct image_header *h)
{
	h->header_lba[0] += 8;
}
static void config_empty(struct image_header *h)
{
	h->config_sectors = 0;
}
static void config_odd(struct image_header *h)
{
	h->config_sectors = 9;
}
static void config_large(struct image_header *h)
{
	h->config_sectors = UINT32_MAX - 7;
}
static void stage2_small(struct image_header *h)
{
	h->stage2.size = 4096;
}
static void stage2_large(struct image_header *h)
{
	h->stage2.size = 65536 + 4096;
}
static void stage2_odd(struct image_header *h)
{
	h->stage2.size += 512;
}
static void stage2_file_small(struct image_header *h)
{
	h->stage2.file_size = 23;
}
static void stage2_file_large(struct image_header *h)
{
	h->stage2.file_size = h->stage2.size + 1;
}
static void stage2_odd_lba(struct image_header *h)
{
	h->stage2.lba[0] += 4;
}
static void stage2_below(struct image_header *h)
{
	h->stage2.lba[1] = IMAGE_START_LBA - 24;
}
static void stage2_far(struct image_header *h)
{
	h->stage2.lba[1] = 65536;
}
static void header_wraps(struct image_header *h)
{
	h->header_lba[1] = UINT64_MAX - 7;
}
static void same_header(struct image_header *h)
{
	h->header_lba[1] = IMAGE_START_LBA;
}
static void config_in_slot(struct image_header *h)
{
	h->config_lba = h->kernel[0].file.lba;
}
static void preferred(struct image_header *h)
{
	h->preferred_slot = 2;
}
static void preferred_empty(struct image_header *h)
{
	h->kernel[0].file.size = 0;
}
static void kernel_large(struct image_header *h)
{
	h->kernel[1].file.size = 15 * 4096;
}
static void kernel_huge(struct image_header *h)
{
	h->kernel[1].file.size = UINT64_MAX;
}
static void kernel_odd(struct image_header *h)
{
	h->kernel[1].file.lba++;
}
static void kernel_below(struct image_header *h)
{
	h->kernel[1].file.table_lba = h->kernel[1].slot_lba - 8;
}
static void kernel_on_table(struct image_header *h)
{
	h->kernel[1].file.lba = h->kernel[1].file.table_lba;
}
static void slot_large(struct image_header *h)
{
	h->kernel[0].slot_sectors += 8;
}
static void slot_wraps(struct image_header *h)
{
	h->kernel[0].slot_lba = UINT64_MAX - 111;
	h->kernel[0].file.table_lba = UINT64_MAX - 111;
	h->kernel[0].file.lba = UINT64_MAX - 103;
}
static void kernel_nameless(struct image_header *h)
{
	h->kernel[0].file.name[0] = 0;
}
static void kernel_flags(struct image_header *h)
{
	h->kernel[0].flags |= 2;
}
static void segments_none(struct image_header *h)
{
	h->kernel[0].segment_count = 0;
}
static void segments_many(struct image_header *h)
{
	h->kernel[0].segment_count = 9;
}
static void segment_empty(struct image_header *h)
{
	h->kernel[0].segment[0].file_size = 0;
	h->kernel[0].segment[0].memory_size = 0;
	h->kernel[0].segment[0].block_count = 0;
}
static void segment_less_memory(struct image_header *h)
{
	h->kernel[0].segment[0].memory_size = 4999;
}
static void segment_wraps(struct image_header *h)
{
	h->kernel[0].segment[2].memory_size = 0x7fffff00;
}
static void segment_physical_wraps(struct image_header *h)
{
	h->kernel[0].segment[2].physical_address = UINT64_MAX - 30000;
}
static void segment_flags(struct image_header *h)
{
	h->kernel[0].segment[0].flags |= 8;
}
static void segment_wx(struct image_header *h)
{
	h->kernel[0].segment[1].flags |= IMAGE_SEGMENT_WRITE;
}
static void segment_order(struct image_header *h)
{
	h->kernel[0].segment[0].virtual_address += 0x100000;
}
static void segment_page(struct image_header *h)
{
	h->kernel[0].segment[1].memory_size = 4097;
}
static void segment_past_file(struct image_header *h)
{
	h->kernel[0].segment[2].file_offset++;
}
static void segment_offset(struct image_header *h)
{
	h->kernel[0].segment[2].file_offset = UINT64_MAX;
}
static void segment_first(struct image_header *h)
{
	h->kernel[0].segment[1].first_block = 1;
}
static void segment_count_low(struct image_header *h)
{
	h->kernel[0].segment[0].block_count = 1;
}
static void segment_count_high(struct image_header *h)
{
	h->kernel[0].segment[1].block_count = 2;
}
static void entry_data(struct image_header *h)
{
	h->kernel[0].entry = h->kernel[0].segment[0].virtual_address;
}
static void entry_behind(struct image_header *h)
{
	h->kernel[0].entry = 0xffffffff80003000;
}
static void dynamic_none(struct image_header *h)
{
	h->kernel[0].dynamic = 0;
}
static void dynamic_outside(struct image_header *h)
{
	h->kernel[0].dynamic = 0xffffffff7fffffff;
}
static void fixed_with_dynamic(struct image_header *h)
{
	h->kernel[0].flags = 0;
}
static void fixed_page(struct image_header *h)
{
	h->kernel[0].flags = 0;
	h->kernel[0].segment[1].physical_address++;
}
static void fixed_overlap(struct image_header *h)
{
	h->kernel[0].flags = 0;
	h->kernel[0].segment[2].physical_address = 0x1100;
}
static void modules_many(struct image_header *h)
{
	h->module_count = 17;
}
static void module_empty(struct image_header *h)
{
	h->module[1].size = 0;
}
static void module_packed(struct image_header *h)
{
	h->module[0].unpacked_size = 100;
}
static void kernel_grew(struct image_header *h)
{
	h->kernel[1].file.unpacked_size = (uint32_t)h->kernel[1].file.size;
}
static void segment_past_unpacked(struct image_header *h)
{
	h->kernel[0].file.unpacked_size = (uint32_t)h->kernel[0].file.size + 1;
	h->kernel[0].segment[2].file_size += 2;
}
static void module_nameless(struct image_header *h)
{
	h->module[1].name[0] = 0;
}
static void module_endless(struct image_header *h)
{
	memset(h->module[1].name, 'x', IMAGE_NAME_MAX);
}
static void module_blank(struct image_header *h)
{
	h->module[1].name[2] = ' ';
}
static void module_unprintable(struct image_header *h)
{
	h->module[1].name[2] = (char)0x9b;
}
static void module_delete(struct image_header *h)
{
	h->module[1].name[2] = 0x7f;
}
static void module_twice(struct image_header *h)
{
	memcpy(h->module[1].name, h->module[0].name, IMAGE_NAME_MAX);
}
static void module_overlap(struct image_header *h)
{
	h->module[1].lba = h->module[0].lba;
}
static void module_huge(struct image_header *h)
{
	h->module[0].size = UINT64_MAX;
}

#define OUTSIDE "a part lies outside the boot partition or on an odd sector"
#define NO_FIT  "a kernel does not fit its slot"

static void test_refusals(void **state)
{
	static const struct {
		void (*bend)(struct image_header *header);
		const char *why;
	} refusals[] = {
	        {magic, "not an image header"},
	        {version, "the image has another version of the format than this program: make it anew, or use the "
	                  "mkimage that made it"},
	        {size_small, "the image header has another size than its version says"},
	        {size_large, "the image header has another size than its version says"},
	        {partition_large, "the boot partition ends past what a partition table can say"},
	        {partition_small, OUTSIDE},
	        {partition_empty, OUTSIDE},
	        {signature, "the disk signature is 0"},
	        {first_header, "the first header is not where it belongs"},
	        {config_empty, "the configuration area has a bad size"},
	        {config_odd, "the configuration area has a bad size"},
	        {config_large, OUTSIDE},
	        {stage2_small, "stage 2 has a bad size"},
	        {stage2_large, "stage 2 has a bad size"},
	        {stage2_odd, "stage 2 has a bad size"},
	        {stage2_file_small, "stage 2 has a bad size"},
	        {stage2_file_large, "stage 2 has a bad size"},
	        {stage2_odd_lba, OUTSIDE},
	        {stage2_below, OUTSIDE},
	        {stage2_far, "stage 2 lies where stage 1 cannot reach it"},
	        {header_wraps, OUTSIDE},
	        {same_header, "two parts overlap"},
	        {config_in_slot, "two parts overlap"},
	        {preferred, "the preferred slot holds no kernel"},
	        {preferred_empty, "the preferred slot holds no kernel"},
	        {kernel_large, NO_FIT},
	        {kernel_huge, NO_FIT},
	        {kernel_odd, NO_FIT},
	        {kernel_below, NO_FIT},
	        {kernel_on_table, NO_FIT},
	        {slot_large, "two parts overlap"},
	        {slot_wraps, OUTSIDE},
	        {kernel_nameless, "a kernel has no proper name"},
	        {kernel_flags, "a kernel has unknown flags"},
	        {segments_none, "a kernel has no segments, or too many"},
	        {segments_many, "a kernel has no segments, or too many"},
	        {segment_empty, "a segment has less memory than bytes"},
	        {segment_less_memory, "a segment has less memory than bytes"},
	        {segment_wraps, "a segment reaches past the end of the address space"},
	        {segment_physical_wraps, "a segment reaches past the end of the address space"},
	        {segment_flags, "a segment has unknown flags"},
	        {segment_wx, "a segment is writable and executable"},
	        {segment_order, "the segments are not in ascending order"},
	        {segment_page, "two segments share a page"},
	        {segment_past_file, "a segment reaches past the end of the kernel's file"},
	        {segment_offset, "a segment reaches past the end of the kernel's file"},
	        {segment_first, "a segment names other blocks than its bytes lie in"},
	        {segment_count_low, "a segment names other blocks than its bytes lie in"},
	        {segment_count_high, "a segment names other blocks than its bytes lie in"},
	        {entry_data, "a kernel's entry lies in no executable segment"},
	        {entry_behind, "a kernel's entry lies in no executable segment"},
	        {dynamic_none,
	                "a kernel is relocatable without a dynamic section, or has one without being relocatable"},
	        {fixed_with_dynamic,
	                "a kernel is relocatable without a dynamic section, or has one without being relocatable"},
	        {dynamic_outside, "a kernel's dynamic section lies in no segment"},
	        {fixed_page, "a segment begins elsewhere in its virtual than in its physical page"},
	        {fixed_overlap, "two segments share a page of physical memory"},
	        {modules_many, "the image has too many modules"},
	        {module_empty, "a module is empty"},
	        {module_packed, "a module is packed"},
	        {kernel_grew, "a packed kernel is no smaller than the kernel"},
	        {segment_past_unpacked, "a segment reaches past the end of the kernel's file"},
	        {module_nameless, "a module has no proper name"},
	        {module_endless, "a module has no proper name"},
	        {module_blank, "a module has no proper name"},
	        {module_unprintable, "a module has no proper name"},
	        {module_delete, "a module has no proper name"},
	        {module_twice, "two modules have the same name"},
	        {module_overlap, "two parts overlap"},
	        {module_huge, OUTSIDE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct image_header header;
		const char *why;

		sample_image_fill(&header, &table);
		refusals[i].bend(&header);
		sample_image_seal(&header, &table);
		why = image_header_check(&table, &header);
		if (!why || strcmp(why, refusals[i].why) != 0)
			fail_msg("case %zu: '%s' instead of '%s'", i, why ? why : "accepted", refusals[i].why);
	}
}

static void test_slot_without_kernel_is_no_fault(void **state)
{
	struct image_header header;

	(void)state;
	sample_image_fill(&header, &table);
	memset(&header.kernel[1].file, 0, sizeof(header.kernel[1].file));
	sample_image_seal(&header, &table);
	assert_null(image_header_check(&table, &header));
}

static void test_random_good_headers_pass(void **state)
{
	struct dice dice = dice_take("good headers");

	(void)state;
	for (uint64_t rounds = dice_rounds(5000); rounds > 0; rounds--) {
		struct image_header header;
		const char *why;

		sample_image_roll(&header, &table, &dice);
		assert_null(sample_image_judge(&header));
		why = image_header_check(&table, &header);
		if (why)
			fail_msg("with %d rounds to go: %s", (int)rounds, why);
	}
}

/* A few fields of a good header replaced and the check value made right: refused, or nothing wrong with it. */
static void test_random_bent_headers(void **state)
{
	static const uint64_t telling[] = {
	        0, 1, 7, 8, 511, 4095, 4096, UINT32_MAX, UINT64_MAX, UINT64_MAX - 7, 1ull << 63};
	struct dice dice = dice_take("bent headers");
	unsigned accepted = 0, rounds = (unsigned)dice_rounds(30000);

	(void)state;
	for (unsigned round = 0; round < rounds; round++) {
		struct image_header header;
		uint8_t *bytes = (uint8_t *)&header;

		sample_image_roll(&header, &table, &dice);
		for (uint64_t n = 1 + dice_below(&dice, 3); n > 0; n--) {
			size_t at = 4 * (size_t)dice_below(&dice, offsetof(struct image_header, reserved) / 4 - 1);
			uint64_t value;

			memcpy(&value, bytes + at, 8);
			value = dice_below(&dice, 2) ? telling[dice_below(&dice, 11)]
			                             : value + dice_below(&dice, 33) - 16;
			memcpy(bytes + at, &value, dice_below(&dice, 2) ? 8 : 4);
		}
		sample_image_seal(&header, &table);
		if (image_header_check(&table, &header))
			continue;
		accepted++;
		if (sample_image_judge(&header))
			fail_msg("round %u: accepted in spite of: %s", round, sample_image_judge(&header));
	}
	assert_in_range(accepted, 1, rounds - 1);
}

/* ---- the configuration ---- */

static void fill_config(struct image_config *config, const char *text, size_t size)
{
	memset(config, 0, sizeof(*config));
	config->magic = IMAGE_CONFIG_MAGIC;
	config->size = (uint32_t)size;
	memcpy(config->text, text, size);
	config->crc32c = image_config_crc(&table, config);
}

/* Over exactly what the format says: the first 16 + size bytes with the field 0. */
static void test_config_crc(void **state)
{
	struct image_config config;
	uint32_t crc;

	(void)state;
	fill_config(&config, "cmdline=x\n", 10);
	crc = config.crc32c;
	config.crc32c = 0;
	assert_int_equal(crc, crc32c(&table, 0, &config, 16 + 10));
}

static void test_full_config(void **state)
{
	struct image_config config;
	char text[IMAGE_CONFIG_TEXT_MAX];

	(void)state;
	memset(text, 'x', sizeof(text));
	fill_config(&config, text, sizeof(text));
	assert_null(image_config_check(&table, &config));
	config.size++;
	assert_string_equal(image_config_check(&table, &config), "the configuration has a bad size");
}

static void test_every_flipped_bit_of_a_config_is_refused(void **state)
{
	static const char text[] = "cmdline=some words\nother=more\n";
	struct image_config config;
	uint8_t *bytes = (uint8_t *)&config;

	(void)state;
	fill_config(&config, text, strlen(text));
	for (size_t bit = 0; bit < 8 * (16 + strlen(text)); bit++) {
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (!image_config_check(&table, &config))
			fail_msg("bit %zu of byte %zu went unseen", bit % 8, bit / 8);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void test_config_copies(void **state)
{
	struct image_header header = {.config_sectors = 8};

	(void)state;
	assert_int_equal(image_config_copies(&header), 1);
	header.config_sectors = 16;
	assert_int_equal(image_config_copies(&header), 2);
	header.config_sectors = 80;
	assert_int_equal(image_config_copies(&header), 2);
}

/* ---- sizes ---- */

static void test_sizes(void **state)
{
	(void)state;
	assert_int_equal(image_block_count(0), 0);
	assert_int_equal(image_block_count(1), 1);
	assert_int_equal(image_block_count(4096), 1);
	assert_int_equal(image_block_count(4097), 2);
	assert_int_equal(image_block_count(UINT64_MAX), 1ull << 52);
	assert_int_equal(image_data_sectors(4097), 16);
	assert_int_equal(image_table_sectors(4096 * 1024), 8);
	assert_int_equal(image_table_sectors(4096 * 1024 + 1), 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_sample_passes),
	        cmocka_unit_test(test_every_flipped_bit_is_refused),
	        cmocka_unit_test(test_refusals),
	        cmocka_unit_test(test_slot_without_kernel_is_no_fault),
	        cmocka_unit_test(test_random_good_headers_pass),
	        cmocka_unit_test(test_random_bent_headers),
	        cmocka_unit_test(test_config_crc),
	        cmocka_unit_test(test_full_config),
	        cmocka_unit_test(test_every_flipped_bit_of_a_config_is_refused),
	        cmocka_unit_test(test_config_copies),
	        cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests_name("image", tests, prepare, NULL);
}
