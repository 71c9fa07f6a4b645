/*
 * Says in words what an address of the direct map or of the frame database is (core/describer.h).
 */
#ifndef MM_MEMORY_PLACES_H
#define MM_MEMORY_PLACES_H

#include "boot/boot_info.h"

/* [init] From now on they are described. */
void memory_places_start(const struct boot_info *info);

#endif
