#include "image_file.h"

#include "console.h"
#include "disk.h"
#include "format/mbr.h"
#include "full_check.h"
#include "layout.h"
#include "ledger.h"
#include "lib/format.h"
#include "lib/image.h"
#include "lib/string.h"
#include "memory.h"
#include "panic.h"
#include "progress.h"

bool image_file_is_same(const struct image_file *a, const struct image_file *b)
{
	return a->size == b->size && a->table_crc32c == b->table_crc32c &&
	       memcmp(a->sha256, b->sha256, sizeof a->sha256) == 0;
}

/* Reads a file's table of checks to `to` and checks it. False when it is bad; see verify_complaint. */
static bool load_table(const struct image_file *file, uint32_t *to)
{
	uint32_t size = image_block_count(file->size) * sizeof *to;
	for (uint32_t at = 0; at < size; at += DISK_BUFFER_SIZE) {
		uint32_t piece = size - at < DISK_BUFFER_SIZE ? size - at : DISK_BUFFER_SIZE;
		if (!disk_read(file->table_lba + at / SECTOR_SIZE, image_data_sectors(piece))) {
			uint64_t lba = disk_bad_lba();
			format_string(verify_complaint, sizeof verify_complaint,
			        "%s: table at LBA %u cannot be read (INT 13h status %02x%s)", file->name, (uint32_t)lba,
			        disk_last_status(), verify_past_end(lba));
			return false;
		}
		memcpy((char *)to + at, disk_buffer, piece);
	}
	if (verify_checksum(to, size) == file->table_crc32c)
		return true;
	verify_count_damage();
	format_string(verify_complaint, sizeof verify_complaint, "%s: table at LBA %u is damaged", file->name,
	        (uint32_t)file->table_lba);
	return false;
}

bool image_file_open(
        struct verify_source *source, const struct image_file *file, const struct image_file *other, unsigned slot)
{
	memory_check_size(file->name, file->size);
	uint32_t table_size = image_block_count(file->size) * sizeof(uint32_t);
	uint32_t *table = memory_allocate(table_size, BOOT_MEMORY_LOADER, "the table of a file's checks");
	*source = (struct verify_source){
	        .name = file->name,
	        .lba = {file->lba, other ? other->lba : 0},
	        .copies = other ? 2 : 1,
	        .first = slot,
	        .size = file->size,
	        .crc32c = table,
	};
	if (load_table(file, table))
		return true;
	if (!other)
		return false;
	console_print(CONSOLE_NOTE, "%s; trying slot %c\n", verify_complaint, 'B' - slot);
	return load_table(other, table);
}

const struct boot_module *image_file_load_modules(const struct image_header *header, uint32_t wanted, uint32_t *count)
{
	static struct boot_module modules[IMAGE_MODULE_MAX];
	*count = 0;
	for (uint32_t i = 0; i < header->module_count; i++) {
		if (!(wanted & 1u << i))
			continue;
		const struct image_file *file = &header->module[i];
		struct verify_source source;
		if (!image_file_open(&source, file, NULL, 0))
			boot_fail(BOOT_ERROR_MODULE, "%s", verify_complaint);
		char *to = memory_claim(file->size, BOOT_MEMORY_MODULE, file->name);
		memset(to + file->size, 0, page_up(file->size) - file->size);
		ledger_end(LEDGER_ROOM);
		progress_begin(file->name, image_block_count(file->size));
		if (!verify_load(&source, 0, file->size, to))
			boot_fail(BOOT_ERROR_MODULE, "%s", verify_complaint);
		if (!full_check_memory(file->name, to, file->size, file->sha256))
			boot_fail(BOOT_ERROR_SHA256, "%s", verify_complaint);
		struct boot_module *module = &modules[(*count)++];
		*module = (struct boot_module){.base = (uint32_t)to, .size = file->size};
		memcpy(module->name, file->name, sizeof module->name);
	}
	return *count ? modules : NULL;
}
