/*
 * What blog_os shows with Box, Vec and Rc, and what stands behind those in C: a block, a block that is moved to a
 * larger one when it is full, and a block that counts its owners.
 */
#include "mm/heap_demo.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/log.h"
#include "mm/heap.h"

#define NUMBERS 500u

struct vector {
	uint64_t *items;
	size_t count, room;
};

/* Twice the room whenever it is full: each number is moved less than twice on average, however many there are. */
static bool push(struct vector *vector, uint64_t item)
{
	if (vector->count == vector->room) {
		size_t room = vector->room == 0 ? 4 : 2 * vector->room;
		uint64_t *items = krealloc(vector->items, room * sizeof(*items));

		if (items == NULL)
			return false; /* what was there still is */
		vector->items = items;
		vector->room = room;
	}
	vector->items[vector->count++] = item;
	return true;
}

struct shared {
	unsigned int references;
	int value;
};

static struct shared *hold(struct shared *shared)
{
	shared->references++;
	return shared;
}

static void let_go(struct shared *shared)
{
	if (--shared->references == 0)
		kfree(shared);
}

static void print_box_and_references(void)
{
	int *box = kmalloc(sizeof(*box));
	struct shared *first = kzalloc(sizeof(*first)), *second;

	if (box == NULL || first == NULL) {
		log_error("Heap: no memory for a boxed value\n");
		kfree(box);
		kfree(first);
		return;
	}
	*box = 41;
	hold(first);
	second = hold(first);
	log_info("Heap: boxed value %d at %p, references to another: %u", *box, (void *)box, first->references);
	let_go(second);
	log_info(", then %u\n", first->references);
	let_go(first);
	kfree(box);
}

void heap_demo_print(void)
{
	struct vector vector = {0};
	uint64_t sum = 0;

	print_box_and_references();
	for (uint64_t i = 0; i < NUMBERS && push(&vector, i); i++)
		;
	for (size_t i = 0; i < vector.count; i++)
		sum += vector.items[i];
	log_info("      vector at %p, sum of its %zu numbers: %lu\n", (void *)vector.items, vector.count, sum);
	kfree(vector.items);
}
