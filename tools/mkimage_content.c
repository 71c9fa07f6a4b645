/* A file as it lies in the image: its table of checks, then its bytes. */
#include "mkimage.h"

#include <string.h>

#include "lib/image.h"
#include "lib/sha256.h"

uint64_t content_place(struct image_file *file, uint64_t size, uint64_t lba)
{
	file->size = size;
	file->table_lba = lba;
	file->lba = lba + image_table_sectors(size);
	return file->lba + image_data_sectors(size);
}

void content_fill(
        const struct crc32c_table *crc, struct image_file *file, const struct input *input, void *table, void *data)
{
	uint32_t *check = table;
	size_t blocks = (size_t)image_block_count(input->size);

	memcpy(data, input->data, input->size);
	for (size_t i = 0; i < blocks; i++) {
		size_t from = i * IMAGE_BLOCK_SIZE;
		size_t left = input->size - from;

		check[i] = crc32c(crc, 0, input->data + from, left < IMAGE_BLOCK_SIZE ? left : IMAGE_BLOCK_SIZE);
	}
	file->table_crc32c = crc32c(crc, 0, check, blocks * sizeof(*check));
	sha256(input->data, input->size, file->sha256);
}
