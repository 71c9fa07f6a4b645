#include "second_copy.h"

#include "console.h"
#include "disk.h"
#include "format/mbr.h"
#include "lib/image.h"

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t second_copy_end(const struct image_header *header)
{
	const struct image_file *kernel = &header->kernel[1].file;
	uint64_t end = header->header_lba[1] + IMAGE_BLOCK_SECTORS;
	end = larger(end, header->stage2.lba[1] + header->stage2.size / SECTOR_SIZE);
	return kernel->size ? larger(end, kernel->lba + image_data_sectors(kernel->size)) : end;
}

bool second_copy_is_cut_off(const struct image_header *header)
{
	uint32_t disk = disk_sectors(), end = second_copy_end(header);
	if (disk == 0 || disk >= end)
		return false;
	console_print(CONSOLE_NOTE,
	        "The disk ends at LBA %u, before the second copies do (LBA %u): damage cannot be mended\n", disk, end);
	return true;
}
