#include "dev/display.h"

#include <stddef.h>

#include "linker.h"

static SEALED struct display *first;

void display_register(struct display *display)
{
	if (first == NULL)
		first = display;
}

struct display *display_first(void)
{
	return first;
}
