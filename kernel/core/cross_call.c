/*
 * An order goes out in this order: what is to be done, how many are left, a bit in each inbox, the flag `called`; and
 * an interrupt, unless the flag was set: then one is under way to somebody who has not looked yet. Who carries orders
 * out clears the flag before looking at the bits, so one whose bit comes after the look finds the flag clear.
 */
#include "core/cross_call.h"

#include "core/panic.h"
#include "core/spinlock.h"
#include "cpu.h"
#include "local_apic.h"
#include "preempt.h"
#include "trap.h"
#include "vectors.h"

#define WORDS (CPUS_MAX / 64)

struct order {
	void (*function)(void *context);
	void *context;
	uint32_t left;   /* CPUs that have not run it */
	bool is_waiting; /* the giver does */
};

struct inbox {
	uint64_t from[WORDS]; /* whose orders this CPU is to carry out */
	uint32_t called;      /* an interrupt is under way */
	bool is_serving;
	struct cross_call_count count; /* this CPU's alone to change */
};

static PERCPU(struct order, order);
static PERCPU(struct inbox, inbox);

static void carry_out(struct order *theirs)
{
	theirs->function(theirs->context);
	__atomic_fetch_sub(&theirs->left, 1, __ATOMIC_RELEASE); /* from here on it may be another order */
}

static void serve(struct inbox *mine)
{
	if (__atomic_exchange_n(&mine->called, 0, __ATOMIC_ACQ_REL) == 0)
		return;
	mine->is_serving = true;
	for (uint32_t word = 0; word < WORDS; word++) {
		uint64_t bits = 0;

		if (__atomic_load_n(&mine->from[word], __ATOMIC_RELAXED) != 0)
			bits = __atomic_exchange_n(&mine->from[word], 0, __ATOMIC_ACQ_REL);
		for (; bits != 0; bits &= bits - 1) {
			carry_out(percpu_of(order, word * 64 + (uint32_t)__builtin_ctzll(bits)));
			mine->count.orders++;
		}
	}
	mine->is_serving = false;
}

/* Two who wait for each other with interrupts off carry each other's orders out. */
static void wait_for(const struct order *mine)
{
	while (__atomic_load_n(&mine->left, __ATOMIC_ACQUIRE) != 0) {
		serve(percpu(inbox));
		cpu_relax();
	}
}

static void tell(uint32_t cpu)
{
	struct inbox *theirs = percpu_of(inbox, cpu);
	uint32_t me = percpu_cpu();

	__atomic_fetch_or(&theirs->from[me / 64], 1ull << me % 64, __ATOMIC_ACQ_REL);
	if (__atomic_exchange_n(&theirs->called, 1, __ATOMIC_ACQ_REL) == 0)
		local_apic_send(cpus_apic_id(cpu), LOCAL_APIC_INTERRUPT | VECTOR_CALL);
}

/* Who comes online meanwhile is not told. */
static void pick(const struct cpu_set *wanted, struct cpu_set *targets, uint32_t *count)
{
	*targets = (struct cpu_set){0};
	*count = 0;
	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		if (cpu == percpu_cpu() || !cpu_set_has(wanted, cpu) || cpus_state(cpu) != CPU_ONLINE)
			continue;
		cpu_set_add(targets, cpu);
		(*count)++;
	}
}

static void give(const struct cpu_set *cpus, void (*function)(void *context), void *context)
{
	struct order *mine = percpu(order);
	struct cpu_set targets;
	uint32_t count;

	if (spin_held() != 0 || percpu(inbox)->is_serving)
		panic("Other CPUs are called while %s.", spin_held() != 0 ? "a lock is held" : "one is served");
	wait_for(mine);
	pick(cpus, &targets, &count);
	mine->function = function;
	mine->context = context;
	__atomic_store_n(&mine->left, count, __ATOMIC_RELEASE);
	for (uint32_t cpu = 0; cpu < cpus_count(); cpu++) {
		if (cpu_set_has(&targets, cpu))
			tell(cpu);
	}
}

void cross_call_later(const struct cpu_set *cpus, void (*function)(void *context), void *context)
{
	uint64_t flags = cpu_interrupts_save();

	give(cpus, function, context);
	cpu_interrupts_restore(flags);
}

void cross_call(const struct cpu_set *cpus, void (*function)(void *context), void *context)
{
	uint64_t flags = cpu_interrupts_save();

	give(cpus, function, context);
	wait_for(percpu(order));
	cpu_interrupts_restore(flags);
}

void cross_call_wait(void)
{
	uint64_t flags = cpu_interrupts_save();

	wait_for(percpu(order));
	cpu_interrupts_restore(flags);
}

void cross_call_one(uint32_t cpu, void (*function)(void *context), void *context)
{
	struct cpu_set one = {0};

	cpu_set_add(&one, cpu);
	cross_call(&one, function, context);
}

void cross_call_others(void (*function)(void *context), void *context)
{
	uint64_t flags;
	struct cpu_set others;

	if (cpus_online() == 1)
		return;
	flags = cpu_interrupts_save();
	cpus_others(&others);
	cross_call(&others, function, context);
	cpu_interrupts_restore(flags);
}

static void handle_kick(struct trap_frame *frame)
{
	(void)frame;
	percpu(inbox)->count.kicks++;
	preempt_request();
	local_apic_eoi();
}

static void handle_call(struct trap_frame *frame)
{
	struct inbox *mine = percpu(inbox);

	(void)frame;
	mine->count.calls++;
	local_apic_eoi();
	serve(mine);
}

struct cross_call_count cross_call_count(uint32_t cpu)
{
	return percpu_of(inbox, cpu)->count;
}

void cross_call_start(void)
{
	trap_set_handler(VECTOR_KICK, handle_kick);
	trap_set_handler(VECTOR_CALL, handle_call);
}
