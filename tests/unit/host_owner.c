/* Whose an address is, for panics on the host: no describer faults there, so nothing needs to be caught. */
#include "core/owner.h"

const char *owner_describe(uint64_t address, const char *otherwise, char text[DESCRIBER_TEXT_MAX])
{
	return describer_ask(address, text) ? text : otherwise;
}
