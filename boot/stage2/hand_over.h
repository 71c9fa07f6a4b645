/* The last steps: tells the kernel what was found (struct boot_info) and enters it. */
#ifndef STAGE2_HAND_OVER_H
#define STAGE2_HAND_OVER_H

#include <stdint.h>

#include "boot/boot_info.h"
#include "cpu.h"
#include "format/image.h"

/* At the start of enter_long.asm's page. */
struct hand_over {
	uint64_t entry, stack, info; /* virtual addresses */
	uint32_t page_table, efer;   /* for CR3; bits to set in EFER */
	uint32_t screen;             /* of the text line on which an early exception is said, 0: none */
	uint32_t cr4;                /* what it becomes */
	uint64_t picture, font;      /* virtual addresses of framebuffer and 8x16 font, to say it there; 0: none */
	uint32_t pitch, pixel;       /* bytes of a row of pixels, and of one */
	uint32_t columns, red;       /* of characters; what a red pixel holds */
};
_Static_assert(sizeof(struct hand_over) == 72, "enter_long.asm lays it out");
_Static_assert(offsetof(struct boot_info, notes.nmis) == 300, "enter_long.asm counts there");

/* enter_long.asm */
extern struct hand_over hand_over;
_Noreturn void enter_long(void);

/* Everything that main.c found out. */
struct findings {
	const struct cpu_features *cpu;
	const struct image_kernel *image;
	struct boot_kernel kernel;
	struct boot_drive drive;
	struct boot_notes notes;
	const char *command_line;
	const struct boot_module *modules;
	uint32_t module_count;
};

/* Makes the kernel's page tables and boot information, and enters it. */
_Noreturn void hand_over_to_kernel(struct findings *f);

#endif
