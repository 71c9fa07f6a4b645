#include "switch.h"

/* What switch_stacks() takes off, and behind it what switch_begin() does. */
struct pushed {
	uint64_t rbp;
	uint64_t return_address;
	uint64_t begin;
};

_Static_assert(sizeof(struct pushed) == 3 * 8, "known to switch.asm");

void switch_prepare(struct switch_context *context, uint64_t top, void (*begin)(void))
{
	struct pushed *pushed = (struct pushed *)(top - sizeof(*pushed));

	*pushed = (struct pushed){.return_address = (uint64_t)switch_begin, .begin = (uint64_t)begin};
	context->stack = (uint64_t)pushed;
}
