#include "time/event_source.h"

#include "core/irq.h"
#include "cpu.h"
#include "cpu_identity.h"
#include "local_apic.h"
#include "percpu.h"
#include "pit.h"
#include "time/clock.h"
#include "time/clock_sources.h"
#include "trap.h"
#include "tsc.h"
#include "vectors.h"

/* ---- the local APIC's timer ---- */

/*
 * Nobody says how fast it counts. So it is measured by the clock while it is armed anyway, each time for longer; and as
 * long as the rate is not known well, long waits are done in hops that grow.
 */
#define COUNT_MAX     UINT32_MAX
#define HZ_GUESS      6250000              /* 100 MHz, through a divider by 16 */
#define FIRST_HOP_NS  50000                /* if it was never measured */
#define HOP           64                   /* a hop is so many times longer than the rate was measured */
#define MEASURED_NS   (NS_PER_SECOND / 50) /* from here on there are no hops */
#define MEASURED_LONG (4 * NS_PER_SECOND)  /* and from here on it is not measured any more */

#define LATE_NS 1000 /* rather a little late than a little early, which costs a second interrupt */

/* Each CPU's is its own to measure; another begins with what the boot CPU knows. */
struct apic_timer {
	uint64_t armed_at; /* ns */
	uint32_t armed;    /* count */
	uint64_t measured_ns;
	uint64_t inverse_scale;
	bool only_measured; /* armed for nobody, to see how fast it counts */
	bool by_deadline;
};
static PERCPU(struct apic_timer, apic_timer);

static void arm_count(struct apic_timer *apic, uint32_t count)
{
	local_apic_timer_arm(count);
	apic->armed = count;
	apic->armed_at = clock_monotonic_ns();
}

/* How far has it come since it was armed? If it runs no more, and this is not the moment when it stopped, who knows. */
static void measure(struct apic_timer *apic, bool is_the_end)
{
	uint64_t passed, inverse_scale;
	uint32_t left;

	if (apic->measured_ns >= MEASURED_LONG && !is_the_end)
		return;
	passed = clock_monotonic_ns() - apic->armed_at;
	left = local_apic_timer_count();
	if (passed == 0 || (left == 0 && !is_the_end) || left >= apic->armed)
		return;
	inverse_scale = ((uint64_t)(apic->armed - left) << 28) / passed;
	/* An interrupt that is served late makes the timer look slow, never fast: so an end that shows it twice as fast
	 * counts, however short the wait was; else only what was longer. */
	if (passed < 2 * apic->measured_ns && !(is_the_end && inverse_scale / 2 >= apic->inverse_scale))
		return;
	apic->inverse_scale = inverse_scale;
	apic->measured_ns = passed;
}

static void arm_by_count(struct apic_timer *apic, uint64_t ns)
{
	uint64_t hop, count;

	measure(apic, false);
	apic->only_measured = false;
	hop = apic->measured_ns > 0 ? HOP * apic->measured_ns : FIRST_HOP_NS;
	if (apic->measured_ns < MEASURED_NS && ns > hop)
		ns = hop;
	count = clock_from_ns(ns + LATE_NS, apic->inverse_scale);
	arm_count(apic, count < COUNT_MAX ? (uint32_t)count : COUNT_MAX);
}

/* The time-stamp counter tells when, as long as it is the clock: one that is not trusted may stand still. */
static void arm_apic(uint64_t ns)
{
	struct apic_timer *apic = percpu(apic_timer);

	if (apic->by_deadline && clock_source() != clock_sources_tsc()) {
		apic->by_deadline = false;
		local_apic_timer_start(VECTOR_TIMER, false);
	}
	if (apic->by_deadline)
		local_apic_timer_arm_deadline(tsc_read() + clock_from_ns(ns, clock_inverse_scale(clock_source()->hz)));
	else
		arm_by_count(apic, ns);
}

static void handle_apic(struct trap_frame *frame)
{
	struct apic_timer *apic = percpu(apic_timer);

	(void)frame;
	if (!apic->by_deadline)
		measure(apic, true);
	local_apic_eoi();
	timer_interrupt();
}

static const struct timer_event *start_apic(void)
{
	static const struct timer_event by_deadline = {"local APIC, by TSC", arm_apic};
	static const struct timer_event by_count = {"local APIC", arm_apic};
	struct apic_timer *apic = percpu(apic_timer);

	apic->inverse_scale = clock_inverse_scale(HZ_GUESS);
	apic->by_deadline =
	        cpu_has(CPU_TSC_DEADLINE) && cpu_has(CPU_INVARIANT_TSC) && clock_source() == clock_sources_tsc();
	trap_set_handler(VECTOR_TIMER, handle_apic);
	local_apic_timer_start(VECTOR_TIMER, apic->by_deadline);
	if (!apic->by_deadline) {
		arm_count(apic, COUNT_MAX);
		apic->only_measured = true;
		return &by_count;
	}
	return &by_deadline;
}

/* ---- the PIT ---- */

static bool pit_is_armed;

static void arm_pit(uint64_t ns)
{
	uint64_t ticks = clock_from_ns(ns, clock_inverse_scale(PIT_HZ));

	pit_is_armed = true;
	pit_arm(ticks < PIT_TICKS_MAX ? (uint32_t)ticks : PIT_TICKS_MAX);
}

static enum irq_result handle_pit(void *context)
{
	(void)context;
	if (!pit_is_armed)
		return IRQ_NOT_MINE;
	pit_is_armed = false;
	timer_interrupt();
	return IRQ_MINE;
}

static const struct timer_event *start_pit(void)
{
	static const struct timer_event pit = {"PIT", arm_pit};

	return irq_register(PIT_LINE, handle_pit, NULL) == 0 ? &pit : NULL;
}

const struct timer_event *event_source_start(void)
{
	return local_apic_present() ? start_apic() : start_pit();
}

void event_source_start_cpu(void)
{
	struct apic_timer *apic = percpu(apic_timer), *known = percpu_of(apic_timer, 0);

	apic->measured_ns = known->measured_ns;
	apic->inverse_scale = known->inverse_scale;
	apic->by_deadline = known->by_deadline;
	local_apic_timer_start(VECTOR_TIMER, apic->by_deadline);
	timer_use_event(timer_event_of(0));
}

void event_source_settle(void)
{
	uint64_t flags = cpu_interrupts_save();
	struct apic_timer *apic = percpu(apic_timer);

	if (apic->only_measured) {
		measure(apic, false);
		local_apic_timer_stop();
		apic->only_measured = false;
	}
	cpu_interrupts_restore(flags);
}
