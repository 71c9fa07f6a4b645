#include "backtrace.h"

#include "paging.h"
#include "trap.h"

/* A chain climbs its stack; where a trap came on another stack it may go down, once for each trap inside a trap. */
#define SWITCHES_MAX 4

/* What `push rbp; mov rbp, rsp` leaves. */
struct stack_frame {
	uint64_t rbp;
	uint64_t return_address;
};

bool backtrace_next(struct backtrace *trace)
{
	const struct stack_frame *frame = (const struct stack_frame *)trace->rbp;

	if (trace->rbp % 8 != 0 || !paging_can_read(trace->rbp, sizeof(*frame)) || frame->return_address == 0)
		return false;
	trace->interrupted = trace->address == (uint64_t)trap_returned;
	trace->address = frame->return_address;
	if (frame->rbp == trace->rbp || (frame->rbp < trace->rbp && trace->switches++ == SWITCHES_MAX))
		trace->rbp = 0;
	else
		trace->rbp = frame->rbp;
	return true;
}
