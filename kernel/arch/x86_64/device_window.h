/*
 * A window through which physical memory that is not RAM is reached before regions of memory can be made.
 */
#ifndef ARCH_DEVICE_WINDOW_H
#define ARCH_DEVICE_WINDOW_H

#include <stddef.h>
#include <stdint.h>

/* [init] Maps `size` bytes at a physical address, uncached, for ever; NULL if the window is full. */
void *device_window_map(uint64_t physical, size_t size);

#endif
