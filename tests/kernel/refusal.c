#include "refusal.h"

#include <stddef.h>
#include <stdint.h>

#include "unseal.h"

#define DR6_ANY    0xful
#define DR7_ENABLE 0x2ul /* of register 0, for all tasks; two bits each. Length and kind 0: execution of a byte */
#define RFLAGS_RF  (1ul << 16)

static refusal_decision *decision;
static trap_handler *others;

static uint64_t take_status(void)
{
	uint64_t status;

	__asm__ volatile("movq %%dr6, %0" : "=r"(status));
	__asm__ volatile("movq %0, %%dr6" ::"r"(0ul));
	return status;
}

/* The call returns NULL at once. */
static void refuse(struct trap_frame *f)
{
	const uint64_t *stack = (const uint64_t *)f->rsp;

	f->rip = *stack;
	f->rsp += sizeof(*stack);
	f->rax = 0;
}

static void handle_debug(struct trap_frame *f)
{
	if ((take_status() & DR6_ANY) == 0) {
		others(f);
		return;
	}
	f->rflags |= RFLAGS_RF; /* else it would stop here again */
	if (decision(f))
		refuse(f);
}

static void enable(uint64_t registers)
{
	__asm__ volatile("movq %0, %%dr7" ::"r"(registers));
}

void refusal_start(const void *const functions[REFUSAL_FUNCTIONS], refusal_decision *decide)
{
	uint64_t enabled = 0;

	for (unsigned int i = 0; i < REFUSAL_FUNCTIONS && functions[i] != NULL; i++)
		enabled |= DR7_ENABLE << 2 * i;
	decision = decide;
	if (others == NULL)
		others = unsealed_set_handler(TRAP_DEBUG, handle_debug);
	__asm__ volatile("movq %0, %%dr0" ::"r"(functions[0]));
	__asm__ volatile("movq %0, %%dr1" ::"r"(functions[1]));
	__asm__ volatile("movq %0, %%dr2" ::"r"(functions[2]));
	__asm__ volatile("movq %0, %%dr3" ::"r"(functions[3]));
	enable(enabled);
}

void refusal_end(void)
{
	enable(0);
}
