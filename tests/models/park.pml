/*
 * Parking (kernel/task/scheduler.c): threads of one CPU that wait for items, producers elsewhere that put items and wake,
 * an inbox that is marked idle except while it is emptied, requests by interrupt, and the halt. A thread may be made to
 * wait for another at any step where interrupts are on. Which thread runs is anybody's choice: so every policy is shown.
 *
 * Claimed: when nothing can happen any more, every item has been eaten, every thread is parked, and the CPU is halted.
 *
 * RUN      test      -DTHREADS=2 -DPRODUCERS=2 -DITEMS=1
 * RUN      campaign  -DTHREADS=2 -DPRODUCERS=2 -DITEMS=2
 * RUN      campaign  -DTHREADS=1 -DPRODUCERS=3 -DITEMS=1
 * RUN      campaign  -DTHREADS=3 -DPRODUCERS=2 -DITEMS=1
 * REFUTED  no-token      -DNO_TOKEN      who is woken while it runs or is ready is not told to stay awake
 * REFUTED  token-first   -DTOKEN_FIRST   who parks looks whether it was woken, and empties the inbox afterwards
 * REFUTED  clear-late    -DCLEAR_LATE -DTHREADS=1 -DPRODUCERS=1 -DITEMS=2  QUEUED is cleared when the thread has looked for what it was woken for
 * REFUTED  not-idle      -DNOT_IDLE      the inbox is emptied and not marked idle: the next one in pends nobody
 * REFUTED  no-pend       -DNO_PEND       who finds the inbox idle sends no interrupt
 * REFUTED  sti-early     -DSTI_EARLY     interrupts are on again before HLT
 */
#ifndef THREADS
#define THREADS 2
#endif
#ifndef PRODUCERS
#define PRODUCERS 2
#endif
#ifndef ITEMS
#define ITEMS 1
#endif

/* head */
#define EMPTY 0
#define SOME  1
#define IDLE  2

/* state */
#define READY  0
#define RUNS   1
#define PARKED 2

#define NOBODY 255

byte head = IDLE;
bool queued[THREADS], inside[THREADS], taken[THREADS]; /* inside the inbox; in the batch that was taken out */
bool registered[THREADS], woken[THREADS];
byte items[THREADS], state[THREADS], at[THREADS]; /* at: the next step of its program */
byte current = NOBODY;
bool off, halted, ipi, request; /* interrupts off; an interrupt held by the local APIC; a look is requested */
byte producing = PRODUCERS, eaten;

proctype producer(byte t)
{
	byte n;
	bool is_there, was;
	byte seen;

	for (n : 1 .. ITEMS) {
		items[t]++;
		atomic { is_there = registered[t]; registered[t] = false };
		if
		:: is_there ->
			atomic { was = queued[t]; queued[t] = true };
			if
			:: !was ->
				atomic { seen = head; head = SOME; assert(!inside[t]); inside[t] = true };
				if
				:: seen == IDLE ->
#ifndef NO_PEND
					ipi = true
#else
					skip
#endif
				:: else
				fi
			:: else
			fi
		:: else
		fi;
		is_there = false; was = false; seen = 0
	}
	producing--
}

/* The handler: it comes when interrupts are on, and ends a halt. */
proctype interrupt()
{
end:	do
	:: atomic { ipi && !off -> ipi = false; request = true; halted = false }
	od
}

inline deliver(t)
{
#ifndef CLEAR_LATE
	queued[t] = false;
#endif
	if
	:: state[t] == PARKED -> state[t] = READY
	:: else ->
#ifndef NO_TOKEN
		woken[t] = true
#else
		skip
#endif
	fi
}

inline empty_inbox()
{
	request = false;
	if
	:: head != IDLE ->
		do
		:: atomic {
			head = EMPTY;
			for (i : 0 .. THREADS - 1) { taken[i] = inside[i]; inside[i] = false };
			i = 0
		   };
		   for (i : 0 .. THREADS - 1) {
			if
			:: taken[i] -> taken[i] = false; deliver(i)
			:: else
			fi
		   };
		   i = 0;
#ifdef NOT_IDLE
		   break
#else
		   atomic {
			if
			:: head == EMPTY -> head = IDLE; break
			:: else
			fi
		   }
#endif
		od
	:: else
	fi
}

/* Interrupts are off. Somebody who is ready, whoever it is; else the CPU sleeps. */
inline pick()
{
	do
	:: current == NOBODY ->
		if
		:: state[0] == READY -> current = 0
#if THREADS > 1
		:: state[1] == READY -> current = 1
#endif
#if THREADS > 2
		:: state[2] == READY -> current = 2
#endif
		:: else ->
#ifdef STI_EARLY
			off = false;
			halted = true;
#else
			atomic { off = false; halted = true };
#endif
end_halt:		!halted;
			off = true;
			empty_inbox()
		fi
	:: else -> break
	od;
	state[current] = RUNS;
	off = false
}

inline park()
{
	off = true;
#ifdef TOKEN_FIRST
	if
	:: woken[current] -> woken[current] = false; off = false
	:: else ->
		empty_inbox();
		state[current] = PARKED;
		current = NOBODY
	fi
#else
	empty_inbox();
	if
	:: woken[current] -> woken[current] = false; off = false
	:: else ->
		state[current] = PARKED;
		current = NOBODY
	fi
#endif
}

inline make_room()
{
	off = true;
	empty_inbox();
	if
	:: off = false /* it goes on */
	:: state[current] = READY; current = NOBODY
	fi
}

inline eat()
{
	atomic { items[current]--; eaten++ };
	at[current] = 0
}

/* The program of each thread: look, leave the waker, look again, park. Between two steps it may have to make room. */
proctype cpu()
{
	byte i;

	off = true;
	do
	:: current == NOBODY -> pick()
	:: current != NOBODY && request -> make_room()
	:: current != NOBODY && !request && at[current] == 0 ->
		if
		:: items[current] > 0 -> eat()
		:: else -> at[current] = 1
		fi
	:: current != NOBODY && !request && at[current] == 1 -> registered[current] = true; at[current] = 2
	:: current != NOBODY && !request && at[current] == 2 ->
		if
		:: items[current] > 0 -> registered[current] = false; eat()
		:: else -> at[current] = 3
		fi;
#ifdef CLEAR_LATE
		queued[current] = false
#endif
	:: current != NOBODY && !request && at[current] == 3 -> at[current] = 0; park()
	od
}

init {
	byte n;

	atomic {
		run cpu();
		run interrupt();
		for (n : 0 .. PRODUCERS - 1) {
			run producer(n % THREADS)
		};
		n = 0
	}
	timeout;
	assert(producing == 0 && eaten == PRODUCERS * ITEMS);
	assert(halted && head == IDLE)
}
