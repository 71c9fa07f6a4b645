#include "reference.h"

/* ---- the queue: each slot's stamp says whose turn it is, in which lap ---- */

void reference_queue_start(struct reference_queue *queue, uint64_t capacity)
{
	*queue = (struct reference_queue){.capacity = capacity};
	queue->slots = reference_allocate(capacity * sizeof(*queue->slots));
	for (uint64_t i = 0; i < capacity; i++)
		queue->slots[i].stamp = i;
}

void reference_queue_end(struct reference_queue *queue)
{
	reference_free(queue->slots);
}

bool reference_queue_push(struct reference_queue *queue, uint64_t value)
{
	uint64_t tail = __atomic_load_n(&queue->tail, __ATOMIC_RELAXED);

	for (;;) {
		struct reference_slot *slot = &queue->slots[tail & (queue->capacity - 1)];
		uint64_t stamp = __atomic_load_n(&slot->stamp, __ATOMIC_ACQUIRE);

		if (stamp == tail) {
			if (!__atomic_compare_exchange_n(
			            &queue->tail, &tail, tail + 1, true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
				continue;
			slot->value = value;
			__atomic_store_n(&slot->stamp, tail + 1, __ATOMIC_RELEASE);
			return true;
		}
		if (stamp + queue->capacity == tail + 1 &&
		        __atomic_load_n(&queue->head, __ATOMIC_SEQ_CST) + queue->capacity == tail)
			return false;
		tail = __atomic_load_n(&queue->tail, __ATOMIC_RELAXED);
	}
}

bool reference_queue_pop(struct reference_queue *queue, uint64_t *value)
{
	uint64_t head = __atomic_load_n(&queue->head, __ATOMIC_RELAXED);

	for (;;) {
		struct reference_slot *slot = &queue->slots[head & (queue->capacity - 1)];
		uint64_t stamp = __atomic_load_n(&slot->stamp, __ATOMIC_ACQUIRE);

		if (stamp == head + 1) {
			if (!__atomic_compare_exchange_n(
			            &queue->head, &head, head + 1, true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
				continue;
			*value = slot->value;
			__atomic_store_n(&slot->stamp, head + queue->capacity, __ATOMIC_RELEASE);
			return true;
		}
		if (stamp == head && __atomic_load_n(&queue->tail, __ATOMIC_SEQ_CST) == head)
			return false;
		head = __atomic_load_n(&queue->head, __ATOMIC_RELAXED);
	}
}

/* ---- the waker and its cell ---- */

static struct reference_waker *waker_clone(struct reference_waker *waker)
{
	__atomic_fetch_add(&waker->references, 1, __ATOMIC_RELAXED);
	return waker;
}

static void waker_drop(struct reference_waker *waker)
{
	if (__atomic_fetch_sub(&waker->references, 1, __ATOMIC_RELEASE) != 1)
		return;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	reference_free(waker);
}

/* The original's words when there is no room: expect("task_queue full"). */
void reference_wake(struct reference_waker *waker)
{
	if (!reference_queue_push(waker->queue, waker->task))
		__builtin_trap();
}

void reference_cell_register(struct reference_cell *cell, struct reference_waker *waker)
{
	uint32_t state = REFERENCE_WAITING;

	if (!__atomic_compare_exchange_n(
	            &cell->state, &state, REFERENCE_REGISTERING, false, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE)) {
		if (state == REFERENCE_WAKING)
			reference_wake(waker);
		return;
	}
	if (cell->waker == NULL || cell->waker != waker) {
		struct reference_waker *old = cell->waker;

		cell->waker = waker_clone(waker);
		if (old != NULL)
			waker_drop(old);
	}
	state = REFERENCE_REGISTERING;
	if (!__atomic_compare_exchange_n(
	            &cell->state, &state, REFERENCE_WAITING, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		struct reference_waker *mine = cell->waker;

		cell->waker = NULL;
		__atomic_exchange_n(&cell->state, REFERENCE_WAITING, __ATOMIC_ACQ_REL);
		reference_wake(mine);
		waker_drop(mine);
	}
}

void reference_cell_wake(struct reference_cell *cell)
{
	struct reference_waker *waker;

	if (__atomic_fetch_or(&cell->state, REFERENCE_WAKING, __ATOMIC_ACQ_REL) != REFERENCE_WAITING)
		return;
	waker = cell->waker;
	cell->waker = NULL;
	__atomic_fetch_and(&cell->state, ~(uint32_t)REFERENCE_WAKING, __ATOMIC_RELEASE);
	if (waker == NULL)
		return;
	reference_wake(waker);
	waker_drop(waker);
}

/* ---- the map: an AA tree (Andersson, "Balanced search trees made simple") ---- */

static struct reference_node *skew(struct reference_node *t)
{
	struct reference_node *left = t->left;

	if (left == NULL || left->level != t->level)
		return t;
	t->left = left->right;
	left->right = t;
	return left;
}

static struct reference_node *split(struct reference_node *t)
{
	struct reference_node *right = t->right;

	if (right == NULL || right->right == NULL || right->right->level != t->level)
		return t;
	t->right = right->left;
	right->left = t;
	right->level++;
	return right;
}

static struct reference_node *insert(struct reference_node *t, struct reference_node *node)
{
	if (t == NULL)
		return node;
	if (node->key < t->key)
		t->left = insert(t->left, node);
	else
		t->right = insert(t->right, node);
	return split(skew(t));
}

static unsigned int level_of(const struct reference_node *t)
{
	return t != NULL ? t->level : 0;
}

static struct reference_node *rebalance(struct reference_node *t)
{
	unsigned int left = level_of(t->left), right = level_of(t->right);
	unsigned int should = (left < right ? left : right) + 1;

	if (should >= t->level)
		return t;
	t->level = should;
	if (right > should)
		t->right->level = should;
	t = skew(t);
	if (t->right != NULL) {
		t->right = skew(t->right);
		if (t->right->right != NULL)
			t->right->right = skew(t->right->right);
	}
	t = split(t);
	if (t->right != NULL)
		t->right = split(t->right);
	return t;
}

/* Takes the least of a tree out of it. */
static struct reference_node *remove_least(struct reference_node *t, struct reference_node **least)
{
	if (t->left == NULL) {
		*least = t;
		return t->right;
	}
	t->left = remove_least(t->left, least);
	return rebalance(t);
}

static struct reference_node *remove_key(struct reference_node *t, uint64_t key, struct reference_node **removed)
{
	if (t == NULL)
		return NULL;
	if (key < t->key) {
		t->left = remove_key(t->left, key, removed);
	} else if (key > t->key) {
		t->right = remove_key(t->right, key, removed);
	} else {
		struct reference_node *next, *right;

		*removed = t;
		if (t->right == NULL)
			return t->left;
		right = remove_least(t->right, &next);
		next->left = t->left;
		next->right = right;
		next->level = t->level;
		t = next;
	}
	return rebalance(t);
}

void **reference_map_find(struct reference_map *map, uint64_t key)
{
	struct reference_node *t = map->root;

	while (t != NULL && t->key != key)
		t = key < t->key ? t->left : t->right;
	return t != NULL ? &t->value : NULL;
}

void reference_map_insert(struct reference_map *map, uint64_t key, void *value)
{
	struct reference_node *node = map->spare;

	if (node != NULL)
		map->spare = node->right;
	else
		node = reference_allocate(sizeof(*node));
	*node = (struct reference_node){.key = key, .value = value, .level = 1};
	map->root = insert(map->root, node);
}

void *reference_map_remove(struct reference_map *map, uint64_t key)
{
	struct reference_node *node = NULL;

	map->root = remove_key(map->root, key, &node);
	if (node == NULL)
		return NULL;
	node->right = map->spare;
	map->spare = node;
	return node->value;
}

void reference_map_end(struct reference_map *map)
{
	while (map->root != NULL)
		reference_map_remove(map, map->root->key);
	while (map->spare != NULL) {
		struct reference_node *node = map->spare;

		map->spare = node->right;
		reference_free(node);
	}
}

/* ---- the executor ---- */

void reference_executor_start(struct reference_executor *executor, uint64_t queue_capacity)
{
	*executor = (struct reference_executor){.last_task = 0};
	reference_queue_start(&executor->ready, queue_capacity);
}

void reference_executor_end(struct reference_executor *executor)
{
	reference_map_end(&executor->tasks);
	reference_map_end(&executor->wakers);
	reference_queue_end(&executor->ready);
}

void reference_spawn(struct reference_executor *executor, struct reference_task *task)
{
	uint64_t number = ++executor->last_task;

	reference_map_insert(&executor->tasks, number, task);
	if (!reference_queue_push(&executor->ready, number))
		__builtin_trap();
}

static struct reference_waker *waker_of(struct reference_executor *executor, uint64_t number)
{
	void **found = reference_map_find(&executor->wakers, number);
	struct reference_waker *waker;

	if (found != NULL)
		return *found;
	waker = reference_allocate(sizeof(*waker));
	*waker = (struct reference_waker){.references = 1, .task = number, .queue = &executor->ready};
	reference_map_insert(&executor->wakers, number, waker);
	return waker;
}

void reference_run_ready(struct reference_executor *executor)
{
	uint64_t number;

	while (reference_queue_pop(&executor->ready, &number)) {
		void **found = reference_map_find(&executor->tasks, number);
		struct reference_task *task;

		if (found == NULL)
			continue; /* it is over */
		task = *found;
		if (!task->poll(task, waker_of(executor, number)))
			continue;
		reference_map_remove(&executor->tasks, number);
		waker_drop(reference_map_remove(&executor->wakers, number));
		reference_free(task);
	}
}
