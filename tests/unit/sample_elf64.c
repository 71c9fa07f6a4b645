#include "sample_elf64.h"

#include <stdbool.h>
#include <string.h>

struct elf64_header *sample_elf64_header(struct sample_elf64 *elf)
{
	return (void *)elf->bytes;
}

struct elf64_program *sample_elf64_program(struct sample_elf64 *elf, unsigned number)
{
	return (void *)(elf->bytes + sizeof(struct elf64_header) + number * sizeof(struct elf64_program));
}

/* The entry with the tag, or the first free one. */
struct elf64_dynamic *sample_elf64_dynamic(struct sample_elf64 *elf, int64_t tag)
{
	struct elf64_dynamic *entry = (void *)(elf->bytes + SAMPLE_ELF64_DATA);

	while (entry->tag != tag && entry->tag != DT_NULL)
		entry++;
	return entry;
}

static void fill_headers(struct sample_elf64 *elf)
{
	static const struct {
		uint32_t offset, file_size, memory_size, flags;
	} load[3] = {
	        {0, SAMPLE_ELF64_TEXT, SAMPLE_ELF64_TEXT, PF_R},
	        {SAMPLE_ELF64_TEXT, 0x800, 0x800, PF_R | PF_X},
	        {SAMPLE_ELF64_DATA, SAMPLE_ELF64_SIZE - SAMPLE_ELF64_DATA, SAMPLE_ELF64_SPAN - SAMPLE_ELF64_DATA,
	                PF_R | PF_W},
	};

	*sample_elf64_header(elf) = (struct elf64_header){
	        .magic = ELF_MAGIC,
	        .class = ELFCLASS64,
	        .data = ELFDATA2LSB,
	        .version = EV_CURRENT,
	        .type = ET_DYN,
	        .machine = EM_X86_64,
	        .file_version = EV_CURRENT,
	        .entry = SAMPLE_ELF64_BASE + SAMPLE_ELF64_TEXT + 0x10,
	        .program_offset = sizeof(struct elf64_header),
	        .header_size = sizeof(struct elf64_header),
	        .program_size = sizeof(struct elf64_program),
	        .program_count = 4,
	};
	for (unsigned i = 0; i < 3; i++)
		*sample_elf64_program(elf, i) = (struct elf64_program){
		        .type = PT_LOAD,
		        .flags = load[i].flags,
		        .offset = load[i].offset,
		        .virtual_address = SAMPLE_ELF64_BASE + load[i].offset,
		        .physical_address = 0x100000 + load[i].offset,
		        .file_size = load[i].file_size,
		        .memory_size = load[i].memory_size,
		        .align = 4096,
		};
	*sample_elf64_program(elf, 3) = (struct elf64_program){
	        .type = PT_DYNAMIC,
	        .flags = PF_R | PF_W,
	        .offset = SAMPLE_ELF64_DATA,
	        .virtual_address = SAMPLE_ELF64_BASE + SAMPLE_ELF64_DATA,
	        .file_size = 8 * sizeof(struct elf64_dynamic),
	        .memory_size = 8 * sizeof(struct elf64_dynamic),
	};
}

static void fill_relocations(struct sample_elf64 *elf)
{
	struct elf64_rela *rela = (void *)(elf->bytes + SAMPLE_ELF64_RELA);
	uint64_t *relr = (void *)(elf->bytes + SAMPLE_ELF64_RELR);
	uint64_t *word = (void *)(elf->bytes + SAMPLE_ELF64_WORDS);
	const uint64_t words = SAMPLE_ELF64_BASE + SAMPLE_ELF64_WORDS;
	const struct elf64_dynamic dynamic[] = {
	        {DT_RELA, SAMPLE_ELF64_BASE + SAMPLE_ELF64_RELA},
	        {DT_RELASZ, 2 * sizeof(*rela)},
	        {DT_RELAENT, sizeof(*rela)},
	        {DT_RELR, SAMPLE_ELF64_BASE + SAMPLE_ELF64_RELR},
	        {DT_RELRSZ, 2 * sizeof(*relr)},
	        {DT_RELRENT, sizeof(*relr)},
	};

	memcpy(elf->bytes + SAMPLE_ELF64_DATA, dynamic, sizeof(dynamic));
	for (unsigned i = 0; i < 64; i++)
		word[i] = words + 8 * i;
	word[0] = word[1] = 0; /* as linkers leave them: the value is in the entry */
	rela[0] = (struct elf64_rela){words, R_X86_64_RELATIVE, (int64_t)words};
	rela[1] = (struct elf64_rela){words + 8, R_X86_64_RELATIVE, (int64_t)(words + 8)};
	relr[0] = words + 16;
	relr[1] = 1 | 1 << 1 | 1 << 3; /* the next word, not the one after, the third */
}

void sample_elf64_fill(struct sample_elf64 *elf)
{
	memset(elf, 0, sizeof(*elf));
	fill_headers(elf);
	fill_relocations(elf);
}

/* ---- the judge ---- */

static bool contains(const struct elf64_segment *segment, uint64_t address)
{
	return address >= segment->virtual_address && address - segment->virtual_address < segment->memory_size;
}

const char *sample_elf64_judge(const struct elf64_layout *layout, uint64_t size)
{
	uint64_t end = 0; /* of the segments so far: the last byte */
	bool entry_found = false, dynamic_found = layout->dynamic == 0;

	if (layout->segment_count < 1 || layout->segment_count > ELF64_SEGMENT_MAX)
		return "number of segments";
	for (uint32_t i = 0; i < layout->segment_count; i++) {
		const struct elf64_segment *segment = &layout->segment[i];
		uint64_t last = segment->virtual_address + (segment->memory_size - 1);

		if (segment->memory_size == 0 || last < segment->virtual_address)
			return "memory of a segment";
		if (segment->physical_address + (segment->memory_size - 1) < segment->physical_address)
			return "physical memory of a segment";
		if (segment->file_size > segment->memory_size || segment->file_size > size ||
		        segment->file_offset > size - segment->file_size)
			return "bytes of a segment";
		if (i > 0 && segment->virtual_address <= end)
			return "order of the segments";
		end = last;
		entry_found |= contains(segment, layout->entry) && (segment->flags & PF_X);
		dynamic_found |= contains(segment, layout->dynamic);
	}
	if (layout->base != layout->segment[0].virtual_address || layout->base + (layout->size - 1) != end)
		return "extent";
	if (!entry_found)
		return "entry";
	if (!dynamic_found)
		return "dynamic section";
	return NULL;
}
