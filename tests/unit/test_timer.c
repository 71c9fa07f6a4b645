/*
 * Timers on an invented machine: a clock that only the test moves, and an event that comes when it was armed for, or a
 * little later, or a little early. Random histories are compared with a model: a plain list, searched from end to end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/panic.h"
#include "dice.h"
#include "time/clock.h"
#include "time/timer.h"

enum { TIMERS = 300 };

static struct {
	uint64_t now;      /* ns */
	uint64_t patience; /* of the clock */
	uint64_t event_at; /* UINT64_MAX: not armed */
	unsigned int armings, checks;
} machine;

uint64_t clock_monotonic_ns(void)
{
	return machine.now;
}

uint64_t clock_patience_ns(void)
{
	return machine.patience;
}

void clock_check(void)
{
	machine.checks++;
}

_Noreturn void panic(const char *format, ...)
{
	fail_msg("panic: %s", format);
	abort();
}

static void event_arm(uint64_t ns)
{
	machine.event_at = machine.now + ns;
	machine.armings++;
}

/* It cannot wait longer than this. */
enum { SHORT_NS = 5000000 };

static void short_event_arm(uint64_t ns)
{
	event_arm(ns < SHORT_NS ? ns : SHORT_NS);
}

static const struct timer_event event = {"an event", event_arm};
static const struct timer_event short_event = {"a short event", short_event_arm};

/* Lets the event come, at or after the moment it was armed for. */
static void event_comes(uint64_t late)
{
	if (machine.now < machine.event_at + late)
		machine.now = machine.event_at + late;
	machine.event_at = UINT64_MAX;
	cpu_disable_interrupts();
	timer_interrupt();
	cpu_enable_interrupts();
}

/* ---- the model ---- */

struct entry {
	struct timer timer;
	uint64_t deadline, order; /* as the model has them */
	bool is_pending;
	unsigned int fired;
};

static struct {
	struct entry entries[TIMERS];
	uint64_t orders;
	unsigned int fired;    /* in all */
	struct dice *restless; /* the dice, if a timer that fires also starts and cancels some */
	uint64_t limit;        /* order from which on timers wait for the next interrupt */
	uint64_t interrupted_at;
} model;

static struct entry *model_first(void)
{
	struct entry *first = NULL;

	for (struct entry *e = model.entries; e < model.entries + TIMERS; e++) {
		if (!e->is_pending)
			continue;
		if (first == NULL || e->deadline < first->deadline ||
		        (e->deadline == first->deadline && e->order < first->order))
			first = e;
	}
	return first;
}

static void start(struct entry *e, uint64_t deadline)
{
	timer_start(&e->timer, deadline);
	e->deadline = deadline > machine.now ? deadline : machine.now;
	e->order = model.orders++;
	e->is_pending = true;
	assert_true(timer_is_pending(&e->timer));
}

static void cancel(struct entry *e)
{
	assert_int_equal(timer_cancel(&e->timer), e->is_pending);
	e->is_pending = false;
	assert_false(timer_is_pending(&e->timer));
}

/* Deadlines lie close together, so that many are the same; some have passed, some are far away. */
static void do_something(struct dice *dice)
{
	struct entry *e = &model.entries[dice_below(dice, TIMERS)];

	switch (dice_below(dice, 8)) {
	case 0:
	case 1:
		cancel(e);
		break;
	case 2:
		start(e, machine.now - dice_below(dice, machine.now + 1));
		break;
	case 3:
		start(e, machine.now + dice_below(dice, 1000) * 1000000);
		break;
	default:
		start(e, machine.now + dice_below(dice, 20) * 1000);
		break;
	}
}

static void fire(struct timer *timer)
{
	struct entry *e = (struct entry *)timer;

	assert_false(cpu_interrupts_enabled());
	assert_false(timer_is_pending(timer));
	assert_true(e->is_pending);
	assert_ptr_equal(e, model_first());
	assert_true(e->deadline <= machine.now);
	assert_true(e->order < model.limit);
	e->is_pending = false;
	e->fired++;
	model.fired++;
	if (model.restless != NULL) {
		machine.now += dice_below(model.restless, 3);
		for (uint64_t n = dice_below(model.restless, 3); n > 0; n--)
			do_something(model.restless);
	}
}

static void begin(const struct timer_event *with)
{
	for (int i = 0; i < TIMERS; i++)
		timer_cancel(&model.entries[i].timer);
	memset(&model, 0, sizeof(model));
	for (int i = 0; i < TIMERS; i++)
		model.entries[i].timer.fire = fire;
	memset(&machine, 0, sizeof(machine));
	machine.now = 1000;
	machine.patience = UINT64_MAX;
	machine.event_at = UINT64_MAX;
	cpu_enable_interrupts();
	timer_use_event(with);
}

static void interrupt(uint64_t late)
{
	model.limit = model.orders;
	model.interrupted_at = machine.event_at + late > machine.now ? machine.event_at + late : machine.now;
	event_comes(late);
}

/* Nothing that was due when the interrupt came is still there, unless it was started while it ran. */
static void assert_all_fired(void)
{
	for (struct entry *e = model.entries; e < model.entries + TIMERS; e++)
		assert_false(e->is_pending && e->deadline <= model.interrupted_at && e->order < model.limit);
}

/* Whatever is due comes: the event is armed for the first timer, or earlier. */
static void assert_armed(void)
{
	struct entry *first = model_first();

	if (first == NULL)
		return;
	assert_int_not_equal(machine.event_at, UINT64_MAX);
	assert_true(machine.event_at <= (first->deadline > machine.now ? first->deadline : machine.now));
}

enum { OPERATIONS = 100000 };

/* ---- the tests ---- */

static void random_history(const char *name, bool is_restless, const struct timer_event *with)
{
	struct dice dice = dice_take(name);

	begin(with);
	if (is_restless)
		model.restless = &dice;
	for (uint64_t i = dice_rounds(OPERATIONS); i > 0; i--) {
		do_something(&dice);
		assert_armed();
		machine.now += dice_below(&dice, 3000);
		if (machine.event_at <= machine.now) {
			interrupt(0);
			assert_all_fired();
			assert_armed();
		}
	}
	assert_true(model.fired > OPERATIONS / 10);
	assert_true(cpu_interrupts_enabled());
}

static void test_random_history(void **state)
{
	(void)state;
	random_history("test_timer", false, &event);
	random_history("test_timer", false, &short_event);
}

static void test_random_history_with_restless_timers(void **state)
{
	(void)state;
	random_history("test_timer restless", true, &event);
}

/* With nothing due nothing is armed, and what was cancelled costs one interrupt at most. */
static void test_nothing_to_do(void **state)
{
	(void)state;
	begin(&event);
	assert_int_equal(machine.armings, 0);
	start(&model.entries[0], 5000);
	assert_int_equal(machine.armings, 1);
	cancel(&model.entries[0]);
	interrupt(0);
	assert_int_equal(model.fired, 0);
	assert_int_equal(machine.armings, 1);
	assert_int_equal(machine.event_at, UINT64_MAX);
}

/* Later ones leave the event alone, earlier ones move it; a lost event is armed again by whoever comes next. */
static void test_armings(void **state)
{
	(void)state;
	begin(&event);
	start(&model.entries[0], 9000);
	start(&model.entries[1], 20000);
	assert_int_equal(machine.armings, 1);
	start(&model.entries[2], 4000);
	assert_int_equal(machine.armings, 2);
	assert_int_equal(machine.event_at, 4000);
	interrupt(0);
	assert_int_equal(model.fired, 1);
	assert_int_equal(machine.event_at, 9000);
	machine.event_at = UINT64_MAX; /* it gets lost */
	machine.now = 100000;
	start(&model.entries[3], 90000);
	assert_int_equal(machine.event_at, 100000);
	interrupt(0);
	assert_int_equal(model.fired, 4);
}

/* Far deadlines are reached in hops of the event's own length. */
static void test_far_away(void **state)
{
	unsigned int hops = 0;

	(void)state;
	begin(&short_event);
	start(&model.entries[0], 3600 * NS_PER_SECOND);
	for (; model.fired == 0; hops++)
		interrupt(0);
	assert_int_equal(machine.now, 3600 * NS_PER_SECOND);
	assert_int_equal(hops, 3600 * NS_PER_SECOND / SHORT_NS);
	assert_int_equal(machine.event_at, UINT64_MAX);
}

/* Never, and never, as good as: no arithmetic of a chip meets a number that long. */
static void test_never(void **state)
{
	(void)state;
	begin(&event);
	start(&model.entries[0], UINT64_MAX);
	assert_int_equal(machine.armings, 0);
	start(&model.entries[1], UINT64_MAX - 1);
	assert_int_equal(machine.event_at, machine.now + TIMER_EVENT_LONGEST_NS);
	interrupt(0);
	assert_int_equal(model.fired, 0);
	assert_int_equal(machine.event_at, machine.now + TIMER_EVENT_LONGEST_NS);
}

/* An event that comes early fires nothing, and comes again. */
static void test_early_event(void **state)
{
	(void)state;
	begin(&event);
	start(&model.entries[0], 1000000);
	machine.event_at = 999000;
	interrupt(0);
	assert_int_equal(model.fired, 0);
	assert_int_equal(machine.event_at, 1000000);
	interrupt(0);
	assert_int_equal(model.fired, 1);
}

/* A clock that wraps is read in time, though nothing is due. */
static void test_impatient_clock(void **state)
{
	(void)state;
	begin(&event);
	machine.patience = 2000000;
	timer_use_event(&event);
	for (unsigned int i = 1; i <= 1000; i++) {
		uint64_t before = machine.now;

		interrupt(0);
		assert_int_equal(machine.checks, i);
		assert_int_equal(machine.now, before + 2000000);
	}
	assert_int_equal(machine.armings, 1001);
}

/* The clock leaps by 49.7 days: each timer fires once, a periodic one that wants to catch up too. */
static struct timer periodic;
static unsigned int periodic_fired;

static void fire_periodic(struct timer *timer)
{
	periodic_fired++;
	timer_start(timer, timer->node.deadline + 1000000);
}

static void test_leap(void **state)
{
	(void)state;
	begin(&event);
	periodic.fire = fire_periodic;
	timer_start(&periodic, 2000000);
	for (int i = 0; i < TIMERS; i++)
		start(&model.entries[i], 1000000 + (uint64_t)i);
	machine.now += 1ull << 32 << 20;
	interrupt(0);
	assert_int_equal(model.fired, TIMERS);
	assert_int_equal(periodic_fired, 1);
	machine.armings = 0;
	interrupt(100);
	assert_int_equal(periodic_fired, 2);
	assert_int_equal(machine.armings, 1); /* at the end, not for each that is started meanwhile */
	interrupt(0);
	assert_int_equal(periodic_fired, 3);
	assert_true(machine.event_at > machine.now);
	timer_cancel(&periodic);
}

/* One that starts itself for the past, again and again, keeps neither the CPU nor the others waiting. */
static unsigned int busy_fired;

static void fire_busy(struct timer *timer)
{
	busy_fired++;
	timer_start(timer, 0);
}

static void test_one_that_never_has_enough(void **state)
{
	static struct timer busy = {.fire = fire_busy};

	(void)state;
	begin(&event);
	timer_start(&busy, 0);
	start(&model.entries[0], 1500);
	model.orders++; /* the busy one's */
	for (int i = 0; i < 10; i++) {
		machine.now += 100;
		interrupt(0);
		model.orders++;
	}
	assert_int_equal(busy_fired, 10);
	assert_int_equal(model.fired, 1);
	timer_cancel(&busy);
}

/* The heap stands as its three rules say, after every step; and its right edge is short. */
static unsigned int check_node(const struct timer_node *n, const struct timer_node *parent)
{
	uint32_t left = 0, right = 0;

	if (n == NULL)
		return 0;
	assert_ptr_equal(n->parent, parent);
	if (parent != NULL)
		assert_true(parent->deadline < n->deadline ||
		            (parent->deadline == n->deadline && parent->order < n->order));
	left = n->left != NULL ? n->left->rank : 0;
	right = n->right != NULL ? n->right->rank : 0;
	assert_true(left >= right);
	assert_int_equal(n->rank, right + 1);
	return 1 + check_node(n->left, n) + check_node(n->right, n);
}

/* The sum of what a walk meets, each once: the numbers under which they came. */
static uint64_t sum_by_next(const struct timer_queue *queue, unsigned int count)
{
	uint64_t sum = 0;

	for (struct timer_node *n = queue->first; n != NULL; n = timer_queue_next(n)) {
		assert_true(count-- > 0);
		sum += n->order;
	}
	assert_int_equal(count, 0);
	return sum;
}

static void test_heap(void **state)
{
	static struct timer_node nodes[1000];
	struct timer_queue queue = {0};
	struct dice dice = dice_take("test_timer heap");
	unsigned int count = 0;
	uint64_t sum = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct timer_node *n = &nodes[dice_below(&dice, 1000)];

		if (n->rank != 0) {
			timer_queue_remove(&queue, n);
			assert_int_equal(n->rank, 0);
			sum -= n->order;
			count--;
		} else {
			n->deadline = dice_below(&dice, 400);
			timer_queue_add(&queue, n);
			sum += n->order;
			count++;
		}
		if (i % 16 == 0)
			assert_int_equal(check_node(queue.first, NULL), count);
		assert_true(queue.first == NULL || queue.first->rank <= 10);
		if (i % 16 == 0)
			assert_int_equal(sum_by_next(&queue, count), sum);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_heap),
	        cmocka_unit_test(test_nothing_to_do),
	        cmocka_unit_test(test_armings),
	        cmocka_unit_test(test_far_away),
	        cmocka_unit_test(test_never),
	        cmocka_unit_test(test_early_event),
	        cmocka_unit_test(test_impatient_clock),
	        cmocka_unit_test(test_leap),
	        cmocka_unit_test(test_one_that_never_has_enough),
	        cmocka_unit_test(test_random_history),
	        cmocka_unit_test(test_random_history_with_restless_timers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
