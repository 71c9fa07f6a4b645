/*
 * Waking (kernel/core/waker.h, run_queue.h): producers put items into sources and wake; an executor takes the run queue
 * batch by batch and polls; with nothing queued it parks. Task t waits for all sources s with s % TASKS == t at once, as
 * in a select. Every access to a shared word is a step of its own; what is one locked instruction is one step.
 *
 * Claimed: when nothing can happen any more, every item has been eaten and the executor is parked. Besides: nobody
 * queues a waker that is queued, and whoever is in the queue has its QUEUED bit set.
 *
 * RUN      test      -DTASKS=2 -DSOURCES=2 -DPRODUCERS=2 -DITEMS=1
 * RUN      campaign  -DTASKS=1 -DSOURCES=2 -DPRODUCERS=2 -DITEMS=2
 * RUN      campaign  -DTASKS=2 -DSOURCES=2 -DPRODUCERS=2 -DITEMS=2
 * RUN      campaign  -DTASKS=2 -DSOURCES=3 -DPRODUCERS=3 -DITEMS=1
 * RUN      campaign  -DTASKS=3 -DSOURCES=3 -DPRODUCERS=3 -DITEMS=1
 * REFUTED  no-recheck         -DNO_RECHECK            the task does not look again after it has registered
 * REFUTED  clear-after-poll   -DCLEAR_AFTER_POLL      QUEUED is cleared when the poll is over
 * REFUTED  no-coalescing      -DNO_COALESCING         who finds QUEUED set pushes all the same
 * REFUTED  no-pend            -DNO_PEND               who finds the queue idle tells nobody
 * REFUTED  next-after-clear   -DNEXT_AFTER_CLEAR -DSOURCES=4 -DPRODUCERS=3  a batch's link is read when it is no longer its own
 * REFUTED  blind-idle         -DBLIND_IDLE            the head becomes IDLE by a store, whatever it was
 * REFUTED  read-then-set      -DWAKE_IS_NOT_LOCKED    QUEUED is read, then set
 */
#ifndef TASKS
#define TASKS 2
#define SOURCES 2
#define PRODUCERS 2
#define ITEMS 1
#endif

#define NIL 255  /* no waker */
#define IDLE 254 /* in head: empty, and the consumer sleeps */

byte head = NIL, next[TASKS];
bool queued[TASKS], linked[TASKS]; /* linked: what is true, whatever the bit says */
bool registered[SOURCES];
byte items[SOURCES];
bool permit, parked; /* the executor's thread */
byte producing = PRODUCERS;

inline push(w, seen)
{
	seen = head;
	do
	:: next[w] = (seen == IDLE -> NIL : seen);
	   atomic {
		if
		:: head == seen -> assert(!linked[w] && queued[w]); linked[w] = true; head = w; break
		:: else -> seen = head
		fi
	   }
	od;
	if
	:: seen == IDLE ->
#ifndef NO_PEND
		permit = true
#else
		skip
#endif
	:: else
	fi;
	seen = NIL
}

inline wake(w, was, seen)
{
#ifdef WAKE_IS_NOT_LOCKED
	was = queued[w];
	queued[w] = true;
#else
	atomic { was = queued[w]; queued[w] = true }
#endif
	if
#ifdef NO_COALESCING
	:: true -> push(w, seen)
#else
	:: !was -> push(w, seen)
	:: else
#endif
	fi;
	was = false
}

proctype producer()
{
	byte s, n, seen = NIL;
	bool was;

	for (n : 1 .. ITEMS) {
		select(s : 0 .. SOURCES - 1);
		items[s]++;
		atomic { was = registered[s]; registered[s] = false }
		if
		:: was -> wake(s % TASKS, was, seen)
		:: else
		fi;
		s = 0
	}
	producing--
}

/* Eats what is there; registers, looks again. */
inline poll(w, s)
{
	s = w;
	do
	:: s < SOURCES && items[s] > 0 -> items[s]--
	:: s < SOURCES && items[s] == 0 ->
		registered[s] = true;
#ifdef NO_RECHECK
		s = s + TASKS
#else
		if
		:: items[s] == 0 -> s = s + TASKS
		:: else
		fi
#endif
	:: s >= SOURCES -> break
	od;
	s = 0
}

proctype executor()
{
	byte w = NIL, batch = NIL, after = NIL, s;

end_run:
	do
	:: head != NIL ->
		atomic { batch = head; head = NIL }
		if
		:: batch == IDLE -> batch = NIL
		:: else
		fi;
		/* oldest first: the list is turned round; nobody else may touch its links */
		w = NIL;
		do
		:: batch != NIL -> after = next[batch]; next[batch] = w; w = batch; batch = after
		:: else -> break
		od;
		do
		:: w == NIL -> break
		:: else ->
#ifndef NEXT_AFTER_CLEAR
			after = next[w];
#endif
			atomic { assert(queued[w] && linked[w]); linked[w] = false }
#ifndef CLEAR_AFTER_POLL
			queued[w] = false;
#endif
#ifdef NEXT_AFTER_CLEAR
			after = next[w];
#endif
			poll(w, s);
#ifdef CLEAR_AFTER_POLL
			queued[w] = false;
#endif
			w = after;
			after = NIL
		od
	:: head == NIL ->
#ifdef BLIND_IDLE
		head = IDLE;
#else
		atomic {
			if
			:: head == NIL -> head = IDLE
			:: else -> goto end_run
			fi
		}
#endif
		parked = true;
end_park:	atomic { permit -> permit = false; parked = false }
	od
}

init
{
	byte i;

	atomic {
		/* Every task has been spawned: each waits in the queue for its first poll. */
		for (i : 0 .. TASKS - 1) {
			queued[i] = true;
			linked[i] = true;
			next[i] = head;
			head = i
		}
		for (i : 1 .. PRODUCERS) {
			run producer()
		}
		i = 0;
		run executor()
	}
	timeout;
	assert(producing == 0 && parked && head == IDLE);
	for (i : 0 .. SOURCES - 1) {
		assert(items[i] == 0)
	}
}
