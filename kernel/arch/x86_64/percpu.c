#include "percpu.h"

#include "cpu.h"
#include "lib/string.h"
#include "linker.h"
#include "preempt.h"

static struct percpu_head head __attribute__((section(".percpu.head"))) = {.preempt = PREEMPT_NOT_WANTED};

uint64_t percpu_distances[CPUS_MAX];

size_t percpu_size(void)
{
	return (size_t)(linker_percpu_end - linker_percpu_start);
}

static struct percpu_head *make_block(uint32_t cpu, void *block)
{
	struct percpu_head *mine = memcpy(block, linker_percpu_start, percpu_size());

	mine->distance = (uint64_t)block - (uint64_t)linker_percpu_start;
	mine->cpu = cpu;
	percpu_distances[cpu] = mine->distance;
	return mine;
}

void percpu_start_boot_cpu(void)
{
	make_block(0, linker_percpu_boot);
	cpu_write_msr(CPU_MSR_GS_BASE, (uint64_t)linker_percpu_boot);
}

void percpu_make_block(uint32_t cpu, void *block, uint64_t canary)
{
	make_block(cpu, block)->canary = canary;
}

void percpu_drop_block(uint32_t cpu)
{
	percpu_distances[cpu] = 0;
}

void percpu_set_canary(uint64_t canary)
{
	percpu(head)->canary = canary;
}
