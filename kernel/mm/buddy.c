#include "mm/buddy.h"

#include "mm/chunk.h"

static void insert(struct buddy *buddy, uint32_t number, unsigned int order)
{
	struct frame *f = chunk_frame(number);
	uint32_t next = buddy->first[order];

	f->state = FRAME_FREE;
	f->order = (uint8_t)order;
	f->next = next;
	f->previous = 0;
	if (next != 0)
		chunk_frame(next)->previous = number;
	buddy->first[order] = number;
}

/* It is no block's first frame then. */
static void remove(struct buddy *buddy, uint32_t number)
{
	struct frame *f = chunk_frame(number);

	if (f->previous != 0)
		chunk_frame(f->previous)->next = f->next;
	else
		buddy->first[f->order] = f->next;
	if (f->next != 0)
		chunk_frame(f->next)->previous = f->previous;
	f->state = FRAME_INSIDE;
}

uint32_t buddy_take(struct buddy *buddy, unsigned int order)
{
	unsigned int have = order;
	uint32_t number;

	while (have <= FRAMES_ORDER_MAX && buddy->first[have] == 0)
		have++;
	if (have > FRAMES_ORDER_MAX)
		return 0;
	number = buddy->first[have];
	remove(buddy, number);
	while (have > order) {
		have--;
		insert(buddy, number + (1u << have), have);
	}
	buddy->free -= 1u << order;
	return number;
}

void buddy_give(struct buddy *buddy, uint32_t number, unsigned int order)
{
	buddy->free += 1u << order;
	chunk_frame(number)->state = FRAME_INSIDE;
	for (; order < FRAMES_ORDER_MAX; order++) {
		uint32_t other = number ^ 1u << order;
		const struct frame *f = chunk_frame(other);

		if (f->state != FRAME_FREE || f->order != order)
			break;
		remove(buddy, other);
		number &= ~(1u << order);
	}
	insert(buddy, number, order);
}

void buddy_give_range(struct buddy *buddy, uint32_t number, uint32_t end)
{
	while (number < end) {
		unsigned int order = (unsigned int)__builtin_ctz(number | 1u << FRAMES_ORDER_MAX);

		while (end - number < 1u << order)
			order--;
		buddy_give(buddy, number, order);
		number += 1u << order;
	}
}
