/*
 * Threads with vector registers of their own. The kernel's own code must not touch them: what does so here is in
 * functions whose names tools/check_code knows.
 */
#include "kernel_test.h"

#include "first_cpu.h"

#include "abi/errno.h"
#include "cpu.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "task/executor.h"
#include "task/scheduler.h"
#include "threads.h"
#include "vector_state.h"

#define REGISTERS 16
#define THREADS   3
#define ROUNDS    50

static __attribute__((noinline)) void vector_state_fill(const uint64_t values[REGISTERS][2])
{
	__asm__ volatile("movdqu (%0), %%xmm0\n\tmovdqu 0x70(%0), %%xmm7\n\tmovdqu 0x80(%0), %%xmm8\n\t"
	                 "movdqu 0xf0(%0), %%xmm15\n\tfldpi" ::"r"(values)
	                 : "memory");
}

static __attribute__((noinline)) void vector_state_look(uint64_t values[REGISTERS][2])
{
	__asm__ volatile("movdqu %%xmm0, (%0)\n\tmovdqu %%xmm7, 0x70(%0)\n\tmovdqu %%xmm8, 0x80(%0)\n\t"
	                 "movdqu %%xmm15, 0xf0(%0)" ::"r"(values)
	                 : "memory");
}

/* The upper half of YMM3. */
static __attribute__((noinline)) void vector_state_fill_upper(const uint64_t values[4])
{
	__asm__ volatile("vmovdqu (%0), %%ymm3" ::"r"(values) : "memory");
}

static __attribute__((noinline)) void vector_state_look_upper(uint64_t values[4])
{
	__asm__ volatile("vmovdqu %%ymm3, (%0)" ::"r"(values) : "memory");
}

static __attribute__((noinline)) uint32_t vector_state_mxcsr(void)
{
	uint32_t value;

	__asm__ volatile("stmxcsr %0" : "=m"(value));
	return value;
}

/* By XCR0's leaf: what this CPU may enable. */
static bool has_avx(void)
{
	return (cpu_cpuid(1, 0).ecx >> 26 & 1) && (cpu_cpuid(0xd, 0).eax & 4);
}

static intptr_t keep(void *argument)
{
	uint64_t mine[REGISTERS][2], seen[REGISTERS][2], upper[4], seen_upper[4];
	bool avx = has_avx();

	if (thread_use_vectors() != 0 || vector_state_mxcsr() != 0x1f80)
		return -EIO;
	for (unsigned int round = 0; round < ROUNDS; round++) {
		memset(mine, (int)((uintptr_t)argument * 64 + round), sizeof(mine));
		memset(upper, (int)((uintptr_t)argument * 32 + round), sizeof(upper));
		memcpy(seen, mine, sizeof(seen));
		memcpy(seen_upper, upper, sizeof(upper));
		vector_state_fill(mine);
		if (avx)
			vector_state_fill_upper(upper);
		scheduler_yield();
		if (avx)
			vector_state_look_upper(seen_upper);
		vector_state_look(seen);
		if (memcmp(seen, mine, sizeof(seen)) != 0 || memcmp(seen_upper, upper, sizeof(upper)) != 0)
			return round + 1;
	}
	return 0;
}

static intptr_t have_none(void *argument)
{
	(void)argument;
	for (unsigned int round = 0; round < ROUNDS; round++)
		scheduler_yield();
	return 0;
}

static struct thread *threads[THREADS + 1];

/* From above, so that all are there before the first one runs; then one after the other. */
static intptr_t create_all(void *argument)
{
	(void)argument;
	for (uintptr_t i = 0; i <= THREADS; i++)
		threads[i] = thread_create_here(.name = "vectors", .run = i < THREADS ? keep : have_none,
		        .argument = (void *)i, .priority = THREAD_REAL_TIME);
	return 0;
}

/* A debug heap keeps what was freed for a while. */
static uint64_t blocks_in_use(void)
{
#ifdef DEBUG
	return 0;
#else
	return heap_count().blocks;
#endif
}

KERNEL_TEST(thread_vectors)
{
	struct thread *creator =
	        thread_create_here(.name = "creator", .run = create_all, .priority = THREAD_PRIORITIES - 1);
	uint64_t blocks;

	EXPECT(creator != NULL && join(creator) == 0);
	for (unsigned int i = 0; i <= THREADS; i++)
		EXPECT(threads[i] != NULL && join(threads[i]) == 0);
	blocks = blocks_in_use();
	creator = thread_create_here(.name = "creator", .run = create_all, .priority = THREAD_PRIORITIES - 1);
	EXPECT(creator != NULL && join(creator) == 0);
	for (unsigned int i = 0; i <= THREADS; i++)
		EXPECT(threads[i] != NULL && join(threads[i]) == 0);
	EXPECT(blocks_in_use() == blocks);
}
