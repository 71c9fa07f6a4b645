/*
 * What a CPU remembers of page tables: when an entry is taken away or changed, all CPUs have to forget it before the
 * memory behind it may be anything else. docs/smp.md has the steps, tests/models/shootdown.pml their proof.
 */
#ifndef CORE_SHOOTDOWN_H
#define CORE_SHOOTDOWN_H

#include <stdint.h>

/*
 * [irq] Page table entries for [address, address + size) of the kernel's half were changed, and this CPU has forgotten
 * them already. When this returns the others have, too. The caller holds no lock. With one CPU it does nothing.
 */
void shootdown(uint64_t address, uint64_t size);

#endif
