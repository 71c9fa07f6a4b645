#include "lib/elf64.h"

#include "format/elf64.h"
#include "lib/string.h"

static int refuse(const char **why, const char *reason)
{
	*why = reason;
	return -1;
}

/* ---- reading the headers ---- */

static bool inside(uint64_t offset, uint64_t length, uint64_t limit)
{
	return offset <= limit && length <= limit - offset;
}

static int check_header(const struct elf64_header *header, size_t size, const char **why)
{
	if (header->magic != ELF_MAGIC)
		return refuse(why, "not an ELF file");
	if (header->class != ELFCLASS64)
		return refuse(why, "not a 64-bit ELF file");
	if (header->data != ELFDATA2LSB || header->version != EV_CURRENT || header->file_version != EV_CURRENT)
		return refuse(why, "not a little-endian ELF file of version 1");
	if (header->machine != EM_X86_64)
		return refuse(why, "made for another machine than x86-64");
	if (header->type != ET_EXEC && header->type != ET_DYN)
		return refuse(why, "not an executable ELF file");
	if (header->program_count == 0)
		return refuse(why, "the ELF file has no program headers");
	if (header->program_size != sizeof(struct elf64_program))
		return refuse(why, "the ELF program headers have an unknown size");
	if (!inside(header->program_offset, (uint64_t)header->program_count * sizeof(struct elf64_program), size))
		return refuse(why, "the ELF file is cut off before the end of its program headers");
	return 0;
}

static int add_segment(struct elf64_layout *out, const struct elf64_program *program, size_t size, const char **why)
{
	struct elf64_segment *segment = &out->segment[out->segment_count];
	uint64_t previous_end = out->base + out->size;

	if (program->file_size > program->memory_size)
		return refuse(why, "a segment has more bytes in the file than in memory");
	if (!inside(program->offset, program->file_size, size))
		return refuse(why, "the ELF file is cut off before the end of a segment");
	if (program->memory_size == 0)
		return 0;
	if (program->virtual_address + program->memory_size < program->virtual_address ||
	        program->physical_address + program->memory_size < program->physical_address)
		return refuse(why, "a segment reaches past the end of the address space");
	if (out->segment_count == ELF64_SEGMENT_MAX)
		return refuse(why, "the ELF file has more than 8 loadable segments");
	if (out->segment_count > 0 && program->virtual_address < previous_end) {
		if (program->virtual_address + program->memory_size > segment[-1].virtual_address)
			return refuse(why, "two segments overlap in memory");
		return refuse(why, "the segments are not in ascending order");
	}
	if (out->segment_count == 0)
		out->base = program->virtual_address;
	out->size = program->virtual_address + program->memory_size - out->base;
	*segment = (struct elf64_segment){
	        .virtual_address = program->virtual_address,
	        .physical_address = program->physical_address,
	        .file_offset = program->offset,
	        .file_size = program->file_size,
	        .memory_size = program->memory_size,
	        .flags = program->flags & (PF_R | PF_W | PF_X),
	};
	out->segment_count++;
	return 0;
}

static const struct elf64_segment *find_segment(const struct elf64_layout *layout, uint64_t address)
{
	for (uint32_t i = 0; i < layout->segment_count; i++) {
		const struct elf64_segment *segment = &layout->segment[i];

		if (address - segment->virtual_address < segment->memory_size)
			return segment;
	}
	return NULL;
}

int elf64_parse(const void *file, size_t size, struct elf64_layout *out, const char **why)
{
	struct elf64_header header;
	const struct elf64_segment *of_entry;
	int error;

	memset(out, 0, sizeof(*out));
	if (size < sizeof(header))
		return refuse(why, "too short for an ELF file");
	memcpy(&header, file, sizeof(header));
	error = check_header(&header, size, why);
	if (error)
		return error;
	out->type = header.type;
	out->entry = header.entry;

	for (uint32_t i = 0; i < header.program_count; i++) {
		struct elf64_program program;

		memcpy(&program, (const uint8_t *)file + (size_t)header.program_offset + i * sizeof(program),
		        sizeof(program));
		if (program.type == PT_LOAD) {
			error = add_segment(out, &program, size, why);
			if (error)
				return error;
		} else if (program.type == PT_DYNAMIC) {
			if (out->dynamic)
				return refuse(why, "the ELF file has two dynamic sections");
			out->dynamic = program.virtual_address;
		} else if (program.type == PT_INTERP) {
			out->interpreter = true;
		}
	}

	if (out->segment_count == 0)
		return refuse(why, "the ELF file has no loadable segment");
	of_entry = find_segment(out, out->entry);
	if (!of_entry || !(of_entry->flags & PF_X))
		return refuse(why, "the entry point lies in no executable segment");
	if (out->dynamic && !find_segment(out, out->dynamic))
		return refuse(why, "the dynamic section lies in no loadable segment");
	return 0;
}

/* ---- relocating ---- */

struct relocation {
	uint8_t *image;
	uint64_t size, base, slide;
	const char **why;
};

/* Where `length` bytes linked at `address` lie, or NULL when not all of them are in the image. */
static uint8_t *locate(const struct relocation *r, uint64_t address, uint64_t length)
{
	uint64_t offset = address - r->base;

	return inside(offset, length, r->size) ? r->image + (size_t)offset : NULL;
}

static int apply_rela(const struct relocation *r, uint64_t address, uint64_t size)
{
	const uint8_t *table = locate(r, address, size);

	if (!table)
		return refuse(r->why, "the relocation table lies outside the image");
	if ((size_t)size % sizeof(struct elf64_rela) != 0)
		return refuse(r->why, "the relocation table ends inside an entry");
	for (size_t at = 0; at < (size_t)size; at += sizeof(struct elf64_rela)) {
		struct elf64_rela rela;
		uint64_t value;
		uint8_t *place;

		memcpy(&rela, table + at, sizeof(rela));
		if (rela.info != R_X86_64_RELATIVE) /* the upper half, a symbol's number, is 0 too */
			return refuse(r->why, "a relocation is not of type R_X86_64_RELATIVE");
		place = locate(r, rela.offset, sizeof(value));
		if (!place)
			return refuse(r->why, "a relocation points outside the image");
		value = (uint64_t)rela.addend + r->slide;
		memcpy(place, &value, sizeof(value));
	}
	return 0;
}

static int add_slide(const struct relocation *r, uint64_t address)
{
	uint8_t *place = locate(r, address, 8);
	uint64_t value;

	if (!place)
		return refuse(r->why, "a relocation points outside the image");
	memcpy(&value, place, sizeof(value));
	value += r->slide;
	memcpy(place, &value, sizeof(value));
	return 0;
}

/*
 * An even entry is an address to relocate; the next word to consider follows it. An odd entry is a bit map, bit 0
 * aside: bit n stands for the n-th word from there on, and 63 words are then done.
 */
static int apply_relr(const struct relocation *r, uint64_t address, uint64_t size)
{
	const uint8_t *table = locate(r, address, size);
	uint64_t next = 0;

	if (!table)
		return refuse(r->why, "the packed relocation table lies outside the image");
	if ((size_t)size % sizeof(uint64_t) != 0)
		return refuse(r->why, "the packed relocation table ends inside an entry");
	for (size_t at = 0; at < (size_t)size; at += sizeof(uint64_t)) {
		uint64_t entry;

		memcpy(&entry, table + at, sizeof(entry));
		if (!(entry & 1)) {
			if (add_slide(r, entry))
				return -1;
			next = entry + 8;
			continue;
		}
		for (uint64_t bits = entry >> 1, word = next; bits != 0; bits >>= 1, word += 8)
			if ((bits & 1) && add_slide(r, word))
				return -1;
		next += 63 * 8;
	}
	return 0;
}

int elf64_relocate(void *image, uint64_t image_size, uint64_t base, uint64_t dynamic, uint64_t slide, const char **why)
{
	struct relocation r = {.image = image, .size = image_size, .base = base, .slide = slide, .why = why};
	uint64_t rela = 0, rela_size = 0, rela_entry = sizeof(struct elf64_rela);
	uint64_t relr = 0, relr_size = 0, relr_entry = sizeof(uint64_t);
	struct elf64_dynamic entry;

	if (image_size != (size_t)image_size)
		return refuse(why, "the image is larger than the address space");
	do {
		const uint8_t *place = locate(&r, dynamic, sizeof(entry));

		if (!place)
			return refuse(why, "the dynamic section runs out of the image");
		memcpy(&entry, place, sizeof(entry));
		dynamic += sizeof(entry);
		switch (entry.tag) {
		case DT_RELA:
			rela = entry.value;
			break;
		case DT_RELASZ:
			rela_size = entry.value;
			break;
		case DT_RELAENT:
			rela_entry = entry.value;
			break;
		case DT_RELR:
			relr = entry.value;
			break;
		case DT_RELRSZ:
			relr_size = entry.value;
			break;
		case DT_RELRENT:
			relr_entry = entry.value;
			break;
		case DT_REL:
		case DT_JMPREL:
		case DT_TEXTREL:
			return refuse(why, "the image asks for relocations that are not supported");
		}
	} while (entry.tag != DT_NULL);

	if (rela_entry != sizeof(struct elf64_rela) || relr_entry != sizeof(uint64_t))
		return refuse(why, "the relocation entries have an unknown size");
	if (rela_size && apply_rela(&r, rela, rela_size))
		return -1;
	if (relr_size && apply_relr(&r, relr, relr_size))
		return -1;
	return 0;
}
