/*
 * Reads and relocates ELF files for x86-64 (System V gABI, chapters 4 and 5). Knows no policy: what a kernel may look
 * like is decided by who asks. Every byte of the file is taken for hostile.
 */
#ifndef LIB_ELF64_H
#define LIB_ELF64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ELF64_SEGMENT_MAX 8u

/* A PT_LOAD program header. Its bytes lie in the file, its memory does not wrap around. */
struct elf64_segment {
	uint64_t virtual_address;
	uint64_t physical_address;
	uint64_t file_offset; /* bytes */
	uint64_t file_size;
	uint64_t memory_size; /* at least file_size, never 0 */
	uint32_t flags;       /* PF_R, PF_W, PF_X */
};

struct elf64_layout {
	uint16_t type;    /* ET_EXEC or ET_DYN; says little, see `dynamic` */
	bool interpreter; /* asks for a dynamic linker */
	uint64_t entry;   /* virtual address, inside an executable segment */
	uint64_t dynamic; /* virtual address of the dynamic section, inside a segment; 0: none, the file cannot be moved
	                   */
	uint64_t base;    /* lowest virtual address of any segment */
	uint64_t size;    /* bytes from there to the end of the highest */
	uint32_t segment_count;
	struct elf64_segment segment[ELF64_SEGMENT_MAX]; /* ascending, disjoint */
};

/*
 * [any] Fills `out` from the `size` bytes at `file`, which may be unaligned. Returns 0; or -1 with *why set to a
 * sentence that lives for ever, and `out` undefined.
 */
int elf64_parse(const void *file, size_t size, struct elf64_layout *out, const char **why);

/*
 * [any] Adds `slide` to every address that a position-independent image holds. `image` is the memory of `image_size`
 * bytes into which the segments were loaded, its first byte being linked at `base`; `dynamic` is the linked address of
 * the dynamic section. Applies R_X86_64_RELATIVE (DT_RELA) and DT_RELR and knows no other; touches nothing outside
 * `image`. Returns 0; or -1 with *why set to a sentence, and the image spoiled.
 */
int elf64_relocate(void *image, uint64_t image_size, uint64_t base, uint64_t dynamic, uint64_t slide, const char **why);

#endif
