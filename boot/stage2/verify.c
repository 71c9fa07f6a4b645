#include "verify.h"

#include "console.h"
#include "disk.h"
#include "layout.h"
#include "lib/format.h"
#include "lib/image.h"
#include "lib/string.h"
#include "panic.h"

#define BUFFER_BLOCKS (DISK_BUFFER_SIZE / IMAGE_BLOCK_SIZE)

static struct {
	struct crc32c_table table;
	struct image_header header;
	uint64_t header_lba;
	uint16_t from_other, crc_errors;
	void (*watch)(uint32_t blocks);   /* NULL: nobody */
	void (*time_check)(bool is_over); /* NULL: nobody */
} verify;

char verify_complaint[128];

void verify_init(void)
{
	crc32c_table_init(&verify.table);
}
const struct crc32c_table *verify_table(void)
{
	return &verify.table;
}

/* The head knows only this much of a header; the rest of stage 2 checks every field. */
static bool header_passes(void)
{
	const struct image_header *h = &verify.header;
	if (h->magic != IMAGE_MAGIC || h->version != IMAGE_VERSION || h->size != sizeof *h)
		return false;
	return image_header_crc(&verify.table, h) == h->crc32c;
}

const struct image_header *verify_header(const uint32_t lba[IMAGE_SLOT_COUNT], unsigned first)
{
	for (unsigned copy = first; copy < IMAGE_SLOT_COUNT; copy++) {
		bool read = disk_read(lba[copy], IMAGE_BLOCK_SECTORS);
		if (read) {
			memcpy(&verify.header, disk_buffer, sizeof verify.header);
			if (header_passes()) {
				if (copy > 0)
					console_print(CONSOLE_NOTE, "Image header: taken from copy %c\n", 'A' + copy);
				verify.header_lba = lba[copy];
				return &verify.header;
			}
			verify.crc_errors++;
		}
		console_print(CONSOLE_NOTE, "Image header copy %c at LBA %u: %s (INT 13h status %02x%s)\n", 'A' + copy,
		        lba[copy], read ? "damaged" : "not readable", disk_last_status(), verify_past_end(lba[copy]));
	}
	boot_fail(BOOT_ERROR_HEADER, "no whole image header on this disk");
}

uint32_t verify_checksum(const void *data, uint32_t length)
{
	if (verify.time_check)
		verify.time_check(false);
	uint32_t sum = crc32c(&verify.table, 0, data, length);
	if (verify.time_check)
		verify.time_check(true);
	return sum;
}

static uint32_t block_size(const struct verify_source *source, uint32_t block)
{
	uint32_t left = source->size - block * IMAGE_BLOCK_SIZE;
	return left < IMAGE_BLOCK_SIZE ? left : IMAGE_BLOCK_SIZE;
}

static bool block_passes(const struct verify_source *source, uint32_t block, const char *data)
{
	return verify_checksum(data, block_size(source, block)) == source->crc32c[block];
}

static void complain(const struct verify_source *source, uint32_t block, uint64_t lba, bool read)
{
	if (read)
		format_string(verify_complaint, sizeof verify_complaint,
		        "%s: block %u at LBA %u is damaged (CRC32C %08x, not %08x)", source->name, block, (uint32_t)lba,
		        verify_checksum(disk_buffer, block_size(source, block)), source->crc32c[block]);
	else
		format_string(verify_complaint, sizeof verify_complaint,
		        "%s: block %u at LBA %u cannot be read (INT 13h status %02x%s)", source->name, block,
		        (uint32_t)lba, disk_last_status(), verify_past_end(lba));
}

const char *verify_past_end(uint64_t lba)
{
	uint32_t end = disk_sectors();
	return end && lba >= end ? "; the disk ends before it" : "";
}

/* Gets one block to the start of the disk buffer, from whichever copy has it whole. */
static bool load_single(const struct verify_source *source, uint32_t block)
{
	for (unsigned copy = 0; copy < source->copies; copy++) {
		uint64_t lba = source->lba[copy] + block * IMAGE_BLOCK_SECTORS;
		bool read = disk_read(lba, IMAGE_BLOCK_SECTORS);
		bool passes = read && block_passes(source, block, disk_buffer);
		if (copy > 0)
			console_print(CONSOLE_NOTE, passes ? "%s; taken from copy %c\n" : "%s; copy %c is bad, too\n",
			        verify_complaint, 'A' + (copy ^ source->first));
		if (passes) {
			verify.from_other += copy;
			return true;
		}
		verify.crc_errors += read;
		complain(source, block, lba, read);
	}
	return false;
}

/* Copies to `to` what bytes [offset, end) of the source and block `block`, which lies at `data`, have in common. */
static void copy_part(uint32_t block, const char *data, uint32_t offset, uint32_t end, char *to)
{
	uint32_t first = block * IMAGE_BLOCK_SIZE, last = first + IMAGE_BLOCK_SIZE;
	uint32_t from = first > offset ? first : offset, until = last < end ? last : end;
	memcpy(to + (from - offset), data + (from - first), until - from);
}

bool verify_load(const struct verify_source *source, uint32_t offset, uint32_t length, char *to)
{
	uint32_t end = offset + length;
	uint32_t block = offset / IMAGE_BLOCK_SIZE, after = (end + IMAGE_BLOCK_SIZE - 1) / IMAGE_BLOCK_SIZE;
	uint32_t most = BUFFER_BLOCKS; /* 1 once a read failed: a bad sector takes seconds each time it is met */
	while (block < after) {
		uint32_t count = after - block < most ? after - block : most;
		bool read = disk_read(source->lba[0] + block * IMAGE_BLOCK_SECTORS, count * IMAGE_BLOCK_SECTORS);
		uint32_t good = 0;
		if (!read)
			most = 1;
		while (read && good < count &&
		        block_passes(source, block + good, disk_buffer + good * IMAGE_BLOCK_SIZE)) {
			copy_part(block + good, disk_buffer + good * IMAGE_BLOCK_SIZE, offset, end, to);
			good++;
		}
		if (good < count) { /* this one by itself; then go on with the rest */
			if (!load_single(source, block + good))
				return false;
			copy_part(block + good, disk_buffer, offset, end, to);
			good++;
		}
		block += good;
		if (verify.watch)
			verify.watch(good);
	}
	return true;
}

IN_REST void verify_count_damage(void)
{
	verify.crc_errors++;
}

IN_REST void verify_watch(void (*watch)(uint32_t blocks))
{
	verify.watch = watch;
}

IN_REST void verify_time_checks(void (*time_check)(bool is_over))
{
	verify.time_check = time_check;
}

IN_REST void verify_describe(struct boot_notes *notes, uint64_t *header_lba)
{
	notes->blocks_from_other_slot = verify.from_other;
	notes->crc_errors = verify.crc_errors;
	*header_lba = verify.header_lba;
}
