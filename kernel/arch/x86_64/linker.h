/*
 * The symbols kernel.ld defines. Only their addresses mean something.
 */
#ifndef ARCH_LINKER_H
#define ARCH_LINKER_H

extern const char linker_image_start[], linker_text_end[];
extern const char linker_rodata_start[], linker_rodata_end[];
extern const char linker_data_start[], linker_image_end[];

/* What each CPU's block begins as, and the block of the boot CPU. */
extern const char linker_percpu_start[], linker_percpu_end[];
extern char linker_percpu_boot[];

/*
 * A variable that nobody writes after the kernel has started: descriptor tables, tables of functions. It begins as
 * zero; kernel_map_seal() makes its page read-only.
 */
#define SEALED __attribute__((section(".bss.sealed")))
extern const char linker_sealed_start[], linker_sealed_end[];

/*
 * A table whose elements stand in many files, each put into the section by the macro in the element's own header:
 * linker_NAME_start is the first element, linker_NAME_end is behind the last.
 */
#define LINKER_TABLE(type, name) extern const type linker_##name##_start[], linker_##name##_end[]

#endif
