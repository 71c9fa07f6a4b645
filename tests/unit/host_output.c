#include "host_output.h"

#include <stdint.h>
#include <string.h>

char host_printed[2000];

static void keep(struct command_output *output, const char *text, size_t length)
{
	size_t room = sizeof(host_printed) - 1 - strlen(host_printed);

	(void)output;
	strncat(host_printed, text, length < room ? length : room);
}

struct command_output host_output = {.write = keep};

int host_output_run(const char *const words[])
{
	unsigned int count = 0;

	while (words[count] != NULL)
		count++;
	host_printed[0] = '\0';
	return command_find(words[0])->run(&host_output, count, (char *const *)(uintptr_t)words);
}
