/* What the parts of an image say, for people. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/sha256.h"
#include "mkimage.h"

static void print_hash(const char *name, const uint8_t digest[SHA256_SIZE])
{
	printf("%s: sha256 ", name);
	for (unsigned i = 0; i < SHA256_SIZE; i++)
		printf("%02x", digest[i]);
	printf("\n");
}

static void print_segments(const struct image_kernel *kernel)
{
	for (uint32_t i = 0; i < kernel->segment_count; i++) {
		const struct image_segment *segment = &kernel->segment[i];

		printf("    %016" PRIx64 " %c%c%c %8" PRIu64 " bytes of file, %8" PRIu64 " of memory\n",
		        segment->virtual_address, segment->flags & IMAGE_SEGMENT_READ ? 'R' : '-',
		        segment->flags & IMAGE_SEGMENT_WRITE ? 'W' : '-',
		        segment->flags & IMAGE_SEGMENT_EXECUTE ? 'X' : '-', segment->file_size, segment->memory_size);
	}
}

static void print_kernel(const struct image_header *header, uint32_t slot)
{
	const struct image_kernel *kernel = &header->kernel[slot];
	char name[] = "slot A";

	if (kernel->file.size == 0)
		return;
	name[5] = (char)('A' + slot);
	print_hash(name, kernel->file.sha256);
	if (kernel->file.unpacked_size)
		printf("%s: packed, %" PRIu64 " bytes of %" PRIu32 "\n", name, kernel->file.size,
		        kernel->file.unpacked_size);
	printf("%s: %s%s, entry %016" PRIx64 ", segments:\n", name, header->preferred_slot == slot ? "preferred, " : "",
	        kernel->flags & IMAGE_KERNEL_RELOCATABLE ? "relocatable" : "fixed", kernel->entry);
	print_segments(kernel);
}

static void print_config(const struct image_config *config)
{
	const char *line = config->text, *end = config->text + config->size;

	while (line < end) {
		const char *after = memchr(line, '\n', (size_t)(end - line));
		int length = (int)((after ? after : end) - line);

		printf("configuration: %.*s\n", length, line);
		line += length + 1;
	}
}

void print_contents(const struct mbr *mbr, const struct image_header *header, const struct image_config *config)
{
	printf("disk signature %08" PRIx32 ", built at %" PRIu64 "\n", header->disk_signature, header->build_time);
	for (unsigned i = 0; i < 4; i++)
		if (mbr->partition[i].sectors)
			printf("partition %u: type %02Xh%s, LBA %" PRIu32 ", %" PRIu32 " sectors\n", i + 1,
			        mbr->partition[i].type, mbr->partition[i].status ? ", active" : "",
			        mbr->partition[i].lba_first, mbr->partition[i].sectors);
	if (config)
		print_config(config);
	print_hash("stage 2", header->stage2_sha256);
	for (uint32_t slot = 0; slot < IMAGE_SLOT_COUNT; slot++)
		print_kernel(header, slot);
	for (uint32_t i = 0; i < header->module_count; i++)
		print_hash(header->module[i].name, header->module[i].sha256);
}
