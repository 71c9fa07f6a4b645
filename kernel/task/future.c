#include "task/future.h"

void async_bad_line(const struct future *future)
{
	panic("%s (%s) is to go on at line %u, where it never waits: its frame was overwritten.", future->type->name,
	        future->type->file, future->line);
}

#ifdef DEBUG
void future_check_frame(struct future *future, const struct future_type *type)
{
	if (future->type == type && future_is_pending(future))
		panic("A frame is used for a new future while the old one waits: %s (%s), at line %u.",
		        future->type->name, future->type->file, future->line);
}
#endif
