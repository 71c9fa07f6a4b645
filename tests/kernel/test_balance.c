/*
 * Threads that go from CPU to CPU: because they are told to, because another CPU has nothing to do, or because they are
 * woken where somebody else runs. Where a thread may not run it is never seen, no wake is lost on the way, and all that
 * it had it has still.
 */
#include "kernel_test.h"

#include "abi/errno.h"
#include "core/cpus.h"
#include "core/log.h"
#include "core/random.h"
#include "cpu.h"
#include "everywhere.h"
#include "lib/string.h"
#include "task/executor.h"
#include "task/mutex.h"
#include "task/scheduler.h"
#include "task/semaphore.h"
#include "task/sleep.h"
#include "task/task.h"
#include "task/thread.h"
#include "task/thread_stack.h"
#include "threads.h"

#define MS     1000000ull
#define VISITS 200
#define PAIRS  6
#define TURNS  300
#define MOVES  2000

static void nothing(void) {}

/* Nobody is on the way to any CPU. */
static bool all_have_come(void)
{
	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		if (cpus_is_online(cpu) && __atomic_load_n(&scheduler_on(cpu)->coming, __ATOMIC_RELAXED) != 0)
			return false;
	}
	return true;
}

/* What is over gives back its stack only when the next one runs there. */
static bool counts_come_back(unsigned int alive, unsigned int stacks)
{
	for (unsigned int i = 0; i < 5000; i++) {
		struct sleep sleep;

		everywhere_run(nothing);
		if (threads_alive() == alive && thread_stack_count() == stacks && all_have_come())
			return true;
		block_on(sleep_for(&sleep, MS));
	}
	log_info("(%u threads of %u, %u stacks of %u) ", threads_alive(), alive, thread_stack_count(), stacks);
	return false;
}

static struct cpu_set only(uint32_t cpu)
{
	struct cpu_set set = {0};

	cpu_set_add(&set, cpu);
	return set;
}

static struct cpu_set all(void)
{
	struct cpu_set set;

	memset(&set, 0xff, sizeof(set));
	return set;
}

/* All CPUs that are online have consecutive numbers in these tests' machines. */
static uint32_t any_below(uint64_t *dice, uint32_t limit)
{
	*dice = *dice * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(*dice >> 33) % limit;
}

static uint32_t any_cpu(uint64_t *dice)
{
	return any_below(dice, cpus_online());
}

/* ---- one that is told where to go -------------------------------------------------------------------------------- */

static __attribute__((noinline)) void vector_state_put(uint64_t value)
{
	__asm__ volatile("movq %0, %%xmm5" ::"r"(value));
}

static __attribute__((noinline)) uint64_t vector_state_get(void)
{
	uint64_t value;

	__asm__ volatile("movq %%xmm5, %0" : "=r"(value));
	return value;
}

/* 0, or how many things were not as they should be. */
static intptr_t travel(void *argument)
{
	uint64_t dice = (uint64_t)(uintptr_t)argument;
	intptr_t wrong = thread_use_vectors();

	for (unsigned int i = 0; i < VISITS; i++) {
		uint32_t cpu = any_cpu(&dice);
		struct cpu_set there = only(cpu);

		vector_state_put(dice);
		wrong += thread_set_affinity(thread_current(), &there) != 0;
		wrong += percpu_cpu() != cpu || percpu_canary() != thread_current()->context.canary;
		wrong += vector_state_get() != dice;
		scheduler_yield();
		wrong += percpu_cpu() != cpu;
	}
	return wrong;
}

KERNEL_TEST(smp_balance_travellers)
{
	unsigned int alive, stacks;
	struct thread *threads[PAIRS];
	uint64_t seed = random_u64();

	everywhere_start(info);
	everywhere_run(nothing);
	alive = threads_alive();
	stacks = thread_stack_count();
	log_info("(seed %lx) ", seed);
	for (unsigned int i = 0; i < PAIRS; i++)
		threads[i] = thread_create(.name = "traveller", .run = travel, .argument = (void *)(seed + i));
	for (unsigned int i = 0; i < PAIRS; i++)
		EXPECT(join(threads[i]) == 0);
	EXPECT(counts_come_back(alive, stacks));
}

static intptr_t say_where(void *argument)
{
	(void)argument;
	return (intptr_t)percpu_cpu();
}

KERNEL_TEST(smp_balance_plans_and_refusals)
{
	struct cpu_set nowhere = {0}, here = only(0);

	everywhere_start(info);
	for (uint32_t cpu = 0; cpu < cpus_online(); cpu++) {
		struct cpu_set there = only(cpu);

		EXPECT(join(thread_create(.name = "where", .run = say_where, .affinity = &there)) == (intptr_t)cpu);
	}
	EXPECT(thread_set_affinity(thread_current(), &here) == -EINVAL); /* an executor's */
	struct thread *thread = thread_create(.name = "where", .run = say_where);
	EXPECT(thread_set_affinity(thread, &nowhere) == -EINVAL);
	join(thread);
}

/* ---- those who are woken on the way ------------------------------------------------------------------------------ */

static struct semaphore pings[PAIRS], pongs[PAIRS];

static intptr_t ping(void *argument)
{
	uintptr_t pair = (uintptr_t)argument / 2;
	bool first = (uintptr_t)argument % 2 == 0;

	for (unsigned int i = 0; i < TURNS; i++) {
		struct semaphore_acquire acquire = {.semaphore = NULL};

		if (first)
			semaphore_release(&pings[pair]);
		block_on(semaphore_acquire(&acquire, first ? &pongs[pair] : &pings[pair]));
		if (!first)
			semaphore_release(&pongs[pair]);
	}
	return 0;
}

/* A lost wake-up is a test that never ends. */
KERNEL_TEST(smp_balance_no_wake_is_lost)
{
	struct thread *threads[2 * PAIRS];
	unsigned int alive, stacks;
	uint64_t dice = random_u64();

	everywhere_start(info);
	everywhere_run(nothing);
	alive = threads_alive();
	stacks = thread_stack_count();
	log_info("(seed %lx) ", dice);
	for (uintptr_t i = 0; i < PAIRS; i++) {
		semaphore_start(&pings[i], "ping", 0);
		semaphore_start(&pongs[i], "pong", 0);
	}
	for (uintptr_t i = 0; i < 2 * PAIRS; i++)
		threads[i] = thread_create(.name = "player", .run = ping, .argument = (void *)i);
	for (unsigned int i = 0; i < MOVES; i++) {
		struct cpu_set there = only(any_cpu(&dice));
		struct sleep sleep;

		if (any_cpu(&dice) == 0)
			there = all();
		EXPECT(thread_set_affinity(threads[i % (2 * PAIRS)], &there) == 0);
		if (i % 16 == 0)
			block_on(sleep_for(&sleep, MS / 4));
	}
	for (unsigned int i = 0; i < 2 * PAIRS; i++)
		EXPECT(join(threads[i]) == 0);
	EXPECT(counts_come_back(alive, stacks));
}

/* ---- CPUs that have nothing to do -------------------------------------------------------------------------------- */

static struct cpu_set seen;
static bool is_over;

static bool all_seen(void)
{
	for (uint32_t cpu = 0; cpu < cpus_online(); cpu++) {
		if (!(__atomic_load_n(&seen.words[cpu / 64], __ATOMIC_RELAXED) >> cpu % 64 & 1))
			return false;
	}
	return true;
}

static intptr_t spin(void *argument)
{
	(void)argument;
	while (!__atomic_load_n(&is_over, __ATOMIC_RELAXED)) {
		uint32_t cpu = percpu_cpu();

		__atomic_fetch_or(&seen.words[cpu / 64], 1ull << cpu % 64, __ATOMIC_RELAXED);
	}
	return 0;
}

/* They begin on CPU 0, where they have to stay at first; then each CPU gets one, without anybody being woken. */
KERNEL_TEST(smp_balance_idle_cpus_steal)
{
	struct cpu_set here = only(0), anywhere = all();
	struct thread *threads[16];
	unsigned int times = 0;

	NEEDS_OTHERS(info);
	uint32_t count = cpus_online() < 16 ? cpus_online() : 16;
	is_over = false;
	seen = (struct cpu_set){0};
	for (uint32_t i = 0; i < count; i++)
		threads[i] = thread_create(.name = "spinner", .run = spin, .affinity = &here);
	for (unsigned int i = 0; i < 20; i++) {
		struct sleep sleep;

		block_on(sleep_for(&sleep, MS));
	}
	EXPECT(seen.words[0] == 1);
	for (uint32_t i = 0; i < count; i++)
		thread_set_affinity(threads[i], &anywhere);
	while (!all_seen() && times++ < 5000) {
		struct sleep sleep;

		block_on(sleep_for(&sleep, MS));
	}
	__atomic_store_n(&is_over, true, __ATOMIC_RELAXED);
	for (uint32_t i = 0; i < count; i++)
		join(threads[i]);
	EXPECT(all_seen());
}

static unsigned int began[CPUS_MAX]; /* how many on each CPU */

static intptr_t spin_where_it_began(void *argument)
{
	__atomic_fetch_add(&began[percpu_cpu()], 1, __ATOMIC_RELAXED);
	return spin(argument);
}

/* More of them than CPUs: nobody is idle when the later ones are made, and no CPU is left alone with one. */
KERNEL_TEST(smp_balance_new_threads_spread)
{
	struct thread *threads[48];
	unsigned int times = 0, all_began = 0, alive, stacks;

	NEEDS_OTHERS(info);
	everywhere_run(nothing);
	alive = threads_alive();
	stacks = thread_stack_count();
	uint32_t cpus = cpus_online() < 16 ? cpus_online() : 16, count = 3 * cpus;
	is_over = false;
	memset(began, 0, sizeof(began));
	for (uint32_t i = 0; i < count; i++)
		threads[i] = thread_create(.name = "spinner", .run = spin_where_it_began);
	while (all_began < count && times++ < 5000) {
		struct sleep sleep;

		block_on(sleep_for(&sleep, MS));
		all_began = 0;
		for (uint32_t cpu = 0; cpu < cpus_online(); cpu++)
			all_began += __atomic_load_n(&began[cpu], __ATOMIC_RELAXED);
	}
	__atomic_store_n(&is_over, true, __ATOMIC_RELAXED);
	for (uint32_t i = 0; i < count; i++)
		join(threads[i]);
	EXPECT(all_began == count);
	EXPECT(counts_come_back(alive, stacks));
	for (uint32_t cpu = 0; cpu < cpus; cpu++)
		EXPECT(began[cpu] >= 2 && began[cpu] <= 5);
}

/* ---- one that is asked, and has something else to do ------------------------------------------------------------- */

#define OFFERS 150u
#define LOST   (20000 * MS) /* plenty: what is lost here waits for ever */

/*
 * On the boot CPU a real-time thread makes a fair one wait, so that an idle CPU is asked to take it; at about that
 * moment CPU 1 has somebody of its own to wake. The third is idle all the time.
 */
static struct {
	struct thread *moved;
	uint32_t begun, done, free;
	uint64_t when, runs;
	bool is_over;
} offers;

/* Spins; and after each beginning of a turn on the boot CPU may go everywhere again. */
static intptr_t be_moved(void *argument)
{
	const struct cpu_set everywhere = all();

	(void)argument;
	while (!__atomic_load_n(&offers.is_over, __ATOMIC_RELAXED)) {
		uint32_t begun = __atomic_load_n(&offers.begun, __ATOMIC_ACQUIRE);

		__atomic_fetch_add(&offers.runs, 1, __ATOMIC_RELAXED);
		if (begun == offers.free || percpu_cpu() != 0)
			continue;
		thread_set_affinity(thread_current(), &everywhere);
		__atomic_store_n(&offers.free, begun, __ATOMIC_RELEASE);
	}
	return 0;
}

/* Sleeps till about the moment, and then keeps its CPU until the turn is over. */
static intptr_t wake_up_meanwhile(void *argument)
{
	uint64_t dice = (uint64_t)(uintptr_t)argument;

	for (uint32_t turn = 1; turn <= OFFERS; turn++) {
		struct sleep sleep;

		while (__atomic_load_n(&offers.begun, __ATOMIC_ACQUIRE) < turn)
			cpu_relax();
		block_on(sleep_until(&sleep, offers.when - MS / 32 + any_below(&dice, MS / 16)));
		while (__atomic_load_n(&offers.done, __ATOMIC_ACQUIRE) < turn)
			cpu_relax();
	}
	return 0;
}

static bool has_run_since(uint64_t runs)
{
	uint64_t end = clock_monotonic_ns() + LOST;

	while (__atomic_load_n(&offers.runs, __ATOMIC_RELAXED) == runs) {
		if (clock_monotonic_ns() > end)
			return false;
		cpu_relax();
	}
	return true;
}

/* How often the one that had to wait was forgotten. */
static intptr_t displace(void *argument)
{
	const struct cpu_set first = only(0);
	intptr_t lost = 0;

	(void)argument;
	for (uint32_t turn = 1; turn <= OFFERS && lost == 0; turn++) {
		struct sleep sleep;

		thread_set_affinity(offers.moved, &first);
		offers.when = clock_monotonic_ns() + MS;
		__atomic_store_n(&offers.begun, turn, __ATOMIC_RELEASE);
		block_on(sleep_until(&sleep, offers.when));
		if (__atomic_load_n(&offers.free, __ATOMIC_ACQUIRE) == turn)
			lost += !has_run_since(__atomic_load_n(&offers.runs, __ATOMIC_RELAXED));
		__atomic_store_n(&offers.done, turn, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&offers.begun, OFFERS, __ATOMIC_RELEASE);
	__atomic_store_n(&offers.done, OFFERS, __ATOMIC_RELEASE);
	return lost;
}

KERNEL_TEST(smp_balance_no_offer_is_lost)
{
	struct cpu_set first = only(0), second = only(1);
	uint64_t seed = random_u64();
	struct thread *other, *above;

	NEEDS_OTHERS(info);
	if (cpus_online() < 3)
		return;
	log_info("(seed %lx) ", seed);
	memset(&offers, 0, sizeof(offers));
	offers.moved = thread_create(.name = "moved", .run = be_moved, .affinity = &first);
	other = thread_create(.name = "meanwhile", .run = wake_up_meanwhile, .argument = (void *)(uintptr_t)seed,
	        .affinity = &second);
	above = thread_create(.name = "above", .run = displace, .affinity = &first, .priority = 10);
	EXPECT(join(above) == 0);
	__atomic_store_n(&offers.is_over, true, __ATOMIC_RELAXED);
	EXPECT(join(other) == 0 && join(offers.moved) == 0);
}

/* ---- one that has a priority from a task ------------------------------------------------------------------------- */

static struct mutex wanted = MUTEX("wanted");
static struct {
	bool is_held, is_displaced, is_free, is_through, is_over;
} scene;

static bool look_at(const bool *flag)
{
	return __atomic_load_n(flag, __ATOMIC_ACQUIRE);
}

static void set(bool *flag)
{
	__atomic_store_n(flag, true, __ATOMIC_RELEASE);
}

static intptr_t hold(void *argument)
{
	struct mutex_lock lock;

	(void)argument;
	block_on(mutex_lock(&lock, &wanted));
	set(&scene.is_held);
	while (!look_at(&scene.is_free))
		cpu_relax();
	set(&scene.is_through);
	mutex_unlock(&wanted);
	return 0;
}

static intptr_t keep_the_cpu(void *argument)
{
	(void)argument;
	set(&scene.is_displaced);
	while (!look_at(&scene.is_over))
		cpu_relax();
	return 0;
}

struct want {
	struct future future;
	struct mutex_lock lock;
};

ASYNC(want)
{
	ASYNC_BEGIN;
	await(mutex_lock(&me->lock, &wanted));
	mutex_unlock(&wanted);
	ASYNC_FINALLY;
	ASYNC_END;
}

static bool comes_true(const bool *flag)
{
	for (unsigned int i = 0; i < 5000 && !look_at(flag); i++) {
		struct sleep sleep;

		block_on(sleep_for(&sleep, MS));
	}
	return look_at(flag);
}

/* A task waits for what it holds, so it has the executor's priority; but unlike that one it may go elsewhere. */
KERNEL_TEST(smp_balance_who_was_lent_a_priority_is_stolen)
{
	struct cpu_set there = only(1), anywhere = all();
	struct thread *holder, *above;
	struct sleep sleep;
	bool was_stolen;

	NEEDS_OTHERS(info);
	memset(&scene, 0, sizeof(scene));
	holder = thread_create(.name = "holder", .run = hold, .affinity = &there);
	EXPECT(holder != NULL && comes_true(&scene.is_held));
	spawn(want);
	for (unsigned int i = 0; i < 5000 && holder->priority != THREAD_EXECUTOR; i++)
		block_on(sleep_for(&sleep, MS));
	EXPECT(holder->priority == THREAD_EXECUTOR);
	above = thread_create(.name = "above", .run = keep_the_cpu, .affinity = &there, .priority = 10);
	EXPECT(above != NULL && comes_true(&scene.is_displaced));
	thread_set_affinity(holder, &anywhere);
	set(&scene.is_free);
	was_stolen = comes_true(&scene.is_through);
	set(&scene.is_over);
	join(above);
	join(holder);
	EXPECT(was_stolen);
}
