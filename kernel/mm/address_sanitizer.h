/*
 * `make SANITIZE=address`: the compiler puts a call before every access to memory, and here is what it calls. Every
 * eight bytes of RAM have one byte of shadow, which says how many of them may be touched. The frame allocator and the
 * heap forbid what was freed and allow what they give out. In other builds all this is nothing.
 */
#ifndef MM_ADDRESS_SANITIZER_H
#define MM_ADDRESS_SANITIZER_H

#include <stddef.h>

#include "boot/boot_info.h"

#ifdef SANITIZE_ADDRESS

/* [init] Takes memory for the shadow (an eighth of RAM). Until then everything is allowed. */
void address_sanitizer_start(const struct boot_info *info);

/*
 * [irq] From now on a touch of [start, start + size) is a panic, or no longer. Both are of the direct map; `start` is a
 * multiple of 8. Forbidden are whole groups of eight bytes; of the last group allowed, just the bytes that belong to
 * it.
 */
void address_sanitizer_forbid(const void *start, size_t size);
void address_sanitizer_allow(const void *start, size_t size);

#else

static inline void address_sanitizer_start(const struct boot_info *info)
{
	(void)info;
}

static inline void address_sanitizer_forbid(const void *start, size_t size)
{
	(void)start;
	(void)size;
}

static inline void address_sanitizer_allow(const void *start, size_t size)
{
	(void)start;
	(void)size;
}

#endif

#endif
