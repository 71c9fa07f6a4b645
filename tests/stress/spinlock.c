/*
 * Three CPUs and their interrupts want one spinlock, and often a second inside it: never two are inside, and who comes
 * next sees what the one before has written.
 */
#include "core/spinlock.h"

#include "machine.h"

enum { LOCKERS = 3, TURNS = 15000 };

static struct spinlock door = SPINLOCK(RANK_HEAP, "door");
static struct spinlock cupboard = SPINLOCK(RANK_FRAMES, "cupboard");
static unsigned int inside; /* guarded by the door: no atomics, so that two would be seen */
static unsigned long turns, treasure;

static void look_into_cupboard(void)
{
	spin_take(&cupboard);
	treasure++;
	CHAOS();
	spin_give(&cupboard);
}

/* In line, or as who comes again until nobody is inside. */
static uint64_t open_door(void)
{
	uint64_t flags;

	if (machine_below(2) == 0)
		return spin_lock(&door);
	flags = cpu_interrupts_save();
	while (!spin_try_take(&door))
		CHAOS();
	return flags;
}

static void go_in(unsigned int number)
{
	uint64_t flags = open_door();

	(void)number;
	EXPECT(spin_holds(RANK_HEAP) && ++inside == 1);
	CHAOS();
	turns++;
	if (machine_below(2) == 0)
		look_into_cupboard();
	EXPECT(--inside == 0);
	spin_unlock(&door, flags);
}

static void come_often(unsigned int number)
{
	for (unsigned int i = 0; i < machine_rounds(TURNS); i++) {
		go_in(number);
		CHAOS();
	}
}

unsigned long stress_spinlock(void)
{
	inside = 0;
	turns = treasure = 0;
	machine_run(LOCKERS, come_often, 0, NULL, go_in);
	EXPECT(inside == 0 && door.next_ticket == door.now_serving);
	EXPECT(turns == door.next_ticket && /* who only tried drew none */
	        treasure == cupboard.next_ticket);
	EXPECT(turns > (unsigned long)LOCKERS * machine_rounds(TURNS)); /* interrupts came, too */
	return turns;
}
