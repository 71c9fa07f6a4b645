/*
 * Describers (core/describer.h) of addresses that need no allocator: null, programs' half, non-canonical addresses, the
 * kernel's image and the stack it was started on.
 */
#ifndef CORE_PLACES_H
#define CORE_PLACES_H

#include "boot/boot_info.h"

/* [init] */
void places_start(const struct boot_info *info);

#endif
