/*
 * The run queues of two CPUs (kernel/task/scheduler.c, kernel/task/migration.c, kernel/task/placement.c): each has an
 * inbox that is marked idle except while it is emptied, a queue of who is ready, a lock, and a place in the set of those
 * that are idle. A thread that is woken goes to an idle CPU; a CPU that has nothing to do steals, and halts if there is
 * nothing; who makes others wait offers them to a CPU that is idle. Interrupts come when they are on. What a thread does
 * when it runs is to look at what it was woken for, which wake.pml and park.pml have shown, and to park. That a wake finds
 * a thread that has gone elsewhere is migrate.pml's to show.
 *
 * Claimed: no thread is on two CPUs, or runs while its context is not saved; none is twice in the queues and inboxes;
 * and when nothing can happen any more, each has run after its last wake, and all CPUs are halted with nothing to do.
 * With -DHOG one thread runs for ever, and makes room for nobody: no CPU is halted while another thread waits behind it.
 *
 * RUN      test      -DTHREADS=2 -DWAKES=2
 * RUN      test      -DTHREADS=2 -DWAKES=2 -DHOG
 * RUN      campaign  -DTHREADS=2 -DWAKES=3
 * RUN      campaign  -DTHREADS=2 -DWAKES=3 -DHOG
 * RUN      campaign  -DTHREADS=3 -DWAKES=3
 * REFUTED  no-kick          -DNO_KICK          who pushes onto an inbox that is marked idle sends no interrupt
 * REFUTED  sti-early        -DSTI_EARLY        interrupts are on before the HLT
 * REFUTED  not-marked       -DNOT_MARKED       the CPU halts and its inbox is not marked idle
 * REFUTED  switch-unlocked  -DSWITCH_UNLOCKED  the lock is given back before the context is saved, and a thief asks nobody
 * REFUTED  steal-alone      -DSTEAL_ALONE      the other CPU's queue is changed without its lock
 * REFUTED  place-running    -DPLACE_RUNNING -DWAKES=3  who is woken on the stack where its CPU still is goes elsewhere
 * REFUTED  set-late         -DHOG -DSET_LATE     who will be idle looks for somebody to steal, and is in the set afterwards
 * REFUTED  offer-first      -DHOG -DOFFER_FIRST  the set is looked at before the thread stands in the queue: no fence
 * REFUTED  give-up          -DHOG -DGIVE_UP      who finds another's lock taken looks no further, and halts
 * REFUTED  no-offer         -DHOG -DNO_OFFER     who is made ready behind another is offered to nobody
 */
#ifndef THREADS
#define THREADS 2
#endif
#ifndef WAKES
#define WAKES 2
#endif

#define CPUS 2

#define NOBODY 255
#define NOWHERE 255

/* head */
#define EMPTY 0
#define SOME  1
#define IDLE  2

/* state */
#define PARKED 0
#define READY  1
#define RUNS   2

#define INSIDE(c, t) inside[(c) * THREADS + (t)]
#define TAKEN(c, t)  taken[(c) * THREADS + (t)]

/* A CPU: */
byte head[CPUS] = IDLE;
bool inside[CPUS * THREADS], taken[CPUS * THREADS]; /* the inbox; what was taken out of it */
bool locked[CPUS];
bool is_placed[CPUS];        /* in the set of idle CPUs, and not claimed */
bool is_idle[CPUS], halted[CPUS], off[CPUS] = true, interrupt[CPUS], request[CPUS];
byte current[CPUS] = NOBODY; /* on whose stack it is; NOBODY: the executor's */

/* A thread: */
byte state[THREADS], cpu_of[THREADS], home[THREADS];
bool queued[THREADS], woken[THREADS];
bool expects[THREADS]; /* it was woken, and has not run since */

byte waking = WAKES;

#ifdef HOG
#define IS_HOG(t) ((t) == 0)
#else
#define IS_HOG(t) false
#endif

inline push(whose, who)
{
	d_step {
		seen = head[whose];
		head[whose] = SOME;
		assert(!INSIDE(0, who) && !INSIDE(1, who));
		INSIDE(whose, who) = true
	};
#ifndef NO_KICK
	if
	:: seen == IDLE -> d_step { seen = 0; interrupt[whose] = true }
	:: else
	fi
#endif
}

proctype waker(byte t)
{
	byte seen, h;
	bool was;

	atomic { expects[t] = true; was = queued[t]; queued[t] = true };
	if
	:: !was -> h = home[t]; push(h, t)
	:: else
	fi;
	d_step { h = 0; was = false; waking-- }
}

proctype controller(byte c)
{
end:	do
	:: atomic { interrupt[c] && !off[c] -> interrupt[c] = false; request[c] = true; halted[c] = false }
	od
}

/* ---- placement.c ---- */

/* One that is idle; NOWHERE. The whole set is one word. */
inline claim(result)
{
	atomic {
		if
		:: is_placed[0] -> is_placed[0] = false; result = 0
		:: is_placed[1] -> is_placed[1] = false; result = 1
		:: else -> result = NOWHERE
		fi
	}
}

/* ---- scheduler.c, migration.c; with interrupts off and, but for steal(), the lock of this CPU ---- */

inline lock(whose)
{
	atomic { !locked[whose] -> locked[whose] = true }
}

inline lock_here()
{
	off[c] = true;
	lock(c)
}

inline unlock_here()
{
	d_step { locked[c] = false; off[c] = false }
}

#define WAITS(t, c) (state[t] == READY && cpu_of[t] == (c))
#if THREADS == 2
#define SOMEBODY_WAITS(c) (WAITS(0, c) || WAITS(1, c))
#else
#define SOMEBODY_WAITS(c) (WAITS(0, c) || WAITS(1, c) || WAITS(2, c))
#endif

inline make_ready(t)
{
	assert(cpu_of[t] == c && state[t] == PARKED);
	state[t] = READY
}

/* Whoever waits: with two CPUs one offer is for all. */
inline offer()
{
#ifdef NO_OFFER
	skip
#else
	claim(there);
	if
	:: there != NOWHERE -> interrupt[there] = true
	:: else
	fi;
	there = 0
#endif
}

inline place(t)
{
	if
#ifndef PLACE_RUNNING
	:: state[t] != PARKED || t == current[c] -> there = c
#endif
	:: else ->
		if
		:: is_idle[c] && !SOMEBODY_WAITS(c) -> there = c
		:: else ->
			claim(there);
			if
			:: there == NOWHERE -> there = c
			:: else
			fi
		fi
	fi
}

/* While the CPU is idle nobody knows yet who has to wait. */
inline deliver(t)
{
	is_new = state[t] == PARKED && !is_idle[c];
#ifdef OFFER_FIRST
	if
	:: is_new -> offer()
	:: else
	fi;
#endif
	d_step {
		queued[t] = false;
		if
		:: state[t] == PARKED -> make_ready(t)
		:: else -> woken[t] = true
		fi
	};
#ifndef OFFER_FIRST
	if
	:: is_new -> offer()
	:: else
	fi;
#endif
	is_new = false
}

inline forward(t)
{
	there = cpu_of[t];
	if
	:: there == c ->
		place(t);
		d_step {
			if
			:: there != c -> home[t] = there; cpu_of[t] = there
			:: else
			fi
		}
	:: else
	fi;
	if
	:: there == c -> deliver(t)
	:: else -> push(there, t)
	fi;
	there = 0
}

inline empty_inbox()
{
	request[c] = false;
	if
	:: head[c] != IDLE ->
		do
		:: atomic {
			head[c] = EMPTY;
			for (i : 0 .. THREADS - 1) { TAKEN(c, i) = INSIDE(c, i); INSIDE(c, i) = false };
			i = 0
		   };
		   do
		   :: d_step { TAKEN(c, 0) -> TAKEN(c, 0) = false; i = 0 }; forward(i); i = 0
		   :: d_step { !TAKEN(c, 0) && TAKEN(c, 1) -> TAKEN(c, 1) = false; i = 1 }; forward(i); i = 0
#if THREADS > 2
		   :: d_step { !TAKEN(c, 0) && !TAKEN(c, 1) && TAKEN(c, 2) -> TAKEN(c, 2) = false; i = 2 }; forward(i); i = 0
#endif
		   :: else -> break
		   od;
#ifdef NOT_MARKED
		   break
#else
		   atomic {
			if
			:: head[c] == EMPTY -> head[c] = IDLE; break
			:: else
			fi
		   }
#endif
		od
	:: else
	fi
}

#ifdef SWITCH_UNLOCKED
#define IS_SAVED(t) true
#else
#define IS_SAVED(t) (current[1 - c] != t)
#endif

inline take_one()
{
	d_step {
		do
		:: i == THREADS -> break
		:: i < THREADS && WAITS(i, 1 - c) && IS_SAVED(i) ->
			state[i] = PARKED;
			home[i] = c;
			cpu_of[i] = c;
			stolen = i;
			break
		:: else -> i++
		od;
		i = 0
	};
#ifndef STEAL_ALONE
	locked[1 - c] = false
#endif
}

/* What a CPU reads of another's load is as it was a moment ago. It does not wait for a lock: it will look again. */
inline steal()
{
	if
	:: SOMEBODY_WAITS(1 - c) ->
#ifndef STEAL_ALONE
		atomic { is_busy = locked[1 - c]; locked[1 - c] = true };
#endif
		if
		:: !is_busy -> take_one()
		:: else
		fi
	:: else
	fi
}

inline idle()
{
	is_idle[c] = true;
	locked[c] = false;
#ifndef SET_LATE
	is_placed[c] = true;
	steal();
#else
	steal();
	is_placed[c] = true;
#endif
#ifdef GIVE_UP
	is_busy = false;
#endif
	if
	:: stolen == NOBODY && is_busy ->
		is_busy = false;
		off[c] = false; /* whoever interrupts need not wait */
		off[c] = true
	:: stolen == NOBODY && !is_busy ->
#ifdef STI_EARLY
		off[c] = false;
		halted[c] = true;
#else
		atomic { off[c] = false; halted[c] = true };
#endif
end_halt:	!halted[c];
		off[c] = true
	:: else
	fi;
	is_placed[c] = false;
	lock(c);
	if
	:: stolen != NOBODY -> make_ready(stolen); stolen = NOBODY
	:: else
	fi;
	empty_inbox();
	is_idle[c] = false
}

inline run_it(t)
{
#ifdef SWITCH_UNLOCKED
	d_step { state[t] = RUNS; locked[c] = false };
	d_step { assert(current[1 - c] != t); current[c] = t }
#else
	d_step {
		assert(state[t] == READY && cpu_of[t] == c);
		assert(current[1 - c] != t);
		state[t] = RUNS;
		current[c] = t
	}
#endif
}

/* Anybody who is ready, but first of all who makes room for nobody. Who waits then is offered: the one who ran before,
 * and all, if the CPU was idle. */
inline switch_to_next()
{
	do
	:: WAITS(0, c) -> run_it(0); break
	:: WAITS(1, c) && !(IS_HOG(0) && WAITS(0, c)) -> run_it(1); break
#if THREADS > 2
	:: WAITS(2, c) && !(IS_HOG(0) && WAITS(0, c)) -> run_it(2); break
#endif
	:: else -> idle(); has_newcomers = true
	od;
	if
	:: (has_newcomers && SOMEBODY_WAITS(c)) || (leaver != NOBODY && leaver != current[c]) -> offer()
	:: else
	fi;
	d_step { has_newcomers = false; leaver = NOBODY };
	unlock_here()
}

inline make_room()
{
	lock_here();
	empty_inbox();
	if
	:: IS_HOG(current[c]) || !SOMEBODY_WAITS(c) -> unlock_here()
	:: !IS_HOG(current[c]) && SOMEBODY_WAITS(c) ->
		leaver = current[c];
		state[leaver] = READY;
		switch_to_next()
	fi
}

inline park()
{
	lock_here();
	empty_inbox();
	if
	:: woken[current[c]] -> woken[current[c]] = false; unlock_here()
	:: else -> state[current[c]] = PARKED; switch_to_next()
	fi
}

proctype cpu(byte c)
{
	byte i, there, seen, stolen = NOBODY, leaver = NOBODY;
	bool is_new, is_busy, has_newcomers;

	lock(c);
	switch_to_next();
end:	do
	:: request[c] -> make_room()
	:: !request[c] && IS_HOG(current[c]) && expects[current[c]] -> expects[current[c]] = false
	:: !request[c] && !IS_HOG(current[c]) -> expects[current[c]] = false; park()
	od
}

#define AT_REST(c) (head[c] == IDLE && !locked[c] && (halted[c] || IS_HOG(current[c])))

init {
	byte n;

	atomic {
		for (n : 0 .. CPUS - 1) { run cpu(n); run controller(n) };
		for (n : 0 .. WAKES - 1) { run waker(n % THREADS) };
		n = 0
	}
	timeout;
	assert(waking == 0 && AT_REST(0) && AT_REST(1));
	for (n : 0 .. THREADS - 1) {
		assert(!expects[n] && !queued[n] && (state[n] == PARKED || IS_HOG(n)))
	}
}
