/*
 * Who wakes whom: ping-pong, where one lost wake ends the game; and permits, which are never more than there were.
 */
#include "abi/errno.h"
#include "core/log.h"
#include "stress.h"
#include "task/executor.h"
#include "task/scheduler.h"
#include "task/semaphore.h"
#include "task/task.h"

/* ---- ping-pong: thread with thread, and thread with task, from CPU to CPU -----------------------------------------
 */

#define PAIRS          6
#define TURNS          150
#define TURNS_PER_MOVE 16

static struct pair {
	struct semaphore ping, pong;
	uint64_t dice;
	bool has_bug;
} pairs[PAIRS];

static void take(struct semaphore *semaphore)
{
	struct semaphore_acquire acquire;

	block_on(semaphore_acquire(&acquire, semaphore));
}

static void move(uint64_t *dice, unsigned int turn)
{
	struct cpu_set place;

	if (turn % TURNS_PER_MOVE != 0)
		return;
	place = stress_place(dice, 3);
	thread_set_affinity(thread_current(), &place);
}

static intptr_t answer(void *argument)
{
	struct pair *pair = argument;
	uint64_t dice = ~pair->dice;

	for (unsigned int turn = 0; turn < TURNS; turn++) {
		move(&dice, turn);
		take(&pair->ping);
		semaphore_release(&pair->pong);
	}
	return 0;
}

/* The same for a task, which stays where it is. */
struct answer_as_task {
	struct future future;
	struct pair *pair;
	struct semaphore_acquire acquire;
	unsigned int turn;
};

ASYNC(answer_as_task)
{
	ASYNC_BEGIN;
	for (; me->turn < TURNS; me->turn++) {
		await(semaphore_acquire(&me->acquire, &me->pair->ping));
		semaphore_release(&me->pair->pong);
	}
	ASYNC_FINALLY;
	ASYNC_END;
}

static intptr_t serve(void *argument)
{
	struct pair *pair = argument;
	uint64_t dice = pair->dice;

	for (unsigned int turn = 0; turn < TURNS; turn++) {
		move(&dice, turn);
		if (!pair->has_bug || turn != TURNS / 2)
			semaphore_release(&pair->ping);
		take(&pair->pong);
		stress_step();
	}
	return 0;
}

static bool has_task(unsigned int pair)
{
	return pair % 3 == 2;
}

/* The bug: one wake of one pair is dropped. */
void storm_ping_pong(const struct storm *storm)
{
	struct thread *servers[PAIRS], *others[PAIRS];

	for (unsigned int i = 0; i < PAIRS; i++) {
		semaphore_start(&pairs[i].ping, "ping", 0);
		semaphore_start(&pairs[i].pong, "pong", 0);
		pairs[i].dice = storm->seed * PAIRS + i;
		pairs[i].has_bug = storm->has_bug && i == 1;
		servers[i] = stress_thread(.name = "server", .run = serve, .argument = &pairs[i]);
		if (!has_task(i))
			others[i] = stress_thread(.name = "other", .run = answer, .argument = &pairs[i]);
		else if (spawn(answer_as_task, .pair = &pairs[i]) == NULL)
			stress_fail("there is no memory for a task");
	}
	for (unsigned int i = 0; i < PAIRS; i++) {
		stress_join(servers[i]);
		if (!has_task(i))
			stress_join(others[i]);
	}
}

/* ---- permits ------------------------------------------------------------------------------------------------------
 */

#define PERMITS 3
#define USERS   8
#define USES    40
#define VICTIMS 24

static struct semaphore permits;
static uint32_t inside;
static bool gives_twice;

static void be_inside(uint64_t *dice)
{
	uint32_t others = __atomic_fetch_add(&inside, 1, __ATOMIC_ACQ_REL);

	if (others >= PERMITS)
		stress_fail("%u are inside, for %u permits", others + 1, PERMITS);
	for (uint32_t yields = stress_roll(dice, 3); yields > 0; yields--)
		scheduler_yield();
	__atomic_fetch_sub(&inside, 1, __ATOMIC_ACQ_REL);
}

static intptr_t use(void *argument)
{
	uint64_t dice = (uint64_t)(uintptr_t)argument;

	for (unsigned int i = 0; i < USES; i++) {
		take(&permits);
		be_inside(&dice);
		semaphore_release(&permits);
		if (i == USES / 2 && __atomic_exchange_n(&gives_twice, false, __ATOMIC_RELAXED))
			semaphore_release(&permits);
		stress_step();
	}
	return 0;
}

/* One that may be killed before it waits, while it does, when it just got the permit, or never. */
static intptr_t be_victim(void *argument)
{
	struct semaphore_acquire acquire;
	uint64_t dice = (uint64_t)(uintptr_t)argument;
	intptr_t result = block_on(semaphore_acquire(&acquire, &permits));

	if (result != 0)
		return result;
	be_inside(&dice);
	semaphore_release(&permits);
	return 0;
}

static void hunt(uint64_t *dice)
{
	for (unsigned int i = 0; i < VICTIMS; i++) {
		struct thread *victim = stress_thread(.name = "victim", .run = be_victim, .argument = (void *)*dice);
		intptr_t result;

		for (uint32_t yields = stress_roll(dice, 6); yields > 0; yields--)
			scheduler_yield();
		thread_kill(victim, thread_generation(victim));
		result = stress_join(victim);
		if (result != 0 && result != -EINTR)
			stress_fail("a victim returned %ld", result);
		stress_step();
	}
}

/* The bug: somebody gives a permit back that nobody took. */
void storm_semaphores(const struct storm *storm)
{
	struct thread *users[USERS];
	uint64_t dice = storm->seed;

	semaphore_start(&permits, "permits", PERMITS);
	gives_twice = storm->has_bug;
	for (unsigned int i = 0; i < USERS; i++) {
		struct cpu_set place = stress_place(&dice, 2);

		users[i] = stress_thread(.name = "user", .run = use, .argument = (void *)(storm->seed * USERS + i),
		        .affinity = &place);
	}
	hunt(&dice);
	for (unsigned int i = 0; i < USERS; i++)
		stress_join(users[i]);
	if (permits.permits != PERMITS || permits.waiting.first != NULL || inside != 0)
		stress_fail("%u permits in the end, of %u", permits.permits, PERMITS);
}
