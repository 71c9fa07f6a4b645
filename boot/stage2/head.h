/* What the head leaves for the rest of stage 2. */
#ifndef STAGE2_HEAD_H
#define STAGE2_HEAD_H

#include <stdint.h>

/* What stage 1 leaves at STAGE1_REPORT (boot/stage1.asm: DRIVE to COPY). */
struct stage1_report {
	uint8_t drive;
	uint8_t error, status; /* its first failure, 0 if none */
	uint8_t copy;          /* 0: the head is copy A, 4: copy B */
};

struct image_header;
struct image_stage2_patch;

/* Where to find the headers. */
const struct image_stage2_patch *head_patch(void);

/* The head's C code: from protected mode to the rest of stage 2. */
_Noreturn void head_main(void);

/* The rest (main.c). */
_Noreturn void stage2_main(const struct stage1_report *stage1, const struct image_header *header);

#endif
