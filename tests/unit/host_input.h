/*
 * What a person typed, as who reads it gets it.
 */
#ifndef TESTS_HOST_INPUT_H
#define TESTS_HOST_INPUT_H

#include <stdbool.h>

#include "dev/input.h"
#include "task/channel.h"

static inline bool host_input_take(struct key_event *event)
{
	uint64_t item;

	if (!channel_try_recv(&input_events, &item))
		return false;
	*event = input_event(item);
	return true;
}

#endif
