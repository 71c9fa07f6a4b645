#include "core/stack_protector.h"

#include "core/panic.h"
#include "core/random.h"
#include "core/symbols.h"
#include "percpu.h"

/* The lowest byte, which stands first in memory, is zero: a string that runs over cannot write it and go on. */
void stack_protector_start(void)
{
	percpu_set_canary(random_u64() & ~0xffull);
}

void __stack_chk_fail(void)
{
	char text[SYMBOLS_TEXT_MAX];

	panic("The stack was overwritten: an array of the function at %s ran over its end.",
	        symbols_describe_caller((uint64_t)__builtin_return_address(0), text));
}
