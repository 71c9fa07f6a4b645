#include "task/fair_queue.h"

/* So far behind or ahead, in slices of its own, is kept of who leaves: a long sleep earns no long turn. */
#define LAG_SLICES 2

/* Heights of successive numbers are as good as dice: 2^32 divided by the golden ratio, odd. */
#define GOLDEN 0x9e3779b1u

/* Far from where 64 bits end. */
#define AHEAD_MAX (1ll << 56)

/* ---- virtual time ------------------------------------------------------------------------------------------------ */

/* Rounded down: so whoever has the least virtual time is never ahead of it. */
static int64_t floor_divide(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* V. There is at least one. */
static int64_t now_of(const struct fair_queue *queue)
{
	return queue->base + floor_divide(queue->ahead, queue->weight);
}

/* Is its virtual time not after V? Without a division: each switch asks. */
static inline bool is_eligible(const struct fair_queue *queue, const struct fair_entity *entity)
{
	int64_t distance = entity->time - queue->base, product;

	if (__builtin_mul_overflow(distance, queue->weight, &product))
		return distance < 0;
	return product <= queue->ahead;
}

static void count_in(struct fair_queue *queue, const struct fair_entity *entity)
{
	queue->weight += entity->weight;
	queue->ahead += (entity->time - queue->base) * entity->weight;
}

static void count_out(struct fair_queue *queue, const struct fair_entity *entity)
{
	queue->weight -= entity->weight;
	queue->ahead -= (entity->time - queue->base) * entity->weight;
}

/* The base follows V, so that distances from it stay small. */
static void move_base(struct fair_queue *queue)
{
	int64_t distance = floor_divide(queue->ahead, queue->weight);

	queue->base += distance;
	queue->ahead -= distance * queue->weight;
}

/* ---- the tree ---------------------------------------------------------------------------------------------------- */

static bool comes_before(const struct fair_entity *a, const struct fair_entity *b)
{
	return a->deadline != b->deadline ? a->deadline < b->deadline : a->order < b->order;
}

static void settle(struct fair_entity *top)
{
	top->earliest = top->time;
	if (top->left != NULL && top->left->earliest < top->earliest)
		top->earliest = top->left->earliest;
	if (top->right != NULL && top->right->earliest < top->earliest)
		top->earliest = top->right->earliest;
}

/* Parts a tree into those before an entity and those after it. */
static void split(struct fair_entity *tree, const struct fair_entity *entity, struct fair_entity **before,
        struct fair_entity **after)
{
	if (tree == NULL) {
		*before = *after = NULL;
		return;
	}
	if (comes_before(tree, entity)) {
		split(tree->right, entity, &tree->right, after);
		*before = tree;
	} else {
		split(tree->left, entity, before, &tree->left);
		*after = tree;
	}
	settle(tree);
}

/* One tree of two, all of the first of which comes before all of the second. */
static struct fair_entity *join(struct fair_entity *before, struct fair_entity *after)
{
	if (before == NULL || after == NULL)
		return before != NULL ? before : after;
	if (before->height > after->height) {
		before->right = join(before->right, after);
		settle(before);
		return before;
	}
	after->left = join(before, after->left);
	settle(after);
	return after;
}

static struct fair_entity *insert(struct fair_entity *tree, struct fair_entity *entity)
{
	if (tree == NULL || entity->height > tree->height) {
		split(tree, entity, &entity->left, &entity->right);
		tree = entity;
	} else if (comes_before(entity, tree)) {
		tree->left = insert(tree->left, entity);
	} else {
		tree->right = insert(tree->right, entity);
	}
	settle(tree);
	return tree;
}

static struct fair_entity *cut(struct fair_entity *tree, struct fair_entity *entity)
{
	if (tree == entity)
		return join(tree->left, tree->right);
	if (comes_before(entity, tree))
		tree->left = cut(tree->left, entity);
	else
		tree->right = cut(tree->right, entity);
	settle(tree);
	return tree;
}

/* ---- the queue --------------------------------------------------------------------------------------------------- */

void fair_entity_start(struct fair_entity *entity, uint32_t weight, uint64_t slice)
{
	*entity = (struct fair_entity){.weight = weight, .slice = slice};
}

static void set_deadline(struct fair_entity *entity)
{
	entity->deadline = entity->time + fair_entity_virtual(entity, entity->slice);
}

/* Of those with the same deadline it is now the last. */
static void end_slice(struct fair_queue *queue)
{
	queue->runner->order = queue->orders++;
	queue->slice_is_over = true;
}

/* Other CPUs ask for it without the lock. */
static void set_waiting(struct fair_queue *queue, unsigned int waiting)
{
	__atomic_store_n(&queue->waiting, waiting, __ATOMIC_RELAXED);
}

static void add(struct fair_queue *queue, struct fair_entity *entity)
{
	entity->order = queue->orders++;
	entity->earliest = entity->time;
	queue->first = queue->first != NULL ? insert(queue->first, entity) : entity;
	set_waiting(queue, queue->waiting + 1);
}

static void take(struct fair_queue *queue, struct fair_entity *entity)
{
	queue->first = cut(queue->first, entity);
	entity->left = entity->right = NULL;
	set_waiting(queue, queue->waiting - 1);
}

/* The runner and the only one who waits change places: that one is the whole tree. */
static void exchange(struct fair_queue *queue, struct fair_entity *runner, struct fair_entity *other)
{
	runner->earliest = runner->time;
	queue->runner = other;
	queue->first = runner;
}

/* While it was away the others caught up. */
static int64_t pay_off(int64_t behind, int64_t passed)
{
	if (passed <= 0)
		return behind;
	return passed < -behind ? behind + passed : 0;
}

/*
 * Its own coming moves V towards it, by its part of the whole weight; so it is set further away, that afterwards it is
 * as far from V as it was.
 */
void fair_queue_join(struct fair_queue *queue, struct fair_entity *entity)
{
	int64_t behind = entity->time;

	if (queue->weight == 0) {
		entity->time = queue->base;
	} else {
		if (behind < 0)
			behind = pay_off(behind, now_of(queue) - entity->deadline);
		behind += floor_divide(behind * entity->weight, queue->weight);
		entity->time = now_of(queue) - behind;
	}
	entity->height = (uint32_t)queue->orders * GOLDEN;
	set_deadline(entity);
	count_in(queue, entity);
	add(queue, entity);
}

static void depart(struct fair_queue *queue, struct fair_entity *entity)
{
	int64_t limit = LAG_SLICES * fair_entity_virtual(entity, entity->slice), behind = now_of(queue) - entity->time;

	entity->deadline = now_of(queue);
	move_base(queue);
	count_out(queue, entity);
	entity->time = behind > limit ? limit : behind < -limit ? -limit : behind;
}

void fair_queue_leave(struct fair_queue *queue)
{
	depart(queue, queue->runner);
	queue->runner = NULL;
}

void fair_queue_remove(struct fair_queue *queue, struct fair_entity *entity)
{
	take(queue, entity);
	depart(queue, entity);
}

void fair_queue_release(const struct fair_queue *queue, struct fair_entity *entity)
{
	if (entity->time < 0 && queue->weight != 0)
		entity->time = pay_off(entity->time, now_of(queue) - entity->deadline);
}

void fair_queue_adopt(const struct fair_queue *queue, struct fair_entity *entity)
{
	entity->deadline = queue->weight != 0 ? now_of(queue) : queue->base;
}

void fair_queue_put_back(struct fair_queue *queue)
{
	add(queue, queue->runner);
	queue->runner = NULL;
}

/* Behind all who wait, and no further: however often it does so without having run, its next slice is one slice long.
 */
void fair_queue_yield(struct fair_queue *queue)
{
	const struct fair_entity *last = queue->first;

	while (last != NULL && last->right != NULL)
		last = last->right;
	if (last != NULL && queue->runner->deadline < last->deadline)
		queue->runner->deadline = last->deadline;
	end_slice(queue);
}

void fair_queue_end_slice(struct fair_queue *queue)
{
	set_deadline(queue->runner);
	end_slice(queue);
	if (queue->ahead > AHEAD_MAX) /* not by much: everybody's slice ends */
		move_base(queue);
}

/* Of those who wait, the first in the order of deadlines whose virtual time is not after V. */
static struct fair_entity *look(const struct fair_queue *queue)
{
	struct fair_entity *at = queue->first;
	int64_t now;

	if (at == NULL || (at->left == NULL && at->right == NULL))
		return at;
	now = now_of(queue);
	if (at->earliest > now) /* only the runner is eligible */
		now = at->earliest;
	for (;;) {
		if (at->left != NULL && at->left->earliest <= now)
			at = at->left;
		else if (at->time <= now)
			return at;
		else
			at = at->right;
	}
}

/* Is it the turn of this one of those who wait, rather than the runner's? */
static bool is_better(const struct fair_queue *queue, const struct fair_entity *best)
{
	const struct fair_entity *runner = queue->runner;

	if (!is_eligible(queue, best))
		return false;
	return comes_before(best, runner) || (queue->slice_is_over && !is_eligible(queue, runner));
}

bool fair_queue_is_due(const struct fair_queue *queue)
{
	const struct fair_entity *best = look(queue);

	return best != NULL && (queue->runner == NULL || is_better(queue, best));
}

void fair_queue_run(struct fair_queue *queue, struct fair_entity *entity)
{
	struct fair_entity *before = queue->runner;

	queue->slice_is_over = false;
	if (before != NULL && queue->waiting == 1) {
		before->order = queue->orders++;
		exchange(queue, before, entity);
		return;
	}
	take(queue, entity);
	if (before != NULL)
		add(queue, before);
	queue->runner = entity;
}

struct fair_entity *fair_queue_turn(struct fair_queue *queue)
{
	struct fair_entity *best = look(queue), *runner = queue->runner;

	if (best != NULL && runner != NULL && !is_better(queue, best))
		best = NULL;
	queue->slice_is_over = false;
	if (best == NULL)
		return runner;
	fair_queue_run(queue, best);
	return best;
}

/* Of two, without a look at the tree: the other one is first if it is eligible, for its deadline is not later. */
struct fair_entity *fair_queue_pass(struct fair_queue *queue)
{
	struct fair_entity *runner = queue->runner, *other = queue->first;

	if (queue->waiting != 1) {
		fair_queue_yield(queue);
		return fair_queue_turn(queue);
	}
	if (runner->deadline < other->deadline)
		runner->deadline = other->deadline;
	runner->order = queue->orders++;
	queue->slice_is_over = false;
	if (!is_eligible(queue, other))
		return runner;
	exchange(queue, runner, other);
	return other;
}

uint64_t fair_queue_left(const struct fair_queue *queue)
{
	const struct fair_entity *runner = queue->runner;
	int64_t left = runner->deadline - runner->time;
	uint64_t ticks = left > 0 ? (uint64_t)left : 0;

	if (runner->weight != FAIR_WEIGHT)
		ticks = ticks * runner->weight / FAIR_WEIGHT;
	/* Who has yielded may have a deadline that is further away. */
	return ticks < runner->slice ? ticks : runner->slice;
}

struct fair_entity *fair_queue_next(const struct fair_queue *queue, const struct fair_entity *entity)
{
	struct fair_entity *at = queue->first, *next = NULL;

	while (at != NULL) {
		if (entity == NULL || comes_before(entity, at)) {
			next = at;
			at = at->left;
		} else {
			at = at->right;
		}
	}
	return next;
}
