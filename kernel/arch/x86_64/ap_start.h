/*
 * The way of another CPU ("application processor") from its first instruction into C (Intel SDM volume 3, 9.4.4). Which
 * memory it gets, whom it waits for and what it does then is decided above (smp/start.c).
 */
#ifndef ARCH_AP_START_H
#define ARCH_AP_START_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "paging.h"

enum ap_state { AP_AWAITED = 1, AP_ARRIVED = 2, AP_GIVEN_UP = 3 };

/* What a CPU finds itself by, and what it needs to run C. */
struct ap_start {
	uint32_t apic_id;
	uint32_t state;  /* enum ap_state: changes once, by whoever is first */
	uint64_t stack;  /* its end, aligned to 16 */
	uint64_t percpu; /* its block (percpu.h) */
	void *context;
};

_Static_assert(sizeof(struct ap_start) == 32, "known to ap_trampoline.asm");
_Static_assert(offsetof(struct ap_start, state) == 4, "known to ap_trampoline.asm");
_Static_assert(offsetof(struct ap_start, stack) == 8, "known to ap_trampoline.asm");
_Static_assert(offsetof(struct ap_start, percpu) == 16, "known to ap_trampoline.asm");

/*
 * [thread] Writes the code for the start into a frame below 1 MiB and a top-level table into the one behind it, whose
 * number 32 bits can hold: CR3 has no more before long mode. `space` has that table as its root. The `count` CPUs run
 * `main(context)`, each on its stack, with GS set and interrupts off, and with these page tables: they map the kernel's
 * half and, for ever, the frame itself, since a CPU that was given up may still come. False if frames are missing.
 */
bool ap_start_prepare(const struct paging_space *space, uint64_t frame, struct ap_start *starts, uint32_t count,
        void (*main)(void *context));

/* [any] Where they begin, as LOCAL_APIC_STARTUP wants it. */
uint32_t ap_start_page(void);

/* [any] Has it come? */
bool ap_start_has_arrived(const struct ap_start *start);

/* [any] From now on it would not be let in any more; false if it has come. */
bool ap_start_give_up(struct ap_start *start);

/* [any] How many came that have no long mode, or no NX where the boot CPU has it, and halted. */
uint32_t ap_start_lacking(void);

/* For the assembly only. */
_Noreturn void ap_arrive(const struct ap_start *start);
extern struct ap_start *ap_starts;
extern uint32_t ap_start_count;
extern bool ap_by_x2apic;
extern const char ap_trampoline[], ap_trampoline_end[], ap_entry[];

#endif
