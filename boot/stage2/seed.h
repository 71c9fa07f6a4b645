/* 32 random bytes for the kernel's random source. */
#ifndef STAGE2_SEED_H
#define STAGE2_SEED_H

#include <stdint.h>

#include "cpu.h"

/* Fills in the seed; returns where it came from (enum boot_seed_source, or-ed). */
uint32_t seed_make(const struct cpu_features *cpu, uint8_t seed[32]);

#endif
