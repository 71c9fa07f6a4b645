/*
 * The fair queue against a model that keeps a plain list, adds everything up anew each time, and searches from end to
 * end; and what it is for: shares by weight, never far off.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "dice.h"
#include "task/fair_queue.h"

enum { MANY = 40, SLICE = 1000 };

/* What the model knows of each: the queue's fields are not looked at for it. */
struct known {
	struct fair_entity entity;
	bool waits, runs;
	int64_t time; /* or, of one that is out, how far it was behind */
	int64_t deadline;
	int64_t left_at; /* by V */
	uint64_t order;
	uint32_t weight;
	uint64_t slice;
};

static struct {
	struct fair_queue queue;
	struct known all[MANY];
	uint64_t orders;
	bool slice_is_over;
	int64_t last_time; /* of the last one that left an empty queue behind */
} test;

static int64_t floor_divide(__int128 a, __int128 b)
{
	__int128 quotient = a / b;

	return (int64_t)(a % b < 0 ? quotient - 1 : quotient);
}

static int64_t weight_of_all(void)
{
	int64_t weight = 0;

	for (struct known *k = test.all; k < test.all + MANY; k++)
		weight += k->waits || k->runs ? k->weight : 0;
	return weight;
}

static int64_t model_now(void)
{
	__int128 sum = 0;

	for (struct known *k = test.all; k < test.all + MANY; k++)
		sum += k->waits || k->runs ? (__int128)k->time * k->weight : 0;
	return floor_divide(sum, weight_of_all());
}

static int64_t model_virtual(const struct known *k, uint64_t ticks)
{
	return (int64_t)(ticks * FAIR_WEIGHT / k->weight);
}

static struct known *model_runner(void)
{
	for (struct known *k = test.all; k < test.all + MANY; k++) {
		if (k->runs)
			return k;
	}
	return NULL;
}

static bool comes_before(const struct known *a, const struct known *b)
{
	return a->deadline != b->deadline ? a->deadline < b->deadline : a->order < b->order;
}

static struct known *model_turn(void)
{
	struct known *best = NULL, *runner = model_runner();
	int64_t now;

	if (weight_of_all() == 0)
		return NULL;
	now = model_now();
	for (struct known *k = test.all; k < test.all + MANY; k++) {
		bool may = k->waits ? k->time <= now : k->runs && (k->time <= now || !test.slice_is_over);

		if (may && (best == NULL || comes_before(k, best)))
			best = k;
	}
	return best != NULL ? best : runner;
}

/* ---- what holds between calls ---- */

static unsigned int check_tree(const struct fair_entity *e, int64_t *earliest)
{
	unsigned int count = 1;
	int64_t below;

	*earliest = e->time;
	for (unsigned int side = 0; side < 2; side++) {
		const struct fair_entity *child = side == 0 ? e->left : e->right;

		if (child == NULL)
			continue;
		assert_true(child->height <= e->height);
		assert_true(side == 0 ? child->deadline <= e->deadline : child->deadline >= e->deadline);
		count += check_tree(child, &below);
		*earliest = below < *earliest ? below : *earliest;
	}
	assert_int_equal(e->earliest, *earliest);
	return count;
}

static void check(void)
{
	struct known *runner = model_runner();
	unsigned int waiting = 0;
	int64_t earliest;

	for (struct known *k = test.all; k < test.all + MANY; k++) {
		waiting += k->waits;
		assert_int_equal(k->entity.time, k->time);
		if (k->waits || k->runs)
			assert_int_equal(k->entity.deadline, k->deadline);
	}
	assert_int_equal(test.queue.waiting, waiting);
	assert_ptr_equal(test.queue.runner, runner != NULL ? &runner->entity : NULL);
	assert_int_equal(test.queue.weight, weight_of_all());
	if (test.queue.first != NULL)
		assert_int_equal(check_tree(test.queue.first, &earliest), waiting);
	else
		assert_int_equal(waiting, 0);
	if (runner != NULL)
		assert_in_range(fair_queue_left(&test.queue), 0, runner->slice);
	if (runner != NULL)
		assert_int_equal(fair_queue_is_due(&test.queue), model_turn() != runner);
	else
		assert_int_equal(fair_queue_is_due(&test.queue), waiting > 0);
}

/* ---- operations, done to both ---- */

static void join(struct known *k)
{
	int64_t weight = weight_of_all(), behind = k->time;

	if (weight > 0 && behind < 0 && model_now() > k->left_at)
		behind = behind + model_now() - k->left_at < 0 ? behind + model_now() - k->left_at : 0;
	if (weight == 0)
		k->time = test.last_time;
	else
		k->time = model_now() - behind - floor_divide((__int128)behind * k->weight, weight);
	k->deadline = k->time + model_virtual(k, k->slice);
	k->order = test.orders++;
	k->waits = true;
	fair_queue_join(&test.queue, &k->entity);
}

static void model_leave(struct known *k)
{
	int64_t behind = model_now() - k->time, limit = 2 * model_virtual(k, k->slice);

	k->left_at = model_now();
	k->waits = k->runs = false;
	if (weight_of_all() == 0)
		test.last_time = k->time;
	k->time = behind > limit ? limit : behind < -limit ? -limit : behind;
}

/* Gives up what is left of its slice, too, if it is to pass. */
static void turn(bool passes)
{
	struct known *next = model_turn(), *runner = model_runner();

	if (runner != NULL && next != runner) {
		runner->runs = false;
		runner->waits = true;
		runner->order = test.orders++;
	}
	if (next != NULL) {
		next->waits = false;
		next->runs = true;
		test.slice_is_over = false;
	}
	assert_ptr_equal(passes ? fair_queue_pass(&test.queue) : fair_queue_turn(&test.queue),
	        next != NULL ? &next->entity : NULL);
}

static void model_yield(struct known *runner)
{
	for (struct known *one = test.all; one < test.all + MANY; one++) {
		if (one->waits && one->deadline > runner->deadline)
			runner->deadline = one->deadline;
	}
	runner->order = test.orders++;
	test.slice_is_over = true;
}

static void charge(uint64_t ticks)
{
	struct known *runner = model_runner();

	runner->time += model_virtual(runner, ticks);
	if (runner->time >= runner->deadline) {
		runner->deadline = runner->time + model_virtual(runner, runner->slice);
		runner->order = test.orders++;
		test.slice_is_over = true;
	}
	fair_queue_charge(&test.queue, ticks);
}

static void reset(struct dice *dice)
{
	test.queue = (struct fair_queue){.first = NULL};
	test.orders = 0;
	test.slice_is_over = false;
	test.last_time = 0;
	for (struct known *k = test.all; k < test.all + MANY; k++) {
		*k = (struct known){.weight = FAIR_WEIGHT, .slice = SLICE};
		if (dice != NULL && dice_below(dice, 2) == 0) {
			k->weight = FAIR_WEIGHT_MIN << dice_below(dice, 13);
			k->slice = 1 + dice_below(dice, 5 * SLICE);
		}
		fair_entity_start(&k->entity, k->weight, k->slice);
	}
}

static void do_something(struct dice *dice, unsigned int members)
{
	struct known *k = &test.all[dice_below(dice, members)], *runner = model_runner();

	switch (dice_below(dice, 8)) {
	case 0:
		if (!k->waits && !k->runs)
			join(k);
		break;
	case 1:
		if (runner != NULL) {
			model_leave(runner);
			fair_queue_leave(&test.queue);
		}
		break;
	case 2:
		if (k->waits) {
			model_leave(k);
			fair_queue_remove(&test.queue, &k->entity);
		}
		break;
	case 3:
		if (runner != NULL) {
			model_yield(runner);
			if (dice_below(dice, 2) == 0) {
				fair_queue_yield(&test.queue);
				break;
			}
			turn(true);
			charge(dice_below(dice, SLICE));
		}
		break;
	case 4:
		if (runner != NULL) {
			runner->runs = false;
			runner->waits = true;
			runner->order = test.orders++;
			fair_queue_put_back(&test.queue);
		}
		break;
	default:
		turn(false);
		if (model_runner() != NULL)
			charge(dice_below(dice, dice_below(dice, 4) == 0 ? 1000 * SLICE : SLICE));
		break;
	}
}

static void random_histories(void **state)
{
	struct dice dice = dice_take("fair_queue");

	(void)state;
	for (uint64_t history = 0; history < dice_rounds(200); history++) {
		/* Often a few: two have a way of their own. */
		unsigned int members = 1 + (unsigned int)dice_below(&dice, dice_below(&dice, 2) == 0 ? 3 : MANY);

		reset(&dice);
		for (unsigned int i = 0; i < 500; i++) {
			do_something(&dice, members);
			check();
		}
	}
}

/* Whose turn it would be is found in the order of deadlines, too. */
static void in_order(void **state)
{
	struct fair_entity *last = NULL;
	unsigned int count = 0;

	(void)state;
	reset(NULL);
	for (unsigned int i = 0; i < MANY; i++) {
		test.all[i].slice = 1 + i * 7 % MANY;
		fair_entity_start(&test.all[i].entity, FAIR_WEIGHT, test.all[i].slice);
		join(&test.all[i]);
	}
	for (struct fair_entity *e = NULL; (e = fair_queue_next(&test.queue, e)) != NULL; last = e, count++)
		assert_true(last == NULL || last->deadline <= e->deadline);
	assert_int_equal(count, MANY);
}

/* Who always wants to run has had its share at any time, but for three slices: his own, which he may overrun by nearly
 * another, and the one that he waits for. */
static void shares(void **state)
{
	struct dice dice = dice_take("fair_queue");
	uint64_t had[MANY] = {0}, passed = 0, weight = 0;

	(void)state;
	reset(NULL);
	for (unsigned int i = 0; i < MANY; i++) {
		test.all[i].weight = FAIR_WEIGHT_MIN + (uint32_t)dice_below(&dice, 4 * FAIR_WEIGHT);
		fair_entity_start(&test.all[i].entity, test.all[i].weight, SLICE);
		weight += test.all[i].weight;
		join(&test.all[i]);
	}
	for (unsigned int i = 0; i < 20000; i++) {
		struct fair_entity *e = fair_queue_turn(&test.queue);
		uint64_t ticks = 1 + dice_below(&dice, SLICE);

		fair_queue_charge(&test.queue, ticks);
		had[(struct known *)(void *)e - test.all] += ticks;
		passed += ticks;
		for (unsigned int k = 0; i % 100 == 99 && k < MANY; k++) {
			double share = (double)passed * test.all[k].weight / (double)weight;

			assert_true((double)had[k] > share - 3 * SLICE && (double)had[k] < share + 3 * SLICE);
		}
	}
}

/* Who wants little at a time and asks for it in a short slice waits for one slice of another at most, though nine
 * others always want to run. */
static void a_short_slice_is_served_soon(void **state)
{
	struct known *quick = &test.all[0];
	uint64_t waited = 0, longest = 0;

	(void)state;
	reset(NULL);
	fair_entity_start(&quick->entity, FAIR_WEIGHT, SLICE / 100);
	for (unsigned int i = 1; i < 10; i++)
		fair_queue_join(&test.queue, &test.all[i].entity);
	for (unsigned int i = 0; i < 20000; i++) {
		if (i % 20 == 0) { /* it wants a twentieth of the time, where a tenth is its share */
			fair_queue_join(&test.queue, &quick->entity);
			waited = 0;
		}
		if (fair_queue_turn(&test.queue) == &quick->entity)
			longest = waited > longest ? waited : longest;
		waited += SLICE / 100;
		fair_queue_charge(&test.queue, SLICE / 100);
		if (test.queue.runner == &quick->entity)
			fair_queue_leave(&test.queue);
	}
	assert_in_range(longest, 0, SLICE);
}

/* Who yields again and again, and runs for nothing in between, has no longer slice for it, and comes to no harm. */
static void to_yield_often_is_to_yield(void **state)
{
	struct fair_entity *patient = &test.all[0].entity, *busy = &test.all[1].entity;
	uint64_t waited = 0;

	(void)state;
	reset(NULL);
	fair_queue_join(&test.queue, patient);
	fair_queue_join(&test.queue, busy);
	for (unsigned int i = 0; i < 100000; i++) {
		if (fair_queue_turn(&test.queue) == patient)
			fair_queue_yield(&test.queue);
		else
			fair_queue_charge(&test.queue, SLICE / 1000);
		assert_in_range(fair_queue_left(&test.queue), 0, SLICE);
	}
	while (fair_queue_turn(&test.queue) == busy) {
		fair_queue_charge(&test.queue, SLICE / 1000);
		waited += SLICE / 1000;
	}
	assert_in_range(waited, 0, 2 * SLICE);
}

/* ---- two queues ---- */

enum { EACH = 5 };

static int64_t now_in(const struct fair_queue *queue)
{
	return queue->base + floor_divide(queue->ahead, queue->weight);
}

/* Afterwards all wait. */
static void run_for_a_while(struct fair_queue *queue, struct dice *dice)
{
	for (uint64_t turns = dice_below(dice, 50); turns > 0; turns--) {
		fair_queue_turn(queue);
		fair_queue_charge(queue, dice_below(dice, SLICE));
	}
	if (queue->runner != NULL)
		fair_queue_put_back(queue);
}

static void start_queue(struct fair_queue *queue, struct fair_entity *entities, struct dice *dice)
{
	*queue = (struct fair_queue){.first = NULL};
	for (unsigned int i = 0; i < EACH; i++) {
		fair_entity_start(&entities[i], FAIR_WEIGHT_MIN << dice_below(dice, 13), SLICE);
		fair_queue_join(queue, &entities[i]);
	}
	run_for_a_while(queue, dice);
}

/* What is left of it when V has gone on: who was ahead is caught up with. */
static int64_t pay_off(int64_t behind, int64_t passed)
{
	if (behind >= 0 || passed <= 0)
		return behind;
	return behind + passed < 0 ? behind + passed : 0;
}

/* Who goes to another queue, where V is anything, is there as far behind or ahead as it was; ahead less what the others
 * have had while it was away, here and then there. */
static void who_moves_takes_its_lag_along(void **state)
{
	struct dice dice = dice_take("fair_queue_moves");
	unsigned int behind = 0, owing = 0; /* at the end */

	(void)state;
	for (uint64_t round = 0; round < dice_rounds(2000); round++) {
		struct fair_entity from[EACH], to[EACH], *mover = &from[dice_below(&dice, EACH)];
		struct fair_queue here, there;
		int64_t lag, expected, then;

		start_queue(&here, from, &dice);
		start_queue(&there, to, &dice);
		then = now_in(&here);
		fair_queue_remove(&here, mover);
		lag = expected = mover->time;
		run_for_a_while(&here, &dice);
		expected = pay_off(expected, now_in(&here) - then);
		fair_queue_release(&here, mover);
		assert_int_equal(mover->time, expected);

		then = now_in(&there);
		fair_queue_adopt(&there, mover);
		run_for_a_while(&there, &dice);
		expected = pay_off(expected, now_in(&there) - then);
		fair_queue_join(&there, mover);
		assert_in_range(now_in(&there) - mover->time - expected + 2, 0, 4); /* each step rounds */
		behind += expected > 0;
		owing += expected < 0 && expected > lag;
	}
	assert_true(behind > 0 && owing > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(random_histories),
	        cmocka_unit_test(in_order),
	        cmocka_unit_test(to_yield_often_is_to_yield),
	        cmocka_unit_test(shares),
	        cmocka_unit_test(a_short_slice_is_served_soon),
	        cmocka_unit_test(who_moves_takes_its_lag_along),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
