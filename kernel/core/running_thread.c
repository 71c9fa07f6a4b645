#include "core/running_thread.h"

#include <stddef.h>

#include "linker.h"

static SEALED const char *(*name_of_it)(void);

void running_thread_start(const char *(*name)(void))
{
	name_of_it = name;
}

const char *running_thread_name(void)
{
	return name_of_it != NULL ? name_of_it() : NULL;
}
