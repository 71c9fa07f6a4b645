/*
 * The stack protector: the compiler puts a secret number, the canary, between a function's arrays and its return
 * address, and looks before returning whether it is still there.
 */
#ifndef CORE_STACK_PROTECTOR_H
#define CORE_STACK_PROTECTOR_H

/* [init] Gives this CPU a canary of this boot. No caller may return afterwards, but who is compiled without canary. */
void stack_protector_start(void);

/* Where the compiler goes when the canary has died. */
_Noreturn void __stack_chk_fail(void);

#endif
