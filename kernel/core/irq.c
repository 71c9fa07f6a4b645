#include "core/irq.h"

#include <stddef.h>

#include "abi/errno.h"
#include "core/log.h"
#include "core/monitor_command.h"
#include "core/spinlock.h"
#include "core/symbols.h"
#include "cpu.h"
#include "local_apic.h"
#include "percpu.h"
#include "pic.h"
#include "trap.h"

#define HANDLERS_MAX 128

/*
 * Every so many interrupts a source is looked at. It is silenced if nobody claimed nearly all of them (a few may be
 * nobody's at a shared line: a device was served together with the one before) ...
 */
#define WATCH_WINDOW    1000
#define WATCH_UNCLAIMED 990

/*
 * ... or if as many more come one soon after the other, and each finds the code it interrupts as the last one left it:
 * then somebody claims the interrupt and does not make it stop, and nothing else runs any more.
 */
#define WATCH_STUCK 1000
#define WATCH_SOON  8192 /* cycles from the end of one to the next: some 3 us */

struct action {
	irq_handler *handler; /* NULL: free */
	void *context;
	struct action *next;
};

/* The code that was interrupted, and when it could go on. */
struct interrupted {
	uint64_t rip, rsp, others; /* all other registers, mixed */
	uint64_t ended;            /* time-stamp counter when the handlers were done */
	uint32_t same;             /* how often in a row */
};

struct source {
	const struct interrupt_chip *chip;
	unsigned int line;
	bool silenced;
	uint8_t running; /* its handlers are */
	struct action *actions;

	/* Only where its interrupts are handled. */
	uint64_t total, unclaimed;
	uint64_t watch_at; /* the total at which it is looked at next */
	bool watched_closely;
	uint64_t began; /* when watched closely: the time-stamp counter before the handlers ran */
	uint64_t unclaimed_before;
	struct interrupted interrupted;
};

static struct spinlock lock = SPINLOCK(RANK_IRQ, "interrupt sources");
static struct source sources[IRQ_SOURCES];
static struct action actions[HANDLERS_MAX];
static uint64_t spurious;

/* ---- delivery ---- */

static void silence(struct source *source, const char *why)
{
	uint64_t flags = spin_lock(&lock);

	source->silenced = true;
	source->chip->mask(source->line);
	spin_unlock(&lock, flags);
	log_warning("Interrupt source %lu is switched off: %s.\n", (uint64_t)(source - sources), why);
}

static uint64_t mix(const struct trap_frame *f)
{
	uint64_t sum = f->rax + 3 * f->rbx + 5 * f->rcx + 7 * f->rdx + 9 * f->rsi + 11 * f->rdi + 13 * f->rbp;

	return sum + f->r8 + 3 * f->r9 + 5 * f->r10 + 7 * f->r11 + 9 * f->r12 + 11 * f->r13 + 13 * f->r14 + f->r15;
}

/* Did the code not come one instruction further since the last time? */
static bool is_same(struct source *source, const struct trap_frame *frame)
{
	struct interrupted *last = &source->interrupted;
	struct interrupted now = {frame->rip, frame->rsp, mix(frame), cpu_read_tsc(), 0};
	bool same = now.rip == last->rip && now.rsp == last->rsp && now.others == last->others &&
	            source->began - last->ended < WATCH_SOON;

	now.same = same ? last->same + 1 : 0;
	*last = now;
	return same;
}

static void begin_window(struct source *source)
{
	source->unclaimed_before = source->unclaimed;
	source->watch_at = source->total + WATCH_WINDOW;
	source->watched_closely = false;
}

/* At the end of a window, and then at each interrupt until one finds that something else has run. */
static __attribute__((noinline)) void look_at(struct source *source, const struct trap_frame *frame)
{
	bool window_ends = !source->watched_closely;
	bool same = is_same(source, frame);

	if (window_ends && source->unclaimed - source->unclaimed_before >= WATCH_UNCLAIMED) {
		silence(source, "nobody wants what it says");
		begin_window(source);
	} else if (source->interrupted.same >= WATCH_STUCK) {
		silence(source, "it never stops, and nothing else runs");
		begin_window(source);
	} else if (window_ends || same) {
		source->watched_closely = true;
		source->watch_at = source->total + 1;
	} else {
		begin_window(source);
	}
}

/* Returns whether any of them claimed it. All are asked: devices that share a line may have raised it together. */
static inline bool run_handlers(struct source *source)
{
	bool claimed = false;

	__atomic_exchange_n(&source->running, 1, __ATOMIC_SEQ_CST);
	for (struct action *a = __atomic_load_n(&source->actions, __ATOMIC_ACQUIRE); a != NULL;
	        a = __atomic_load_n(&a->next, __ATOMIC_ACQUIRE))
		claimed |= a->handler(a->context) == IRQ_MINE;
	__atomic_store_n(&source->running, 0, __ATOMIC_RELEASE);
	return claimed;
}

static inline __attribute__((always_inline)) void deliver(struct source *source, const struct trap_frame *frame)
{
	if (source->watched_closely)
		source->began = cpu_read_tsc();
	if (!run_handlers(source))
		source->unclaimed++;
	if (++source->total >= source->watch_at)
		look_at(source, frame);
	source->chip->end(source->line);
}

static void handle_source(struct trap_frame *frame)
{
	struct source *source = &sources[frame->vector - VECTOR_SOURCES];

	__asm__("" : "+r"(source)); /* keep the address: gcc would rather compute it again at every use */
	deliver(source, frame);
}

static void count_spurious(void)
{
	__atomic_fetch_add(&spurious, 1, __ATOMIC_RELAXED);
}

static void handle_8259(struct trap_frame *frame)
{
	unsigned int line = (unsigned int)frame->vector - VECTOR_8259;

	if (pic_is_spurious(line))
		count_spurious();
	else
		deliver(&sources[line], frame);
}

/* It has no place in the in-service register, so there is nothing to end. */
static void handle_spurious(struct trap_frame *frame)
{
	(void)frame;
	count_spurious();
}

static void handle_apic_error(struct trap_frame *frame)
{
	(void)frame;
	log_warning("The local APIC of CPU %u met an error, status %02x.\n", percpu_cpu(), local_apic_take_error());
	local_apic_eoi();
}

/* ---- sources ---- */

/* A source that is not connected: what comes all the same is ended, counted and nobody's. */
static void mask_nothing(unsigned int line)
{
	(void)line;
}

static void end_nothing(unsigned int line)
{
	(void)line;
	if (local_apic_present())
		local_apic_eoi();
}

static const struct interrupt_chip no_chip = {"none", mask_nothing, mask_nothing, end_nothing};

void irq_start(void)
{
	for (unsigned int i = 0; i < IRQ_SOURCES; i++) {
		sources[i].chip = &no_chip;
		begin_window(&sources[i]);
		trap_set_handler(irq_vector(i), handle_source);
	}
	for (unsigned int line = 0; line < PIC_LINES; line++)
		trap_set_handler(VECTOR_8259 + line, handle_8259);
	trap_set_handler(VECTOR_SPURIOUS, handle_spurious);
	trap_set_handler(VECTOR_APIC_ERROR, handle_apic_error);
}

static bool is_connected(unsigned int number)
{
	return number < IRQ_SOURCES && sources[number].chip != &no_chip;
}

void irq_connect(unsigned int number, const struct interrupt_chip *chip, unsigned int line)
{
	uint64_t flags = spin_lock(&lock);

	sources[number].line = line;
	sources[number].chip = chip;
	begin_window(&sources[number]);
	spin_unlock(&lock, flags);
}

int irq_allocate(const struct interrupt_chip *chip)
{
	uint64_t flags = spin_lock(&lock);
	unsigned int number = IRQ_ISA_LINES;

	while (number < IRQ_SOURCES && sources[number].chip != &no_chip)
		number++;
	if (number < IRQ_SOURCES) {
		sources[number] = (struct source){.chip = chip, .line = number};
		begin_window(&sources[number]);
	}
	spin_unlock(&lock, flags);
	return number < IRQ_SOURCES ? (int)number : -ENOSPC;
}

void irq_release(unsigned int number)
{
	irq_connect(number, &no_chip, 0);
}

/* ---- handlers ---- */

static struct action *take_action(irq_handler *handler, void *context)
{
	for (struct action *a = actions; a < actions + HANDLERS_MAX; a++) {
		if (a->handler == NULL) {
			*a = (struct action){handler, context, NULL};
			return a;
		}
	}
	return NULL;
}

static struct action **last_of(struct source *source)
{
	struct action **end = &source->actions;

	while (*end != NULL)
		end = &(*end)->next;
	return end;
}

int irq_register(unsigned int number, irq_handler *handler, void *context)
{
	uint64_t flags = spin_lock(&lock);
	struct source *source = &sources[number];
	struct action *action;
	int result = -EINVAL;
	bool was_masked;

	if (!is_connected(number))
		goto out;
	result = -ENOMEM;
	action = take_action(handler, context);
	if (action == NULL)
		goto out;
	result = 0;
	was_masked = source->actions == NULL || source->silenced;
	__atomic_store_n(last_of(source), action, __ATOMIC_RELEASE);
	source->silenced = false;
	begin_window(source);
	if (was_masked)
		source->chip->unmask(source->line);
out:
	spin_unlock(&lock, flags);
	return result;
}

static struct action *remove(struct source *source, irq_handler *handler, void *context)
{
	for (struct action **at = &source->actions; *at != NULL; at = &(*at)->next) {
		struct action *a = *at;

		if (a->handler == handler && a->context == context) {
			__atomic_store_n(at, a->next, __ATOMIC_SEQ_CST);
			return a;
		}
	}
	return NULL;
}

int irq_unregister(unsigned int number, irq_handler *handler, void *context)
{
	struct source *source = &sources[number];
	struct action *action;
	uint64_t flags;

	if (number >= IRQ_SOURCES)
		return -ENOENT;
	flags = spin_lock(&lock);
	action = remove(source, handler, context);
	if (action != NULL && source->actions == NULL)
		source->chip->mask(source->line);
	spin_unlock(&lock, flags);
	if (action == NULL)
		return -ENOENT;
	while (__atomic_load_n(&source->running, __ATOMIC_SEQ_CST) != 0) /* on another CPU */
		cpu_relax();
	__atomic_store_n(&action->handler, NULL, __ATOMIC_RELEASE);
	return 0;
}

/* ---- looking ---- */

struct irq_count irq_count(unsigned int number)
{
	const struct source *source = &sources[number];

	return (struct irq_count){source->total, source->unclaimed, source->silenced};
}

uint64_t irq_count_spurious(void)
{
	return spurious;
}

static void print_handlers(struct command_output *output, const struct source *source)
{
	char text[SYMBOLS_TEXT_MAX];
	uint64_t offset;

	for (const struct action *a = source->actions; a != NULL; a = a->next) {
		const char *name = symbols_find((uint64_t)a->handler, &offset);

		command_print(
		        output, "%24s by %s\n", "", name != NULL ? name : symbols_describe((uint64_t)a->handler, text));
	}
}

static int print_sources(struct command_output *output, unsigned int count, char *const words[])
{
	if (count != 1)
		return command_refuse(output, words[0]);
	command_print(output, "source  chip      number  interrupts  unclaimed\n");
	for (unsigned int i = 0; i < IRQ_SOURCES; i++) {
		const struct source *s = &sources[i];

		if (s->chip == &no_chip || (s->actions == NULL && s->total == 0))
			continue;
		command_print(output, "%6u  %-9s %6u  %10lu %10lu%s\n", i, s->chip->name, s->line, s->total,
		        s->unclaimed, s->silenced ? "  switched off" : "");
		print_handlers(output, s);
	}
	command_print(output, "spurious: %lu\n", spurious);
	return 0;
}

MONITOR_COMMAND(irq, "", "interrupts: sources, counts, handlers", print_sources);
