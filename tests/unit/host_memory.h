/*
 * A machine's RAM on the host, for the frame allocator and what stands on it: paging.h's direct map leads into memory
 * of this process, and the frame database is there from the start.
 */
#ifndef TESTS_HOST_MEMORY_H
#define TESTS_HOST_MEMORY_H

#include <stdint.h>

/* Lets frames_start() have that much RAM, laid out as in a PC. Once per process. Only what is touched costs anything.
 */
void host_memory_start(uint64_t mib);

#endif
