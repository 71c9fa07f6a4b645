/* A file as it lies in the image: its table of checks, then its bytes. */
#include "mkimage.h"

#include <string.h>

#include "lib/image.h"
#include "lib/sha256.h"

uint64_t content_place(struct image_file *file, const struct input *input, uint64_t lba)
{
	file->size = input->packed_size ? input->packed_size : input->size;
	file->unpacked_size = input->packed_size ? (uint32_t)input->size : 0;
	file->table_lba = lba;
	file->lba = lba + image_table_sectors(file->size);
	return file->lba + image_data_sectors(file->size);
}

void content_fill(
        const struct crc32c_table *crc, struct image_file *file, const struct input *input, void *table, void *data)
{
	const uint8_t *stored = input->packed_size ? input->packed : input->data;
	uint32_t *check = table;
	size_t blocks = (size_t)image_block_count(file->size);

	memcpy(data, stored, (size_t)file->size);
	for (size_t i = 0; i < blocks; i++) {
		size_t from = i * IMAGE_BLOCK_SIZE;
		size_t left = (size_t)file->size - from;

		check[i] = crc32c(crc, 0, stored + from, left < IMAGE_BLOCK_SIZE ? left : IMAGE_BLOCK_SIZE);
	}
	file->table_crc32c = crc32c(crc, 0, check, blocks * sizeof(*check));
	sha256(input->data, input->size, file->sha256);
}
