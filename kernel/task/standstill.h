/*
 * Something that should not stay as it is: since when it does, and whether that was told.
 */
#ifndef TASK_STANDSTILL_H
#define TASK_STANDSTILL_H

#include <stdbool.h>
#include <stdint.h>

struct standstill {
	uint64_t count, since_ns;
	bool is_told;
};

/* [irq] True once: `count` has not changed for `limit_ns` while `stays`, each time it was looked at. */
static inline bool standstill_is_too_long(
        struct standstill *it, bool stays, uint64_t count, uint64_t now_ns, uint64_t limit_ns)
{
	if (!stays || it->since_ns == 0 || it->count != count) {
		*it = (struct standstill){count, stays ? now_ns : 0, false};
		return false;
	}
	if (it->is_told || now_ns - it->since_ns < limit_ns)
		return false;
	it->is_told = true;
	return true;
}

#endif
