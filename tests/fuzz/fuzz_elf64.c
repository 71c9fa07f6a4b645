/*
 * Any bytes as an ELF file: elf64_parse() and elf64_relocate() touch nothing outside what they were given, and what is
 * accepted holds what elf64.h promises.
 *
 * Input: a byte that says how to read the rest: as the file itself, as bytes to replace in a good one
 * (offset, then 8 bytes), or as numbers to add to its fields (offset, then 2 bytes).
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "sample_elf64.h"

#define SPAN_MAX (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct step {
	uint16_t offset;
	int16_t by;
} __attribute__((packed));

/* Small steps from what is right lead to the places where a check is one off. */
static void add_to_fields(struct sample_elf64 *elf, const uint8_t *data, size_t size)
{
	for (struct step step; size >= sizeof(step); data += sizeof(step), size -= sizeof(step)) {
		uint64_t value;
		uint8_t *field;

		memcpy(&step, data, sizeof(step));
		field = elf->bytes + step.offset % (sizeof(elf->bytes) / 8) * 8;
		memcpy(&value, field, 8);
		value += (uint64_t)step.by;
		memcpy(field, &value, 8);
	}
}

/* Loads what was accepted into memory of exactly its span, and relocates it there. */
static void relocate(const uint8_t *file, const struct elf64_layout *layout)
{
	uint8_t *memory = calloc(1, (size_t)layout->size);
	const char *why = NULL;
	int result;

	for (uint32_t i = 0; i < layout->segment_count; i++) {
		const struct elf64_segment *segment = &layout->segment[i];

		memcpy(memory + (segment->virtual_address - layout->base), file + segment->file_offset,
		        segment->file_size);
	}
	result = elf64_relocate(memory, layout->size, layout->base, layout->dynamic, 0x200000, &why);
	if ((result == 0) != (why == NULL))
		abort();
	free(memory);
}

static void try_file(const uint8_t *file, size_t size)
{
	struct elf64_layout layout;
	const char *why = NULL;
	int result = elf64_parse(file, size, &layout, &why);

	if ((result == 0) != (why == NULL))
		abort();
	if (result != 0)
		return;
	if (sample_elf64_judge(&layout, size))
		abort();
	if (layout.dynamic && layout.size <= SPAN_MAX)
		relocate(file, &layout);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] % 3 == 0) {
		try_file(data + 1, size - 1);
	} else {
		struct sample_elf64 *elf = malloc(sizeof(*elf));

		sample_elf64_fill(elf);
		if (data[0] % 3 == 1)
			change_bytes(elf->bytes, sizeof(elf->bytes), data + 1, size - 1);
		else
			add_to_fields(elf, data + 1, size - 1);
		try_file(elf->bytes, sizeof(elf->bytes));
		free(elf);
	}
	return 0;
}
