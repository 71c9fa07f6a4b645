/*
 * What the watchdog is to find: `stuck=KIND` on the command line. Each goes on after some seconds, and says so.
 */
#include "core/boot_word.h"
#include "core/cpus.h"
#include "core/log.h"
#include "cpu.h"
#include "everywhere.h"
#include "first_cpu.h"
#include "preempt.h"
#include "task/channel.h"
#include "task/executor.h"
#include "task/mutex.h"
#include "task/semaphore.h"
#include "task/sleep.h"
#include "task/task.h"
#include "task/thread.h"

#define WHILE (5 * NS_PER_SECOND)
#define PAUSE (NS_PER_SECOND / 20)

static __attribute__((noinline)) void spin(void)
{
	uint64_t end = clock_monotonic_ns() + WHILE;

	while (clock_monotonic_ns() < end)
		cpu_relax();
}

static void nap(uint64_t ns)
{
	struct sleep sleep;

	block_on(sleep_for(&sleep, ns));
}

static void say_over(void)
{
	log_info("stuck: it is over\n");
}

struct brooding {
	struct future future;
	struct sleep sleep;
};

ASYNC(brooding)
{
	ASYNC_BEGIN;
	await(sleep_for(&me->sleep, PAUSE));
	spin();
	say_over();
	ASYNC_FINALLY;
	ASYNC_END;
}

/* Has the CPU as soon as it begins, in the middle of the poll of whoever creates it. */
static intptr_t usurper(void *argument)
{
	(void)argument;
	spin();
	say_over();
	return 0;
}

struct victim {
	struct future future;
	struct sleep sleep;
};

ASYNC(victim)
{
	struct thread *thread;

	ASYNC_BEGIN;
	await(sleep_for(&me->sleep, PAUSE));
	thread = thread_create(.name = "usurper", .run = usurper, .priority = THREAD_REAL_TIME);
	if (thread != NULL)
		thread_detach(thread);
	ASYNC_FINALLY;
	ASYNC_END;
}

struct ticking {
	struct future future;
	struct sleep sleep;
	unsigned int left;
};

ASYNC(ticking)
{
	ASYNC_BEGIN;
	for (; me->left > 0; me->left--)
		await(sleep_for(&me->sleep, PAUSE));
	ASYNC_FINALLY;
	ASYNC_END;
}

static intptr_t hog(void *argument)
{
	(void)argument;
	nap(PAUSE);
	preempt_disable();
	spin();
	preempt_enable();
	say_over();
	return 0;
}

static struct mutex treasure = MUTEX("treasure");

static intptr_t dragon(void *argument)
{
	struct mutex_lock lock;

	(void)argument;
	block_on(mutex_lock(&lock, &treasure));
	nap(WHILE);
	mutex_unlock(&treasure);
	say_over();
	return 0;
}

static intptr_t hero(void *argument)
{
	struct mutex_lock lock;

	(void)argument;
	nap(PAUSE);
	block_on(mutex_lock(&lock, &treasure));
	mutex_unlock(&treasure);
	return 0;
}

/* Waits for the dragon's end, which nobody owes anybody: so nobody is told. */
static intptr_t bard(void *argument)
{
	struct thread_join join;

	nap(PAUSE);
	block_on(thread_join(&join, argument));
	return 0;
}

static CHANNEL(shelf, 1);

static intptr_t baker(void *argument)
{
	struct channel_send send;

	(void)argument;
	for (unsigned int i = 0; i < 2; i++)
		block_on(channel_send(&send, &shelf, i));
	return 0;
}

static intptr_t guest(void *argument)
{
	struct channel_recv recv;

	(void)argument;
	nap(WHILE);
	block_on(channel_recv(&recv, &shelf));
	say_over();
	return 0;
}

static struct semaphore keys = SEMAPHORE("keys", 0);

struct prisoner {
	struct future future;
	struct semaphore_acquire key;
};

ASYNC(prisoner)
{
	ASYNC_BEGIN;
	await(semaphore_acquire(&me->key, &keys));
	say_over();
	ASYNC_FINALLY;
	ASYNC_END;
}

static intptr_t jailer(void *argument)
{
	(void)argument;
	nap(WHILE);
	semaphore_release(&keys);
	return 0;
}

/* Of real time, once it has something to do: then nobody else has a turn. */
static intptr_t tyrant(void *argument)
{
	(void)argument;
	nap(PAUSE);
	spin();
	say_over();
	return 0;
}

static intptr_t subject(void *argument)
{
	(void)argument;
	for (uint64_t end = clock_monotonic_ns() + WHILE; clock_monotonic_ns() < end;)
		cpu_relax();
	return 0;
}

static void be_deaf(void)
{
	uint64_t flags = cpu_interrupts_save();

	spin();
	cpu_interrupts_restore(flags);
	say_over();
}

/* The first CPU sleeps meanwhile. */
static intptr_t guard(void *argument)
{
	(void)argument;
	while (cpus_online() == 1)
		nap(PAUSE);
	everywhere_run_one(1, be_deaf);
	return 0;
}

/* When all CPUs have slept for a while. */
static uint64_t waking_ns;

static void sleep_till(uint64_t ns)
{
	struct sleep sleep;

	block_on(sleep_until(&sleep, waking_ns + ns));
}

/* On the last CPU: it wakes up while two others look; and is deaf when those have stopped, and itself has not. */
static intptr_t late_riser(void *argument)
{
	(void)argument;
	sleep_till(WHILE / 16);
	sleep_till(WHILE / 8);
	be_deaf();
	return 0;
}

static intptr_t early_riser(void *argument)
{
	struct cpu_set last = {{1 << 2}};

	(void)argument;
	while (cpus_online() < 3)
		nap(PAUSE);
	waking_ns = clock_monotonic_ns() + WHILE;
	thread_detach(thread_create(.name = "late riser", .run = late_riser, .affinity = &last));
	sleep_till(0);
	return 0;
}

static void begin_as(intptr_t (*run)(void *argument), const char *name, uint8_t priority)
{
	struct thread *thread = thread_create(.name = name, .run = run, .priority = priority);

	if (thread != NULL)
		thread_detach(thread);
}

static void begin(intptr_t (*run)(void *argument), const char *name)
{
	begin_as(run, name, THREAD_FAIR);
}

/* The bard waits for the dragon's end, the hero for what it has. */
static void begin_tale(void)
{
	struct thread *it = thread_create(.name = "dragon", .run = dragon);
	struct thread *waits = it != NULL ? thread_create(.name = "bard", .run = bard, .argument = it) : NULL;

	if (waits != NULL)
		thread_detach(waits);
	begin(hero, "hero");
}

static void stuck(const struct boot_info *info, const char *value, size_t value_length)
{
	(void)info;
	if (value_length != 1)
		return;
	switch (value[0]) {
	case 't':
		spawn(brooding);
		break;
	case 'v':
		spawn(victim);
		break;
	case 'h':
		spawn(ticking, .left = (unsigned int)(2 * WHILE / PAUSE));
		begin(hog, "hog");
		break;
	case 'm':
		begin_tale();
		break;
	case 's':
		spawn(prisoner);
		begin(jailer, "jailer");
		break;
	case 'c':
		begin(baker, "baker");
		begin(guest, "guest");
		break;
	case 'r':
		begin_as(tyrant, "tyrant", THREAD_REAL_TIME);
		begin(subject, "subject");
		break;
	case 'd':
		begin(guard, "guard");
		break;
	case 'l':
		thread_detach(thread_create_here(.name = "early riser", .run = early_riser));
		break;
	default:
		break;
	}
}

BOOT_WORD(stuck, "stuck=KIND: t, v a task; h a thread; m a mutex; s a semaphore; c a channel; r real time; d, l a CPU",
        stuck);
