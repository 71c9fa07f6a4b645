#include "percpu.h"

#include "cpu.h"
#include "linker.h"

/* Of the boot CPU, and the first bytes of what other CPUs copy. */
static struct percpu_head head __attribute__((section(".percpu.head")));

void percpu_start_boot_cpu(void)
{
	cpu_write_msr(CPU_MSR_GS_BASE, (uint64_t)linker_percpu_start);
}

void percpu_set_canary(uint64_t canary)
{
	percpu(head)->canary = canary;
}
