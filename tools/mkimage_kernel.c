/* What a kernel must be like to be put into the image. */
#include "mkimage.h"

#include <stdlib.h>
#include <string.h>

#include "lib/elf64.h"
#include "lib/image.h"
#include "lib/lz4.h"

/*
 * Loads and relocates the kernel as stage 2 will, so that a relocation it does not know is found out here and not on
 * the machine that is to boot.
 */
static const char *try_relocation(const struct elf64_layout *layout, const uint8_t *file)
{
	uint8_t *memory = allocate((size_t)layout->size);
	const char *why = NULL;

	for (uint32_t i = 0; i < layout->segment_count; i++) {
		const struct elf64_segment *segment = &layout->segment[i];

		memcpy(memory + (segment->virtual_address - layout->base), file + segment->file_offset,
		        (size_t)segment->file_size);
	}
	elf64_relocate(memory, layout->size, layout->base, layout->dynamic, 0, &why);
	free(memory);
	return why;
}

static struct image_segment describe_segment(const struct elf64_segment *segment)
{
	uint64_t first = segment->file_offset / IMAGE_BLOCK_SIZE;
	uint64_t end = image_block_count(segment->file_offset + segment->file_size);

	return (struct image_segment){
	        .virtual_address = segment->virtual_address,
	        .physical_address = segment->physical_address,
	        .file_offset = segment->file_offset,
	        .file_size = segment->file_size,
	        .memory_size = segment->memory_size,
	        .flags = segment->flags,
	        .first_block = (uint32_t)first,
	        .block_count = segment->file_size ? (uint32_t)(end - first) : 0,
	};
}

static uint32_t crc_of_segments(const struct elf64_layout *layout, const uint8_t *file)
{
	struct crc32c_table table;
	uint32_t crc = 0;

	crc32c_table_init(&table);
	for (uint32_t i = 0; i < layout->segment_count; i++)
		crc = crc32c(&table, crc, file + layout->segment[i].file_offset, (size_t)layout->segment[i].file_size);
	return crc;
}

const char *kernel_describe(struct image_kernel *kernel, const uint8_t *file, size_t size)
{
	struct elf64_layout layout;
	const char *why;

	if (elf64_parse(file, size, &layout, &why) != 0)
		return why;
	if (layout.interpreter)
		return "asks for a dynamic linker (PT_INTERP), which a kernel cannot have";
	if (layout.size > KERNEL_MEMORY_MAX)
		return "is too large: its segments span more than 1 GiB of memory";
	why = layout.dynamic ? try_relocation(&layout, file) : NULL;
	if (why)
		return why;

	*kernel = (struct image_kernel){
	        .file.name = "kernel",
	        .flags = layout.dynamic ? IMAGE_KERNEL_RELOCATABLE : 0,
	        .entry = layout.entry,
	        .dynamic = layout.dynamic,
	        .segment_count = layout.segment_count,
	        .loaded_crc32c = crc_of_segments(&layout, file),
	};
	for (uint32_t i = 0; i < layout.segment_count; i++)
		kernel->segment[i] = describe_segment(&layout.segment[i]);
	return NULL;
}

/* Unpacks it as stage 2 will. */
static bool unpacks(const struct input *input)
{
	size_t room = (size_t)lz4_room((uint32_t)input->packed_size, (uint32_t)input->size);
	uint8_t *memory = allocate(room), *packed = memory + room - input->packed_size;
	bool same;

	memcpy(packed, input->packed, input->packed_size);
	same = lz4_unpack(packed, input->packed_size, memory, input->size) &&
	       memcmp(memory, input->data, input->size) == 0;
	free(memory);
	return same;
}

void kernel_pack(const struct image_kernel *kernel, struct input *input)
{
	uint64_t unpacked_blocks = 0;

	for (uint32_t i = 0; i < kernel->segment_count; i++)
		unpacked_blocks += kernel->segment[i].block_count;
	input->packed_size = pack(input->data, input->size, &input->packed);
	if (image_block_count(input->packed_size) >= unpacked_blocks)
		input->packed_size = 0;
	else if (!unpacks(input))
		fail(input->path,
		        "was packed and does not unpack: mkimage has a bug; --no-compress stores it unchanged");
}
