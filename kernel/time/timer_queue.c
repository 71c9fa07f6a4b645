#include "time/timer_queue.h"

#include <stdbool.h>

static bool comes_before(const struct timer_node *a, const struct timer_node *b)
{
	return a->deadline != b->deadline ? a->deadline < b->deadline : a->order < b->order;
}

static uint32_t rank_of(const struct timer_node *node)
{
	return node != NULL ? node->rank : 0;
}

/* Makes a node's children stand and its rank be as the second rule says; false if the rank was right already. */
static bool settle(struct timer_node *node)
{
	uint32_t before = node->rank;

	if (rank_of(node->left) < rank_of(node->right)) {
		struct timer_node *left = node->left;

		node->left = node->right;
		node->right = left;
	}
	node->rank = rank_of(node->right) + 1;
	return node->rank != before;
}

/* Two heaps become one: their right edges are woven into one, from the top down, and settled on the way back. */
static struct timer_node *merge(struct timer_node *a, struct timer_node *b)
{
	struct timer_node *top = NULL, *parent = NULL, **link = &top;

	while (a != NULL && b != NULL) {
		struct timer_node *earlier = comes_before(a, b) ? a : b;

		*(earlier == a ? &a : &b) = earlier->right;
		earlier->parent = parent;
		*link = parent = earlier;
		link = &earlier->right;
	}
	*link = a != NULL ? a : b;
	if (*link != NULL)
		(*link)->parent = parent;
	for (; parent != NULL; parent = parent->parent)
		settle(parent);
	return top;
}

void timer_queue_add(struct timer_queue *queue, struct timer_node *node)
{
	node->order = queue->orders++;
	node->left = node->right = node->parent = NULL;
	node->rank = 1;
	queue->first = merge(queue->first, node);
}

void timer_queue_remove(struct timer_queue *queue, struct timer_node *node)
{
	struct timer_node *parent = node->parent, *heir = merge(node->left, node->right);

	node->rank = 0;
	if (heir != NULL)
		heir->parent = parent;
	if (parent == NULL)
		queue->first = heir;
	else
		*(parent->left == node ? &parent->left : &parent->right) = heir;
	while (parent != NULL && settle(parent))
		parent = parent->parent;
}

/* The left ones come before the right ones. A right one alone cannot be: the left one's rank is never less. */
struct timer_node *timer_queue_next(const struct timer_node *node)
{
	if (node->left != NULL)
		return node->left;
	while (node->parent != NULL && (node == node->parent->right || node->parent->right == NULL))
		node = node->parent;
	return node->parent != NULL ? node->parent->right : NULL;
}
