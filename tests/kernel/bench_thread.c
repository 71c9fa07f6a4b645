/*
 * What threads cost, in instructions (tests/bench/guest.py).
 */
#include "bench.h"

#include "core/log.h"
#include "mm/heap.h"
#include "task/executor.h"
#include "task/mutex.h"
#include "task/scheduler.h"
#include "task/thread.h"
#include "unseal.h"
#include "time/clock.h"
#include "time/timer.h"
#include "vector_state.h"

#define ROUNDS 100u
#define ABOVE  30 /* so that nobody comes in between */

static intptr_t join(struct thread *thread)
{
	struct thread_join future;

	return block_on(thread_join(&future, thread));
}

static volatile bool is_over;

/* Without a loop of their own, which costs something, too. */
#define YIELD_10                                                                                                       \
	scheduler_yield();                                                                                             \
	scheduler_yield();                                                                                             \
	scheduler_yield();                                                                                             \
	scheduler_yield();                                                                                             \
	scheduler_yield();                                                                                             \
	scheduler_yield();                                                                                             \
	scheduler_yield();                                                                                             \
	scheduler_yield();                                                                                             \
	scheduler_yield();                                                                                             \
	scheduler_yield();

static intptr_t yield_for_ever(void *argument)
{
	(void)argument;
	while (!is_over) {
		YIELD_10
	}
	return 0;
}

static uint64_t cost;

static intptr_t yield_often(void *argument)
{
	uint64_t switches;

	(void)argument;
	scheduler_yield();
	switches = scheduler_here()->switches;
	cost = BENCH_COST({
		for (unsigned int i = 0; i < ROUNDS; i++) {
			YIELD_10
		}
	});
	cost /= scheduler_here()->switches - switches;
	is_over = true;
	return 0;
}

#define FAIR_MANY 8u

/* A call of scheduler_yield() and the switch. */
static uint64_t measure_yield(unsigned int threads)
{
	struct thread *one, *others[FAIR_MANY];

	is_over = false;
	one = thread_create(.name = "one", .run = yield_often);
	for (unsigned int i = 1; i < threads; i++)
		others[i] = thread_create(.name = "other", .run = yield_for_ever);
	join(one);
	for (unsigned int i = 1; i < threads; i++)
		join(others[i]);
	return cost;
}

/* The executor's thread waits, so it is the other one that runs. Created from above, so that both are there. */
static intptr_t create_real_time_pair(void *argument)
{
	struct thread **pair = argument;

	is_over = false;
	pair[0] = thread_create(.name = "one", .run = yield_often, .priority = THREAD_REAL_TIME);
	pair[1] = thread_create(.name = "other", .run = yield_for_ever, .priority = THREAD_REAL_TIME);
	return 0;
}

BENCH(thread_switch_fair)
{
	return measure_yield(2);
}

BENCH(thread_switch_fair_of_8)
{
	return measure_yield(FAIR_MANY);
}

BENCH(thread_switch_real_time)
{
	struct thread *pair[2];

	join(thread_create(.name = "creator", .run = create_real_time_pair, .argument = pair, .priority = ABOVE));
	join(pair[0]);
	join(pair[1]);
	return cost;
}

/* ---- wake to run ---- */

static uint64_t woken_at;

static intptr_t note_when_woken(void *argument)
{
	(void)argument;
	for (unsigned int i = 0; i < 2; i++) /* the second time, all is as it always is */
		scheduler_park();
	woken_at = cpu_read_tsc();
	return 0;
}

/* From wake() to the first instruction of a thread that has waited and is of a higher class. */
BENCH(thread_wake_to_run)
{
	struct thread *thread = thread_create(.name = "woken", .run = note_when_woken, .priority = THREAD_REAL_TIME);
	uint64_t start;

	wake(&thread->waker);
	start = cpu_read_tsc();
	wake(&thread->waker);
	join(thread);
	return woken_at - start;
}

/* ---- latency ---- */

static intptr_t nothing(void *argument)
{
	(void)argument;
	return 0;
}

#define WAKES 30u

static volatile uint64_t fired_at;
static uint64_t latest;
static struct waker *sleeper;

static void fire(struct timer *timer)
{
	(void)timer;
	fired_at = cpu_read_tsc();
	wake(sleeper);
}

/* Threads and timers at work, so that the interrupt comes in the midst of anything. */
static intptr_t make_noise(void *argument)
{
	(void)argument;
	while (!is_over) {
		void *block = kmalloc(100);

		join(thread_create(.name = "noise", .run = nothing));
		kfree(block);
		log_keep(LOG_INFO, "noise\n");
	}
	return 0;
}

static intptr_t be_woken(void *argument)
{
	struct timer timer = {.fire = fire};

	(void)argument;
	sleeper = &thread_current()->waker;
	for (unsigned int i = 0; i < WAKES; i++) {
		uint64_t waited;

		fired_at = 0;
		timer_start(&timer, clock_monotonic_ns() + NS_PER_SECOND / 1000 + 997 * i);
		while (fired_at == 0)
			scheduler_park();
		waited = cpu_read_tsc() - fired_at;
		latest = waited > latest ? waited : latest;
	}
	return 0;
}

/* From the wake in the timer's interrupt to the thread of a higher class: the longest of some. */
BENCH(thread_latency)
{
	struct thread *noise, *woken;

	is_over = false;
	latest = 0;
	noise = thread_create(.name = "noise", .run = make_noise);
	woken = thread_create(.name = "woken", .run = be_woken, .priority = THREAD_REAL_TIME);
	join(woken);
	is_over = true;
	join(noise);
	return latest;
}

BENCH(thread_create_and_join)
{
	uint64_t sum = 0;

	join(thread_create(.name = "first", .run = nothing));
	for (unsigned int i = 0; i < ROUNDS; i++)
		sum += BENCH_COST(join(thread_create(.name = "short", .run = nothing)));
	return sum / ROUNDS;
}

/* ---- vector registers ---- */

static bool uses_vectors;

static intptr_t yield_with_vectors(void *argument)
{
	if (uses_vectors)
		thread_use_vectors();
	return argument != NULL ? yield_often(NULL) : yield_for_ever(NULL);
}

static intptr_t create_vector_pair(void *argument)
{
	struct thread **pair = argument;

	is_over = false;
	pair[0] =
	        thread_create(.name = "one", .run = yield_with_vectors, .argument = pair, .priority = THREAD_REAL_TIME);
	pair[1] = thread_create(.name = "other", .run = yield_with_vectors, .priority = THREAD_REAL_TIME);
	return 0;
}

/* Both save and restore them in each switch. */
BENCH(thread_switch_vectors)
{
	struct thread *pair[2];

	uses_vectors = true;
	join(thread_create(.name = "creator", .run = create_vector_pair, .argument = pair, .priority = ABOVE));
	join(pair[0]);
	join(pair[1]);
	return cost;
}

/*
 * What the lazy way would cost at the first use after a switch: CR0.TS makes it exception 7, whose handler saves the
 * registers of one thread and restores another's; and TS is set again in each switch.
 */
static char lazy_areas[2][4096] __attribute__((aligned(VECTOR_STATE_ALIGN)));

static void be_lazy(struct trap_frame *frame)
{
	(void)frame;
	cpu_write_cr0(cpu_read_cr0() & ~CPU_CR0_TS);
	vector_state_save(lazy_areas[0]);
	vector_state_restore(lazy_areas[1]);
}

static __attribute__((noinline)) void vector_state_touch(void)
{
	__asm__ volatile("movaps %%xmm0, %%xmm0" ::: "memory");
}

BENCH(vectors_lazily)
{
	trap_handler *before;
	uint64_t lazily;

	if (vector_state_start() > sizeof(lazy_areas[0]))
		return 0;
	vector_state_clear(lazy_areas[1]);
	vector_state_restore(lazy_areas[1]);
	before = unsealed_set_handler(TRAP_NO_DEVICE, be_lazy);
	vector_state_touch();
	lazily = BENCH_COST({
		cpu_write_cr0(cpu_read_cr0() | CPU_CR0_TS);
		vector_state_touch();
	});
	unsealed_set_handler(TRAP_NO_DEVICE, before);
	return lazily;
}

/* ---- locks ---- */

static struct mutex door = MUTEX("door");

static void lock_door(void)
{
	struct mutex_lock lock;

	block_on(mutex_lock(&lock, &door));
}

static intptr_t lock_and_unlock(void *argument)
{
	(void)argument;
	lock_door();
	mutex_unlock(&door);
	cost = 0;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		cost += BENCH_COST({
			lock_door();
			mutex_unlock(&door);
		});
	}
	return 0;
}

/* Locked and unlocked again, and nobody else wants it. */
BENCH(mutex_uncontended)
{
	join(thread_create(.name = "owner", .run = lock_and_unlock, .priority = ABOVE));
	return cost / ROUNDS;
}

static struct thread *rivals[2];

static intptr_t compete(void *argument)
{
	uint64_t start = cpu_read_tsc();

	for (unsigned int i = 0; i < ROUNDS; i++) {
		lock_door();
		scheduler_yield(); /* so that the other finds it taken */
		mutex_unlock(&door);
	}
	if (argument != NULL)
		cost = cpu_read_tsc() - start;
	return 0;
}

static intptr_t create_rivals(void *argument)
{
	(void)argument;
	for (uintptr_t i = 0; i < 2; i++)
		rivals[i] = thread_create(.name = "rival", .run = compete, .argument = (void *)i,
		        .priority = THREAD_REAL_TIME);
	return 0;
}

/* Two want it all the time: one turn of one, with what it takes to wait, to hand it over and to lend a priority. */
BENCH(mutex_contended)
{
	join(thread_create(.name = "creator", .run = create_rivals, .priority = ABOVE));
	join(rivals[0]);
	join(rivals[1]);
	return cost / ROUNDS / 2;
}

static struct semaphore ping = SEMAPHORE("ping", 0), pong = SEMAPHORE("pong", 0);

static void take(struct semaphore *semaphore)
{
	struct semaphore_acquire acquire;

	block_on(semaphore_acquire(&acquire, semaphore));
}

static intptr_t answer(void *argument)
{
	(void)argument;
	for (unsigned int i = 0; i <= ROUNDS; i++) {
		take(&ping);
		semaphore_release(&pong);
	}
	return 0;
}

static intptr_t call_out(void *argument)
{
	(void)argument;
	semaphore_release(&ping);
	take(&pong);
	cost = BENCH_COST({
		for (unsigned int i = 0; i < ROUNDS; i++) {
			semaphore_release(&ping);
			take(&pong);
		}
	});
	return 0;
}

/* There and back, between fair threads: two releases, two waits, two switches. */
BENCH(semaphore_ping_pong)
{
	struct thread *one = thread_create(.name = "call", .run = call_out);
	struct thread *other = thread_create(.name = "answer", .run = answer);

	join(one);
	join(other);
	return cost / ROUNDS;
}
