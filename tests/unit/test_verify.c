/*
 * The loader's checks (boot/stage2/verify.c), compiled for the host, on the image as it is delivered: every flipped bit
 * of header, stage 2, and the kernel's table and file is refused. The disk is the image in memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "console.h"
#include "disk.h"
#include "format/mbr.h"
#include "layout.h"
#include "lib/image.h"
#include "panic.h"
#include "verify.h"

static struct {
	uint8_t *bytes;
	size_t size;
	struct image_header header;
	unsigned checked; /* bits */
} disk;

static jmp_buf failed;

/* ---- what verify.c calls ---- */

char disk_buffer[DISK_BUFFER_SIZE];

bool disk_read(uint64_t lba, uint32_t count)
{
	if (lba * SECTOR_SIZE + count * SECTOR_SIZE > disk.size)
		return false;
	memcpy(disk_buffer, disk.bytes + lba * SECTOR_SIZE, count * SECTOR_SIZE);
	return true;
}

uint32_t disk_sectors(void)
{
	return 0;
}

uint8_t disk_last_status(void)
{
	return 0;
}

void console_print(enum console_colour colour, const char *format, ...)
{
	(void)colour;
	(void)format;
}

_Noreturn void boot_fail(enum boot_error error, const char *format, ...)
{
	(void)format;
	longjmp(failed, error);
}

/* ---- the image ---- */

static void flip(size_t bit)
{
	disk.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
}

static int read_image(void **state)
{
	FILE *file = fopen(IMAGE, "rb");
	struct mbr mbr;

	(void)state;
	if (!file || fread(&mbr, sizeof(mbr), 1, file) != 1)
		return -1;
	disk.size = (size_t)(mbr.partition[0].lba_first + mbr.partition[0].sectors) * SECTOR_SIZE;
	disk.bytes = malloc(disk.size);
	rewind(file);
	if (!disk.bytes || fread(disk.bytes, 1, disk.size, file) != disk.size)
		return -1;
	fclose(file);
	memcpy(&disk.header, disk.bytes + IMAGE_START_LBA * SECTOR_SIZE, sizeof(disk.header));
	verify_init();
	return image_header_check(verify_table(), &disk.header) ? -1 : 0;
}

static int free_image(void **state)
{
	(void)state;
	print_message("%u flipped bits\n", disk.checked);
	free(disk.bytes);
	return 0;
}

/* ---- tests ---- */

/* 0, or the code with which the loader gives up when it has this header only. */
static int header_error(uint32_t lba)
{
	uint32_t copies[IMAGE_SLOT_COUNT] = {lba, UINT32_MAX};
	int error = setjmp(failed);

	if (error == 0)
		verify_header(copies, 0);
	return error;
}

static void test_header(void **state)
{
	(void)state;
	for (unsigned copy = 0; copy < IMAGE_SLOT_COUNT; copy++) {
		uint32_t lba = (uint32_t)disk.header.header_lba[copy];
		size_t first = (size_t)lba * SECTOR_SIZE * 8;

		assert_int_equal(header_error(lba), 0);
		for (size_t bit = first; bit < first + sizeof(struct image_header) * 8; bit++, disk.checked++) {
			flip(bit);
			if (header_error(lba) != BOOT_ERROR_HEADER)
				fail_msg("bit %zu of byte %zu went unseen", bit % 8, (bit - first) / 8);
			flip(bit);
		}
	}
}

/* Every bit of the source's first copy, each by itself: the loader does not take the block. */
static void refuse_every_bit(const struct verify_source *source)
{
	static char to[IMAGE_BLOCK_SIZE];
	struct verify_source alone = *source;
	size_t start = (size_t)source->lba[0] * SECTOR_SIZE;

	alone.copies = 1;
	for (size_t at = 0; at < source->size; at++) {
		uint32_t offset = at & ~(size_t)(IMAGE_BLOCK_SIZE - 1);
		uint32_t left = source->size - offset, length = left < sizeof(to) ? left : sizeof(to);

		if (at == offset)
			assert_true(verify_load(&alone, offset, length, to));
		for (size_t bit = (start + at) * 8; bit < (start + at + 1) * 8; bit++, disk.checked++) {
			flip(bit);
			if (verify_load(&alone, offset, length, to))
				fail_msg("%s: bit %zu of byte %zu went unseen", source->name, bit % 8, at);
			flip(bit);
		}
	}
}

/* Every bit of what has one sum for all its bytes. */
static void refuse_every_bit_of_sum(uint8_t *bytes, uint32_t size, uint32_t sum)
{
	assert_int_equal(verify_checksum(bytes, size), sum);
	for (size_t bit = 0; bit < 8 * (size_t)size; bit++, disk.checked++) {
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (verify_checksum(bytes, size) == sum)
			fail_msg("bit %zu of byte %zu went unseen", bit % 8, bit / 8);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

/* What stage 1 checks in assembly, over both blocks at once. */
static void test_head(void **state)
{
	struct mbr_patch patch;

	(void)state;
	memcpy(&patch, disk.bytes + MBR_PATCH_OFFSET, sizeof(patch));
	refuse_every_bit_of_sum(
	        disk.bytes + (size_t)patch.head_lba[0] * SECTOR_SIZE, IMAGE_HEAD_SIZE, ~patch.head_crc32c_inverted);
}

static void test_stage2(void **state)
{
	const struct image_stage2 *stage2 = &disk.header.stage2;

	(void)state;
	refuse_every_bit(&(struct verify_source){
	        .name = "Stage 2",
	        .lba = {stage2->lba[0], stage2->lba[1]},
	        .size = stage2->size,
	        .crc32c = stage2->crc32c,
	});
}

static const struct image_file *kernel(void)
{
	return &disk.header.kernel[disk.header.preferred_slot].file;
}

static void test_kernel_table(void **state)
{
	(void)state;
	refuse_every_bit_of_sum(disk.bytes + kernel()->table_lba * SECTOR_SIZE,
	        (uint32_t)(image_block_count(kernel()->size) * sizeof(uint32_t)), kernel()->table_crc32c);
}

static void test_kernel(void **state)
{
	(void)state;
	refuse_every_bit(&(struct verify_source){
	        .name = kernel()->name,
	        .lba = {kernel()->lba},
	        .size = (uint32_t)kernel()->size,
	        .crc32c = (const uint32_t *)(disk.bytes + kernel()->table_lba * SECTOR_SIZE),
	});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_header),
	        cmocka_unit_test(test_head),
	        cmocka_unit_test(test_kernel_table),
	        cmocka_unit_test(test_stage2),
	        cmocka_unit_test(test_kernel),
	};

	return cmocka_run_group_tests(tests, read_image, free_image);
}
