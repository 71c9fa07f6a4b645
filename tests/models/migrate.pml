/*
 * A wake that finds its thread on another CPU than its waker's home (kernel/task/scheduler.c: forward, place, steal,
 * expel). Each CPU has a scheduler with a lock and an inbox; one thread waits for items; producers hand them in and wake
 * it, by its home, which is a hint; movers take the thread from one CPU to another whenever it is ready and its context is
 * saved; who is woken may be sent on. What park.pml has shown, the idle mark and the halt, is left out: an inbox that is
 * not empty is looked at.
 *
 * Claimed: the thread never runs on two CPUs, nor with a context that is not saved; it is in an inbox at most once; only
 * the CPU it belongs to changes it; and in the end every item has been eaten.
 *
 * RUN      test      -DCPUS=2 -DPRODUCERS=2 -DMOVES=2
 * RUN      campaign  -DCPUS=3 -DPRODUCERS=2 -DMOVES=1
 * RUN      campaign  -DCPUS=2 -DPRODUCERS=3 -DMOVES=3
 * REFUTED  no-forward    -DNO_FORWARD     an inbox that finds another CPU's thread delivers the wake itself
 * REFUTED  drop          -DDROP           ... or takes it for one that came too late
 * REFUTED  clear-first   -DCLEAR_FIRST    QUEUED is cleared before the wake is passed on
 * REFUTED  unsaved       -DUNSAVED        the thread on whose stack the CPU sleeps is sent away, too
 * REFUTED  not-told      -DNOT_TOLD       who is sent away awake is not told that it was woken
 */
#ifndef CPUS
#define CPUS 2
#endif
#ifndef PRODUCERS
#define PRODUCERS 2
#endif
#ifndef MOVES
#define MOVES 2
#endif

#define READY  0
#define RUNS   1
#define PARKED 2

#define NOBODY 255

byte lock[CPUS] = NOBODY;                 /* who holds it */
bool inside[CPUS], queued;                /* in this CPU's inbox; WAKER_QUEUED */
bool in_queue[CPUS];                      /* of those who are ready there */
bool is_current[CPUS];                    /* the CPU is on its stack: the context is not saved */
byte state = PARKED, at, belongs, home;   /* at: the next step of its program */
bool registered, woken, limbo;
byte items, eaten, producing = PRODUCERS, moves = MOVES;

#ifdef UNSAVED
#define SAVED(c) true
#else
#define SAVED(c) (!is_current[c])
#endif
#ifdef NO_FORWARD
#define FORWARDS false
#else
#define FORWARDS true
#endif

inline push(c)
{
	atomic { assert(!inside[c]); inside[c] = true }
}

inline wake_it()
{
	atomic { was = queued; queued = true };
	if
	:: !was -> h = home; push(h); h = 0
	:: else
	fi;
	was = false
}

proctype producer()
{
	bool is_there, was;
	byte h;

	items++;
	atomic { is_there = registered; registered = false };
	if
	:: is_there -> wake_it()
	:: else
	fi;
	producing--
}

/* Its fields are changed by who has the lock of the CPU it belongs to. */
#define OWNED(c) assert(belongs == c && lock[c] != NOBODY)

inline deliver(c)
{
	if
	:: state == PARKED -> OWNED(c); state = READY; in_queue[c] = true
	:: else -> OWNED(c); woken = true
	fi
}

/* The lock is held. Where it goes: here, or to any other CPU. */
inline drain(c)
{
	do
	:: inside[c] ->
		inside[c] = false;
#ifdef CLEAR_FIRST
		queued = false;
#endif
		b = belongs;
		if
		:: b == c && state == PARKED && !limbo && SAVED(c) && moves > 0 ->
			if
			:: moves--; b = (c + 1) % CPUS; home = b; belongs = b
			:: skip
			fi
		:: else
		fi;
		if
		:: b != c && FORWARDS ->
#ifdef DROP
			queued = false
#else
			push(b)
#endif
		:: else ->
			queued = false;
			deliver(c)
		fi;
		b = 0
	:: else -> break
	od
}

/* The scheduler of each CPU, and the thread's program where it runs: look, leave the waker, look again, park. */
proctype cpu(byte c)
{
	byte b, h;
	bool was;

end:	do
	/* Something is in the inbox: it is emptied by whoever has this CPU, the thread or nobody. */
	:: inside[c] ->
		atomic { lock[c] == NOBODY -> lock[c] = c };
		drain(c);
		lock[c] = NOBODY
	/* It is ready here: it runs. */
	:: in_queue[c] && !(state == RUNS && is_current[c]) ->
		atomic { lock[c] == NOBODY -> lock[c] = c };
		if
		:: in_queue[c] ->
			in_queue[c] = false;
			state = RUNS;
			atomic {
				for (b : 0 .. CPUS - 1) { assert(b == c || !is_current[b]) };
				b = 0;
				is_current[c] = true
			}
		:: else
		fi;
		lock[c] = NOBODY
	/* Another thread's turn: the context is saved with the lock held. */
	:: is_current[c] ->
		atomic { lock[c] == NOBODY -> lock[c] = c };
		if
		:: is_current[c] && state == RUNS -> state = READY; in_queue[c] = true; is_current[c] = false
		:: is_current[c] && state != RUNS -> is_current[c] = false /* it slept, and the CPU slept on its stack */
		:: else
		fi;
		lock[c] = NOBODY
	/* It may not run here any more: it goes as soon as its context is saved. */
	:: is_current[c] && state == RUNS && moves > 0 ->
		atomic { lock[c] == NOBODY -> lock[c] = c };
		moves--;
		state = PARKED;
#ifndef NOT_TOLD
		woken = true;
#endif
		is_current[c] = false;
		home = (c + 1) % CPUS;
		belongs = (c + 1) % CPUS;
		wake_it();
		lock[c] = NOBODY
	/* Another CPU steals it: it takes it out with the lock of this one, and puts it in with its own. */
	:: in_queue[(c + 1) % CPUS] && moves > 0 ->
		atomic { lock[(c + 1) % CPUS] == NOBODY -> lock[(c + 1) % CPUS] = c };
		if
		:: in_queue[(c + 1) % CPUS] && !is_current[(c + 1) % CPUS] ->
			moves--;
			in_queue[(c + 1) % CPUS] = false;
			state = PARKED;
			limbo = true;
			home = c;
			belongs = c;
			lock[(c + 1) % CPUS] = NOBODY;
			atomic { lock[c] == NOBODY -> lock[c] = c };
			OWNED(c);
			limbo = false;
			state = READY;
			in_queue[c] = true;
			lock[c] = NOBODY
		:: else -> lock[(c + 1) % CPUS] = NOBODY
		fi
	:: is_current[c] && state == RUNS && at == 0 ->
		if
		:: items > 0 -> atomic { items--; eaten++ }
		:: else -> at = 1
		fi
	:: is_current[c] && state == RUNS && at == 1 -> registered = true; at = 2
	:: is_current[c] && state == RUNS && at == 2 ->
		if
		:: items > 0 -> registered = false; atomic { items--; eaten++ }; at = 0
		:: else -> at = 3
		fi
	:: is_current[c] && state == RUNS && at == 3 ->
		atomic { lock[c] == NOBODY -> lock[c] = c };
		drain(c);
		at = 0;
		if
		:: woken -> woken = false
		:: else -> state = PARKED
		fi;
		lock[c] = NOBODY
	od
}

init {
	byte n;

	atomic {
		state = READY;
		in_queue[0] = true;
		for (n : 0 .. CPUS - 1) { run cpu(n) };
		for (n : 1 .. PRODUCERS) { run producer() };
		n = 0
	}
	timeout;
	assert(producing == 0 && eaten == PRODUCERS && items == 0);
	assert(state == PARKED && !queued)
}
