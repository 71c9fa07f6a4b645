#include "task/thread.h"

#include "abi/errno.h"
#include "core/panic.h"
#include "core/random.h"
#include "core/spinlock.h"
#include "cpu.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "preempt.h"
#include "task/placement.h"
#include "task/scheduler.h"
#include "task/thread_stack.h"
#include "vector_state.h"

#define CHUNK 4096u /* as much is asked of the heap at once */

/* Slots are one CPU's: only there its next thread is made, wherever that runs. */
struct thread_slots {
	struct spinlock lock;
	struct thread *free; /* guarded by the lock: others give back, too */
};
static PERCPU(struct thread_slots, slots) = {.lock = SPINLOCK(RANK_TASKS, "free threads")};

static const struct cpu_set all_cpus = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
_Static_assert(CPUS_MAX == 256, "as many as all_cpus has bits");

static struct thread *all_slots; /* of all CPUs; only ever grows, at this end */

/* ---- slots ------------------------------------------------------------------------------------------------------- */

static void give_slot_back(struct thread *thread)
{
	struct thread_slots *home = percpu_of(slots, thread->slot_cpu);
	uint64_t flags = spin_lock(&home->lock);

	thread->state = THREAD_FREE;
	thread->stack = 0;
	thread->next = home->free;
	home->free = thread;
	spin_unlock(&home->lock, flags);
}

static void list(struct thread *thread)
{
	struct thread *first = __atomic_load_n(&all_slots, __ATOMIC_RELAXED);

	do {
		thread->next_slot = first;
	} while (!__atomic_compare_exchange_n(&all_slots, &first, thread, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
}

struct thread *thread_next(const struct thread *thread)
{
	return thread != NULL ? thread->next_slot : __atomic_load_n(&all_slots, __ATOMIC_ACQUIRE);
}

/* The lowest byte of a canary is zero (core/stack_protector.c). To draw one takes longer than all the rest: so a slot
 * keeps it for all its threads. */
static bool grow(struct scheduler *home)
{
	struct thread *threads = kzalloc(CHUNK);

	if (threads == NULL)
		return false;
	for (unsigned int i = 0; i < CHUNK / sizeof(*threads); i++) {
		threads[i].waker.home = &home->inbox;
		threads[i].cpu = threads[i].slot_cpu = home->cpu;
		threads[i].context.canary = random_u64() & ~0xffull;
		list(&threads[i]);
		give_slot_back(&threads[i]);
	}
	return true;
}

/* One of this CPU's, which the caller must not leave. */
static struct thread *take_slot(void)
{
	struct thread_slots *mine = percpu(slots);
	uint64_t flags = spin_lock(&mine->lock);
	struct thread *thread = mine->free;

	if (thread != NULL)
		mine->free = thread->next;
	spin_unlock(&mine->lock, flags);
	return thread;
}

const char *thread_running_name(void)
{
	struct thread *thread = thread_current();

	if (thread == NULL || thread->priority == THREAD_EXECUTOR || scheduler_here()->is_idle)
		return NULL;
	return thread->name;
}

/* ---- beginning and end ------------------------------------------------------------------------------------------- */

static void set_name(struct thread *thread, const char *name)
{
	size_t length = strnlen(name, THREAD_NAME_MAX - 1);

	memcpy(thread->name, name, length);
	thread->name[length] = '\0';
}

static void begin(void)
{
	struct thread *thread = thread_current();

	scheduler_begin();
	thread_exit(thread->run(thread->argument));
}

static void check_plan(const struct thread_plan *plan)
{
	bool is_class = plan->priority == THREAD_FAIR ||
	                (plan->priority >= THREAD_REAL_TIME && plan->priority < THREAD_PRIORITIES);
	bool is_weight = plan->weight == 0 || (plan->weight >= FAIR_WEIGHT_MIN && plan->weight <= FAIR_WEIGHT_MAX);

	if (!is_class || !is_weight)
		panic("Thread %s cannot have priority %u and weight %u.", plan->name, plan->priority, plan->weight);
	if (plan->affinity != NULL && !placement_is_possible(plan->affinity))
		panic("Thread %s may run on no CPU that is online.", plan->name);
}

/* The slot may be queued already, by a wake that came too late for the thread before. */
static void fill(struct thread *thread, const struct thread_plan *plan)
{
	set_name(thread, plan->name);
	thread->run = plan->run;
	thread->argument = plan->argument;
	thread->priority = thread->own_priority = plan->priority;
	thread->fair.weight = plan->weight != 0 ? plan->weight : FAIR_WEIGHT;
	thread->ticks = thread->switches = 0;
	thread->is_woken = thread->has_moved = false;
	thread->affinity = plan->affinity != NULL ? *plan->affinity : all_cpus;
	switch_prepare(&thread->context, thread->stack + THREAD_STACK_SIZE, begin);
	__atomic_fetch_or(&thread->waker.state, WAKER_THREAD | WAKER_HANDLE, __ATOMIC_RELEASE);
}

/* The slot is one of this CPU's, and so is the thread until the scheduler has it. */
static struct thread *create_here(const struct thread_plan *plan, uint64_t stack)
{
	struct thread *thread;

	preempt_disable();
	thread = take_slot();
	if (thread == NULL && grow(scheduler_here()))
		thread = take_slot();
	if (thread != NULL) {
		thread->stack = stack;
		fill(thread, plan);
		scheduler_add(thread);
	}
	preempt_enable();
	return thread;
}

struct thread *thread_create_as(const struct thread_plan *plan)
{
	struct thread *thread;
	uint64_t stack;

	check_plan(plan);
	stack = thread_stack_take();
	if (stack == 0)
		return NULL;
	thread = create_here(plan, stack);
	if (thread == NULL)
		thread_stack_give_back(stack);
	return thread;
}

int thread_use_vectors(void)
{
	size_t size = vector_state_start();
	void *area;

	if (thread_current()->vectors != NULL)
		return 0;
	area = kmalloc_aligned(size, VECTOR_STATE_ALIGN);
	if (area == NULL)
		return -ENOMEM;
	memset(area, 0, size);
	vector_state_clear(area);
	scheduler_use_vectors(area);
	return 0;
}

void thread_exit(intptr_t result)
{
	if (thread_current()->vectors != NULL)
		kfree(scheduler_use_vectors(NULL));
	if (thread_current()->lent != NULL)
		panic("Thread %s ends, and others wait for a mutex that it holds.", thread_current()->name);
	thread_current()->result = result;
	scheduler_end();
}

int thread_set_affinity(struct thread *thread, const struct cpu_set *allowed)
{
	if (thread->own_priority == THREAD_EXECUTOR || !placement_is_possible(allowed))
		return -EINVAL;
	scheduler_set_affinity(thread, allowed);
	return 0;
}

/* It goes back where its slot is from, with the lock of the scheduler where it was. */
static void go_home(struct thread *thread)
{
	__atomic_store_n(&thread->waker.home, &scheduler_on(thread->slot_cpu)->inbox, __ATOMIC_RELAXED);
	__atomic_store_n(&thread->cpu, thread->slot_cpu, __ATOMIC_RELEASE);
}

/* Whoever clears the last of WAKER_THREAD and WAKER_HANDLE gives the slot back. */
void thread_finish(struct thread *thread)
{
	uint64_t over, state = __atomic_load_n(&thread->waker.state, __ATOMIC_RELAXED);

	go_home(thread);
	do {
		over = (state & ~(uint64_t)(WAKER_THREAD | WAKER_CANCEL)) + WAKER_GENERATION;
	} while (!__atomic_compare_exchange_n(
	        &thread->waker.state, &state, over, true, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	if (over & WAKER_HANDLE)
		atomic_waker_wake(&thread->joiner);
	else
		give_slot_back(thread);
}

void thread_detach(struct thread *thread)
{
	uint64_t state = __atomic_fetch_and(&thread->waker.state, ~(uint64_t)WAKER_HANDLE, __ATOMIC_ACQ_REL);

	if (!(state & WAKER_HANDLE))
		panic("The handle of thread %s is given back twice.", thread->name);
	if (!(state & WAKER_THREAD))
		give_slot_back(thread);
}

bool thread_kill(struct thread *thread, uint32_t generation)
{
	uint64_t state = __atomic_load_n(&thread->waker.state, __ATOMIC_RELAXED);

	do {
		if (!(state & WAKER_THREAD) || state >> 32 != generation)
			return false;
	} while (!__atomic_compare_exchange_n(
	        &thread->waker.state, &state, state | WAKER_CANCEL, true, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	wake(&thread->waker);
	return true;
}

void thread_adopt(struct thread *thread, struct run_queue *home, const char *name, uint8_t priority)
{
	*thread = (struct thread){.waker = {.state = WAKER_THREAD, .home = home},
	        .context.canary = percpu_canary(),
	        .state = THREAD_RUNS,
	        .priority = priority,
	        .own_priority = priority,
	        .cpu = percpu_cpu()};
	cpu_set_add(&thread->affinity, thread->cpu);
	set_name(thread, name);
	list(thread);
}

/* ---- joining ----------------------------------------------------------------------------------------------------- */

static enum poll join_poll(struct future *future, struct waker *waker)
{
	struct thread_join *join = (struct thread_join *)future;
	struct thread *thread = join->thread;

	if (waker == NULL) {
		if (future->line != 0)
			atomic_waker_cancel(&thread->joiner, join->waker);
		return READY;
	}
	future->line = 1;
	join->waker = waker;
	atomic_waker_register(&thread->joiner, waker);
	if (__atomic_load_n(&thread->waker.state, __ATOMIC_ACQUIRE) & WAKER_THREAD)
		return PENDING;
	atomic_waker_cancel(&thread->joiner, waker);
	future_ready(future, thread->result);
	thread_detach(thread);
	return READY;
}

static bool join_waits(const struct future *future, unsigned int index, struct wait *wait)
{
	struct thread *thread = ((const struct thread_join *)future)->thread;

	*wait = (struct wait){.what = "thread", .name = thread->name, .owner = &thread->waker};
	return index == 0;
}

const struct future_type thread_join_type = {join_poll, "thread_join", __FILE__, join_waits};
