#include "backtrace.h"

#include "paging.h"

/* What `push rbp; mov rbp, rsp` leaves. */
struct stack_frame {
	uint64_t rbp;
	uint64_t return_address;
};

size_t backtrace_walk(uint64_t rbp, uint64_t *addresses, size_t count)
{
	size_t depth = 0;

	while (depth < count && rbp % 8 == 0 && paging_can_read(rbp, sizeof(struct stack_frame))) {
		const struct stack_frame *frame = (const struct stack_frame *)rbp;

		if (frame->return_address == 0)
			break;
		addresses[depth++] = frame->return_address;
		if (frame->rbp <= rbp)
			break;
		rbp = frame->rbp;
	}
	return depth;
}
