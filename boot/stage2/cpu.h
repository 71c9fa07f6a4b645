/* What the CPU can do, and what the kernel's world needs of it. */
#ifndef STAGE2_CPU_H
#define STAGE2_CPU_H

#include <stdbool.h>
#include <stdint.h>

struct cpu_features {
	bool no_execute;  /* NX in page tables */
	bool giant_pages; /* 1 GiB pages */
	bool rdrand, rdseed;
	uint32_t cr4; /* its bits for machine checks, SMEP, SMAP and UMIP, as far as there are these */
};

/* Ends the boot with a sentence if this CPU has no 64-bit mode. */
const struct cpu_features *cpu_check(void);

/* Gives page table entries that are written through another meaning: writes to them are combined (PAT). */
void cpu_combine_writes(void);

#endif
