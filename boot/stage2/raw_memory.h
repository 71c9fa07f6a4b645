/* What the firmware says of memory, as it says it. memory_map.h makes something of it that can be believed. */
#ifndef STAGE2_RAW_MEMORY_H
#define STAGE2_RAW_MEMORY_H

#include <stdint.h>

#include "boot/boot_info.h"
#include "memory_map.h"

struct raw_memory {
	struct boot_raw_range range[MEMORY_RAW_MAX + 2]; /* and two that the loader adds */
	uint32_t count;
};

/*
 * Asks by E820h, else by E801h, else by 88h. Returns who answered; 0 if nobody did. However the firmware answers, this
 * ends: of a list that is too long or endless the first MEMORY_RAW_MAX different ranges are taken, and it is said.
 */
enum boot_memory_source raw_memory_ask(struct raw_memory *raw);

/* Where low memory ends: the least of what INT 12h and the BIOS's data area say. E820h may say less again. */
uint32_t raw_memory_low_end(void);

void raw_memory_add(struct raw_memory *raw, uint64_t base, uint64_t size, uint32_t type);

#endif
