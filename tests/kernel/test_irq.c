/*
 * Interrupts from the line to the handler, with the one device every machine has: the timer at ISA line 0.
 */
#include "kernel_test.h"

#include <stdbool.h>

#include "abi/errno.h"
#include "core/irq.h"
#include "cpu.h"
#include "io_apic.h"
#include "lib/string.h"
#include "local_apic.h"
#include "mm/heap.h"
#include "pic.h"
#include "time/clock.h"
#include "time/timer.h"
#include "timer_line.h"
#include "trap.h"
#include "unseal.h"

#define FREE_LINE 5 /* no device of the machines that run this has it */

static unsigned int calls;

static enum irq_result claim(void *context)
{
	(void)context;
	calls++;
	return IRQ_MINE;
}

static enum irq_result refuse(void *context)
{
	++*(unsigned int *)context;
	return IRQ_NOT_MINE;
}

KERNEL_TEST(irq_timer_line)
{
	struct irq_count before, after;
	unsigned int calls_then;

	EXPECT(cpu_interrupts_enabled());
	cpu_disable_interrupts();
	before = irq_count(TIMER_LINE);
	calls = 0;
	EXPECT(irq_register(TIMER_LINE, claim, NULL) == 0);
	cpu_enable_interrupts();
	timer_line_run(1000);
	while (calls < 20)
		cpu_wait_for_interrupt();
	cpu_disable_interrupts();
	after = irq_count(TIMER_LINE);
	calls_then = calls;
	timer_line_stop();
	cpu_enable_interrupts(); /* one may be on its way still */
	EXPECT(irq_unregister(TIMER_LINE, claim, NULL) == 0);
	EXPECT(after.total - before.total == calls_then);
	EXPECT(after.unclaimed == before.unclaimed);
	EXPECT(!after.silenced);
}

/* Each handler of a line is asked, and only those that are registered. */
KERNEL_TEST(irq_is_shared)
{
	unsigned int first = 0, second = 0;

	calls = 0;
	cpu_disable_interrupts(); /* none comes while only some of them are there */
	EXPECT(irq_register(TIMER_LINE, refuse, &first) == 0);
	EXPECT(irq_register(TIMER_LINE, claim, NULL) == 0);
	EXPECT(irq_register(TIMER_LINE, refuse, &second) == 0);
	cpu_enable_interrupts();
	timer_line_run(1000);
	while (calls < 5)
		cpu_wait_for_interrupt();
	EXPECT(irq_unregister(TIMER_LINE, refuse, &first) == 0);
	first = 0;
	while (calls < 10)
		cpu_wait_for_interrupt();
	timer_line_stop();
	EXPECT(irq_unregister(TIMER_LINE, claim, NULL) == 0);
	EXPECT(irq_unregister(TIMER_LINE, refuse, &second) == 0);
	EXPECT(first == 0);
	EXPECT(second >= 10);
}

/* Memory keeps what is written, but is no I/O APIC. */
KERNEL_TEST(irq_memory_is_no_io_apic)
{
	void *memory = kzalloc(IO_APIC_SIZE);

	EXPECT(memory != NULL);
	EXPECT(io_apic_add(memory, 0) == -ENODEV);
	memset(memory, 0xff, IO_APIC_SIZE);
	EXPECT(io_apic_add(memory, 0) == -ENODEV);
	kfree(memory);
}

KERNEL_TEST(irq_refuses_nonsense)
{
	EXPECT(irq_register(IRQ_SOURCES, claim, NULL) == -EINVAL);
	EXPECT(irq_register(IRQ_SOURCES - 1, claim, NULL) == -EINVAL); /* not connected */
	EXPECT(irq_unregister(IRQ_SOURCES, claim, NULL) == -ENOENT);
	EXPECT(irq_unregister(FREE_LINE, claim, NULL) == -ENOENT);
	EXPECT(irq_register(FREE_LINE, claim, NULL) == 0);
	EXPECT(irq_unregister(FREE_LINE, claim, &calls) == -ENOENT);
	EXPECT(irq_unregister(FREE_LINE, claim, NULL) == 0);
}

/* A slot for a handler is given back: or the 129th of these would find none. */
KERNEL_TEST(irq_gives_slots_back)
{
	for (int i = 0; i < 200; i++) {
		EXPECT(irq_register(FREE_LINE, claim, NULL) == 0);
		EXPECT(irq_unregister(FREE_LINE, claim, NULL) == 0);
	}
}

KERNEL_TEST(irq_runs_out_of_slots)
{
	int count = 0;

	while (irq_register(FREE_LINE, claim, NULL) == 0)
		count++;
	EXPECT(count > 100);
	EXPECT(irq_register(FREE_LINE, claim, NULL) == -ENOMEM);
	while (count-- > 0)
		EXPECT(irq_unregister(FREE_LINE, claim, NULL) == 0);
	EXPECT(irq_unregister(FREE_LINE, claim, NULL) == -ENOENT);
}

/* A line that fell back before the CPU asked: the 8259 delivers its line 7 or 15, and neither counts as an interrupt.
 */
KERNEL_TEST(irq_spurious)
{
	uint64_t before = irq_count_spurious(), master = irq_count(7).total, slave = irq_count(15).total;

	__asm__ volatile("int %0" ::"i"(VECTOR_8259 + 7) : "memory");
	EXPECT(irq_count_spurious() == before + 1);
	__asm__ volatile("int %0" ::"i"(VECTOR_8259 + 15) : "memory");
	EXPECT(irq_count_spurious() == before + 2);
	__asm__ volatile("int %0" ::"i"(VECTOR_SPURIOUS) : "memory");
	EXPECT(irq_count_spurious() == before + 3);
	EXPECT(irq_count(7).total == master && irq_count(15).total == slave);
}

/* An interrupt nobody has registered for is counted and ended: the next one comes. */
KERNEL_TEST(irq_unexpected)
{
	struct irq_count before = irq_count(IRQ_SOURCES - 1);

	__asm__ volatile("int %0" ::"i"(VECTOR_SOURCES_END - 1) : "memory");
	EXPECT(irq_count(IRQ_SOURCES - 1).total == before.total + 1);
	EXPECT(irq_count(IRQ_SOURCES - 1).unclaimed == before.unclaimed + 1);
}

/* Interrupts that nobody claims, and the line is off; who registers anew gets it back. */
KERNEL_TEST(irq_unclaimed_storm)
{
	unsigned int asked = 0;

	EXPECT(irq_register(TIMER_LINE, refuse, &asked) == 0);
	timer_line_run(10000);
	cpu_disable_interrupts();
	while (!irq_count(TIMER_LINE).silenced) {
		cpu_wait_for_interrupt();
		cpu_disable_interrupts();
	}
	cpu_enable_interrupts();
	EXPECT(asked >= 900 && asked <= 2000);
	asked = 0;
	for (int i = 0; i < 100000; i++)
		cpu_relax();
	EXPECT(asked == 0);
	calls = 0;
	timer_line_run(1000);
	EXPECT(irq_register(TIMER_LINE, claim, NULL) == 0);
	EXPECT(!irq_count(TIMER_LINE).silenced);
	while (calls < 5)
		cpu_wait_for_interrupt();
	timer_line_stop();
	EXPECT(irq_unregister(TIMER_LINE, claim, NULL) == 0);
	EXPECT(irq_unregister(TIMER_LINE, refuse, &asked) == 0);
}

/*
 * The timer at its fastest, and handled: the code it interrupts comes to its end. On a machine that is slower than that
 * (in Bochs there are seven instructions from tick to tick) it does so because the line is switched off.
 */
KERNEL_TEST(irq_claimed_storm)
{
	volatile unsigned int work = 0;

	calls = 0;
	EXPECT(irq_register(TIMER_LINE, claim, NULL) == 0);
	timer_line_run(TIMER_LINE_FASTEST);
	while (work < 100000 || __atomic_load_n(&calls, __ATOMIC_RELAXED) == 0)
		work++;
	timer_line_stop();
	EXPECT(irq_unregister(TIMER_LINE, claim, NULL) == 0);
}

/*
 * A device that interrupts often, and code that only waits, in one instruction: its registers never change, and that is
 * no storm. The way out of the loop is that the interrupt returns behind it.
 */
static trap_handler *others[TRAP_VECTORS];
static bool enough;

static enum irq_result claim_until_enough(void *context)
{
	(void)context;
	enough = ++calls >= 2200; /* two windows, and some */
	return IRQ_MINE;
}

static void give_up(struct timer *timer)
{
	(void)timer;
	enough = true;
}

static const uint8_t jump_to_itself[] = {0xeb, 0xfe};

static void step_out(struct trap_frame *frame)
{
	others[frame->vector](frame);
	if (enough && memcmp((const void *)frame->rip, jump_to_itself, sizeof(jump_to_itself)) == 0)
		frame->rip += sizeof(jump_to_itself);
}

static void exchange_handlers(bool ours)
{
	const uint8_t vectors[] = {irq_vector(TIMER_LINE), VECTOR_8259 + TIMER_LINE, VECTOR_TIMER};

	for (unsigned int i = 0; i < sizeof(vectors); i++) {
		trap_handler *before = unsealed_set_handler(vectors[i], ours ? step_out : others[vectors[i]]);

		if (ours)
			others[vectors[i]] = before;
	}
}

KERNEL_TEST(irq_busy_device_is_healthy)
{
	struct timer limit = {.fire = give_up};
	bool silenced;

	if (clock_source()->hz < 100000000 || !local_apic_present())
		SKIP("this machine is too slow for it, or has no second timer");
	calls = 0;
	enough = false;
	exchange_handlers(true);
	timer_start(&limit, clock_monotonic_ns() + 20 * NS_PER_SECOND);
	EXPECT(irq_register(TIMER_LINE, claim_until_enough, NULL) == 0);
	timer_line_run(50000);
	__asm__ volatile("1: jmp 1b" ::: "memory");
	silenced = irq_count(TIMER_LINE).silenced;
	timer_line_stop();
	EXPECT(irq_unregister(TIMER_LINE, claim_until_enough, NULL) == 0);
	timer_cancel(&limit);
	exchange_handlers(false);
	EXPECT(!silenced);
}
