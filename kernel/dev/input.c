#include "dev/input.h"

#include "task/channel.h"

#define EVENTS 64 /* what is typed faster waits in the drivers' rings */

CHANNEL(input_events, EVENTS);
