/*
 * ELF for x86-64, as far as Cairn reads it. Names and numbers are those of the System V gABI and its x86-64 supplement.
 */
#ifndef FORMAT_ELF64_H
#define FORMAT_ELF64_H

#include <stdint.h>

#define ELF_MAGIC   0x464c457fu /* 7f 'E' 'L' 'F' in memory order */
#define ELFCLASS64  2
#define ELFDATA2LSB 1
#define EV_CURRENT  1
#define ET_EXEC     2
#define ET_DYN      3
#define EM_X86_64   62

#define PT_LOAD    1u
#define PT_DYNAMIC 2u
#define PT_INTERP  3u

#define PF_X 1u
#define PF_W 2u
#define PF_R 4u

#define DT_NULL    0
#define DT_RELA    7
#define DT_RELASZ  8
#define DT_RELAENT 9
#define DT_RELR    36
#define DT_RELRSZ  35
#define DT_RELRENT 37
#define DT_REL     17
#define DT_JMPREL  23
#define DT_TEXTREL 22

#define R_X86_64_RELATIVE 8u

struct elf64_header {
	uint32_t magic;
	uint8_t class, data, version, abi, abi_version, pad[7];
	uint16_t type, machine;
	uint32_t file_version;
	uint64_t entry, program_offset, section_offset;
	uint32_t flags;
	uint16_t header_size, program_size, program_count, section_size, section_count, section_names;
};

struct elf64_program {
	uint32_t type, flags;
	uint64_t offset, virtual_address, physical_address, file_size, memory_size, align;
};

struct elf64_dynamic {
	int64_t tag;
	uint64_t value;
};

struct elf64_rela {
	uint64_t offset, info; /* info: type in the low 32 bits */
	int64_t addend;
};

_Static_assert(sizeof(struct elf64_header) == 64, "ELF header");
_Static_assert(sizeof(struct elf64_program) == 56, "program header");
_Static_assert(sizeof(struct elf64_dynamic) == 16, "dynamic entry");
_Static_assert(sizeof(struct elf64_rela) == 24, "relocation");

#endif
