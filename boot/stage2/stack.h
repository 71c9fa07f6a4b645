/* The stack's end, below which nothing may be written: BIOSes take their share of it, too. */
#ifndef STAGE2_STACK_H
#define STAGE2_STACK_H

/* Writes the canary. Call first. */
void stack_guard(void);

/* Ends the boot if the stack has grown into its limit. Call after anything deep. */
void stack_check(void);

#endif
