/* A small position-independent kernel as an ELF file, to be bent by tests, and an independent judge of what is read
 * from it. */
#ifndef UNIT_SAMPLE_ELF64_H
#define UNIT_SAMPLE_ELF64_H

#include <stddef.h>
#include <stdint.h>

#include "format/elf64.h"
#include "lib/elf64.h"

#define SAMPLE_ELF64_BASE  0xffffffff80000000u
#define SAMPLE_ELF64_SIZE  0x2400u /* bytes of file; the last segment ends with it */
#define SAMPLE_ELF64_SPAN  0x4000u /* bytes of memory from the base */
#define SAMPLE_ELF64_RELA  0x800u  /* offsets from the base, and in the file: the tables, */
#define SAMPLE_ELF64_RELR  0xa00u
#define SAMPLE_ELF64_TEXT  0x1000u /* the second segment, */
#define SAMPLE_ELF64_DATA  0x2000u /* the third, which begins with the dynamic section, */
#define SAMPLE_ELF64_WORDS 0x2200u /* and 64 words in it, word i holding its own linked address */

/* Program headers 0 to 2 are loaded, 3 is the dynamic section, there is room for 12. */
struct sample_elf64 {
	_Alignas(8) uint8_t bytes[SAMPLE_ELF64_SIZE];
};

/* Two RELA entries, for words 0 and 1, and two RELR entries, for words 2 and 3, 5. */
void sample_elf64_fill(struct sample_elf64 *elf);

struct elf64_header *sample_elf64_header(struct sample_elf64 *elf);
struct elf64_program *sample_elf64_program(struct sample_elf64 *elf, unsigned number);
struct elf64_dynamic *sample_elf64_dynamic(struct sample_elf64 *elf, int64_t tag);

/* NULL, or what elf64_parse() should not have let pass in a file of `size` bytes. */
const char *sample_elf64_judge(const struct elf64_layout *layout, uint64_t size);

#endif
