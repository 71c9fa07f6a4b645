#define _GNU_SOURCE
#include "machine.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "core/cpus.h"
#include "core/log.h"
#include "core/panic.h"
#include "time/clock_sources.h"
#include "host_arch.h"
#include "host_thread.h"
#include "mm/heap.h"
#include "time/clock.h"
#include "time/timer.h"

struct cpu {
	struct executor *executor; /* does not change while threads run */
	struct run_queue *inbox;   /* of its thread; neither does this */
	pthread_cond_t kick;
	bool is_kicked, is_asleep;
};

static struct {
	pthread_mutex_t lock; /* guards the rest */
	struct cpu cpus[CPUS];
	unsigned int active; /* threads that have not returned */
	unsigned int asleep;
	unsigned int running; /* CPUs that have not returned */
	pthread_barrier_t start, end;
	void (*cpu)(unsigned int);
	void (*helper)(unsigned int);
	void (*interrupt)(unsigned int);
} machine = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* This thread's. */
static _Thread_local struct {
	struct dice dice;
	uint64_t now, event_at; /* ns */
	struct cpu *cpu;        /* NULL: a helper */
	bool is_interrupted;
} self;

static uint64_t seed;
static const char *test = "nothing";

void machine_fail(const char *format, ...)
{
	va_list args;

	flockfile(stdout);
	printf("not ok - %s: ", test);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf(" (TEST_SEED=%llu)\n", (unsigned long long)seed);
	fflush(stdout);
	_exit(1);
}

uint64_t machine_below(uint64_t limit)
{
	return dice_below(&self.dice, limit);
}

unsigned int machine_rounds(unsigned int rounds)
{
	return getenv("CAIRN_CAMPAIGN") ? 20 * rounds : rounds;
}

/* ---- what the kernel gives its tasks ---- */

uint64_t clock_monotonic_ns(void)
{
	return self.now;
}

uint64_t clock_patience_ns(void)
{
	return UINT64_MAX;
}

void clock_check(void) {}

/* Slots are for ever: what holds them is kept until the end. */
static void *kept[4096];
static unsigned int kept_count;

void *kmalloc(size_t size)
{
	void *block = aligned_alloc(64, (size + 63) / 64 * 64);

	memset(block, 0xa5, size);
	kept[__atomic_fetch_add(&kept_count, 1, __ATOMIC_RELAXED)] = block;
	return block;
}

void log_print(enum log_level level, const char *format, ...)
{
	(void)level;
	(void)format;
}

void log_keep(enum log_level level, const char *format, ...)
{
	(void)level;
	(void)format;
}

/* Nobody knows how fast it is: so no poll is slow. */
const struct clock_source *clock_sources_tsc(void)
{
	static const struct clock_source tsc;

	return &tsc;
}

_Noreturn void panic(const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	machine_fail("panic: %s", text);
}

/* ---- interrupts, sleep, and chaos ---- */

static void arm(uint64_t ns)
{
	self.event_at = self.now + ns;
}

static const struct timer_event event = {"an event", arm};

static void timer_comes(void)
{
	self.event_at = UINT64_MAX;
	timer_interrupt();
}

static void interrupt_comes(void)
{
	if (self.cpu == NULL || self.is_interrupted || !cpu_interrupts_enabled())
		return;
	self.is_interrupted = true;
	cpu_disable_interrupts();
	if (self.now >= self.event_at)
		timer_comes();
	if (machine.interrupt != NULL && machine_below(4) == 0)
		machine.interrupt((unsigned int)(self.cpu - machine.cpus));
	cpu_enable_interrupts();
	self.is_interrupted = false;
}

void chaos(void)
{
	uint64_t what = machine_below(64);

	self.now += 100;
	if (what == 0)
		sched_yield();
	else if (what < 6)
		for (volatile unsigned int i = 0; i < 300; i++)
			;
	else if (what < 16)
		interrupt_comes();
}

/* With the lock held. */
static void look_for_lost_wakes(void)
{
	if (machine.active == machine.asleep && machine.active != 0)
		machine_fail("a wake was lost: %u CPUs sleep, and nothing will ever wake them", machine.asleep);
}

static void kick(struct cpu *cpu)
{
	pthread_mutex_lock(&machine.lock);
	cpu->is_kicked = true;
	if (cpu->is_asleep) {
		cpu->is_asleep = false;
		machine.asleep--;
		pthread_cond_signal(&cpu->kick);
	}
	pthread_mutex_unlock(&machine.lock);
}

static void pend(struct run_queue *queue)
{
	for (struct cpu *cpu = machine.cpus; cpu < machine.cpus + CPUS; cpu++) {
		if (cpu->inbox == queue)
			kick(cpu);
	}
}

static void sleep_until_kicked(struct cpu *cpu)
{
	pthread_mutex_lock(&machine.lock);
	if (!cpu->is_kicked) {
		cpu->is_asleep = true;
		machine.asleep++;
		look_for_lost_wakes();
	}
	while (cpu->is_asleep)
		pthread_cond_wait(&cpu->kick, &machine.lock);
	cpu->is_kicked = false;
	pthread_mutex_unlock(&machine.lock);
}

/* Interrupts come in a moment; then there is the timer; a device speaks now and then. */
static void wait(void)
{
	if (self.event_at == UINT64_MAX && machine.interrupt == NULL) {
		sleep_until_kicked(self.cpu);
		return;
	}
	sched_yield();
	if (self.event_at != UINT64_MAX && machine_below(4) == 0)
		self.now = self.event_at > self.now ? self.event_at : self.now;
	interrupt_comes();
}

/* ---- threads ---- */

static void leave(void)
{
	pthread_mutex_lock(&machine.lock);
	machine.active--;
	if (self.cpu != NULL)
		__atomic_fetch_sub(&machine.running, 1, __ATOMIC_RELEASE);
	look_for_lost_wakes();
	pthread_mutex_unlock(&machine.lock);
	/* Others may still hold wakers of this thread's executor. */
	pthread_barrier_wait(&machine.end);
}

static void enter(unsigned int number)
{
	self.dice.state = seed + 1000003 * number;
	self.event_at = UINT64_MAX;
	host_cpu.number = number + 1; /* the first one's slots would not be its own */
	host_cpu.wait = wait;
}

static void *cpu_thread(void *argument)
{
	struct cpu *cpu = argument;
	unsigned int number = (unsigned int)(cpu - machine.cpus);

	enter(number);
	self.cpu = cpu;
	timer_use_event(&event);
	host_thread_start(pend);
	cpu->inbox = host_thread_inbox();
	executor_start();
	cpu->executor = executor_here();
	pthread_barrier_wait(&machine.start);
	machine.cpu(number);
	leave();
	return NULL;
}

static void *helper_thread(void *argument)
{
	unsigned int number = (unsigned int)(uintptr_t)argument;

	enter(CPUS + number);
	pthread_barrier_wait(&machine.start);
	machine.helper(number);
	leave();
	return NULL;
}

struct executor *machine_executor(unsigned int cpu)
{
	return machine.cpus[cpu].executor;
}

bool machine_is_done(void)
{
	return __atomic_load_n(&machine.running, __ATOMIC_ACQUIRE) == 0;
}

void machine_run(unsigned int cpus, void (*cpu)(unsigned int), unsigned int helpers, void (*helper)(unsigned int),
        void (*interrupt)(unsigned int))
{
	pthread_t threads[32];

	memset(machine.cpus, 0, sizeof(machine.cpus));
	machine.active = cpus + helpers;
	machine.running = cpus;
	machine.cpu = cpu;
	machine.helper = helper;
	machine.interrupt = interrupt;
	pthread_barrier_init(&machine.start, NULL, cpus + helpers);
	pthread_barrier_init(&machine.end, NULL, cpus + helpers);
	for (unsigned int i = 0; i < cpus; i++) {
		pthread_cond_init(&machine.cpus[i].kick, NULL);
		pthread_create(&threads[i], NULL, cpu_thread, &machine.cpus[i]);
	}
	for (unsigned int i = 0; i < helpers; i++)
		pthread_create(&threads[cpus + i], NULL, helper_thread, (void *)(uintptr_t)i);
	for (unsigned int i = 0; i < cpus + helpers; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&machine.start);
	pthread_barrier_destroy(&machine.end);
}

/* ---- the tests ---- */

static const struct {
	const char *name;
	stress_test *run;
	const char *unit;
} tests[] = {
        {"hand_over", stress_hand_over, "orders"},
        {"ping_pong", stress_ping_pong, "items"},
        {"streams", stress_streams, "items"},
        {"slots", stress_slots, "lives"},
        {"mutex", stress_mutex, "turns"},
        {"choice", stress_choice, "items"},
        {"market", stress_market, "items"},
        {"spinlock", stress_spinlock, "turns"},
        {"shootdown", stress_shootdown, "pages"},
        {"migration", stress_migration, "wakes"},
        {"condition", stress_condition, "meals"},
        {"rwlock", stress_rwlock, "turns"},
        {"once", stress_once, "things"},
        {"seqlock", stress_seqlock, "values"},
};

static void too_long(int signal)
{
	(void)signal;
	machine_fail("it goes round in circles: no end after the time that is plenty");
}

/* stress [TEST]: all, or one; STRESS_SECONDS each at most. */
int main(int count, char **words)
{
	const char *limit = getenv("STRESS_SECONDS");
	size_t all = sizeof(tests) / sizeof(tests[0]);

	seed = dice_take("stress").state;
	signal(SIGALRM, too_long);
	printf("1..%zu\n", count > 1 ? (size_t)1 : all);
	for (size_t i = 0; i < all; i++) {
		if (count > 1 && strcmp(words[1], tests[i].name) != 0)
			continue;
		test = tests[i].name;
		alarm(limit != NULL ? (unsigned int)atoi(limit) : machine_rounds(120));
		printf("ok - %s: %lu %s\n", test, tests[i].run(), tests[i].unit);
		fflush(stdout);
	}
	while (kept_count > 0)
		free(kept[--kept_count]);
	return 0;
}
