#include "mm/address_sanitizer.h"

#ifdef SANITIZE_ADDRESS

#include <stdbool.h>
#include <stdint.h>

#include "core/owner.h"
#include "core/panic.h"
#include "core/symbols.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/memory_map.h"
#include "mm/region.h"
#include "paging.h"

#define GROUP     8u
#define FORBIDDEN 0xff /* as a signed number negative, so never more than an offset in a group */

static struct {
	uint64_t start; /* of the direct map */
	uint64_t size;  /* of what the shadow describes */
	int8_t *of;     /* by group: 0 all bytes, 1 to 7 only the first so many, negative none */
} shadow;

static bool reporting;

void address_sanitizer_start(const struct boot_info *info)
{
	uint64_t size = memory_map_ram_end(info);
	int8_t *memory = region_allocate(size / GROUP, "address sanitizer's shadow");

	if (memory == NULL)
		panic("No memory for the address sanitizer's shadow (%lu KiB).", size / GROUP / 1024);
	memset(memory, 0, size / GROUP);
	shadow.start = info->direct_map_virtual;
	shadow.of = memory;
	shadow.size = size;
}

static bool is_shadowed(uint64_t address, size_t size)
{
	return address - shadow.start < shadow.size && size <= shadow.size - (address - shadow.start);
}

static void set(const void *start, size_t groups, uint8_t value)
{
	uint64_t address = (uint64_t)start;

	if (is_shadowed(address, groups * GROUP))
		memset(shadow.of + (address - shadow.start) / GROUP, value, groups);
}

void address_sanitizer_forbid(const void *start, size_t size)
{
	set(start, (size + GROUP - 1) / GROUP, FORBIDDEN);
}

void address_sanitizer_allow(const void *start, size_t size)
{
	uint64_t end = (uint64_t)start + size;

	set(start, size / GROUP, 0);
	if (size % GROUP != 0 && is_shadowed(end, 1))
		shadow.of[(end - shadow.start) / GROUP] = (int8_t)(size % GROUP);
}

static bool may_touch(uint64_t address)
{
	int8_t allowed = shadow.of[(address - shadow.start) / GROUP];

	return allowed == 0 || (int8_t)(address % GROUP) < allowed;
}

static __attribute__((noinline)) void report(uint64_t address, size_t size, const char *doing, void *caller)
{
	char place[SYMBOLS_TEXT_MAX], what[DESCRIBER_TEXT_MAX];

	reporting = true; /* the report touches memory, too */
	panic("Address error: %s %zu byte%s at %016lx, which is %s, by %s.", doing, size, format_plural(size), address,
	        owner_describe(address, "memory that is not in use", what),
	        symbols_describe_caller((uint64_t)caller, place));
}

/* In each group the last byte that is touched decides: what is allowed of a group begins at its start. */
static inline void check(uint64_t address, size_t size, const char *doing, void *caller)
{
	if (size == 0 || !is_shadowed(address, size) || reporting)
		return;
	for (uint64_t last = address + size - 1, at = address;; at = (at | (GROUP - 1)) + 1) {
		uint64_t end_of_group = at | (GROUP - 1);
		uint64_t touched = end_of_group < last ? end_of_group : last;

		if (!may_touch(touched))
			report(at, size, doing, caller);
		if (touched == last)
			return;
	}
}

/* What the compiler calls (gcc: libsanitizer's interface for kernels, "outline" with recovery). */
#define ACCESS(name, doing, size)                                                                                      \
	void __asan_##name##_noabort(uint64_t address);                                                                \
	void __asan_##name##_noabort(uint64_t address)                                                                 \
	{                                                                                                              \
		check(address, size, doing, __builtin_return_address(0));                                              \
	}

ACCESS(load1, "reading", 1)
ACCESS(load2, "reading", 2)
ACCESS(load4, "reading", 4)
ACCESS(load8, "reading", 8)
ACCESS(load16, "reading", 16)
ACCESS(store1, "writing", 1)
ACCESS(store2, "writing", 2)
ACCESS(store4, "writing", 4)
ACCESS(store8, "writing", 8)
ACCESS(store16, "writing", 16)

void __asan_loadN_noabort(uint64_t address, size_t size);
void __asan_loadN_noabort(uint64_t address, size_t size)
{
	check(address, size, "reading", __builtin_return_address(0));
}

void __asan_storeN_noabort(uint64_t address, size_t size);
void __asan_storeN_noabort(uint64_t address, size_t size)
{
	check(address, size, "writing", __builtin_return_address(0));
}

/* Before a call that never comes back: stacks have no shadow here, so there is nothing to clean up. */
void __asan_handle_no_return(void);
void __asan_handle_no_return(void) {}

#endif
