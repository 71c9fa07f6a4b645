/*
 * The mutex (kernel/task/mutex.c, kernel/task/semaphore.c) and whose priority its holder has (kernel/task/inheritance.c):
 * threads of several CPUs, each with a priority of its own, lock one of two mutexes, or one inside the other, and end;
 * somebody kills them. What happens under the lock of a semaphore is one step; under the lock of inheritance it is many.
 *
 * Claimed: never two have a mutex; all get theirs, or give up, and end; whenever nobody is about to settle what has just
 * changed, who holds a mutex has the highest priority of those who wait for it, directly or along a chain, and nobody
 * has more than that; nobody ends to whom a priority is lent, and nobody who is over is given one.
 *
 * RUN      test      -DTHREADS=3 -DMUTEXES=1 -DKILLS=1
 * RUN      test      -DTHREADS=3 -DMUTEXES=2 -DKILLS=0
 * RUN      campaign  -DTHREADS=3 -DMUTEXES=2 -DKILLS=2
 * RUN      campaign  -DTHREADS=4 -DMUTEXES=1 -DKILLS=1
 * REFUTED  look-then-link  -DLOOK_THEN_LINK  the holder is asked for under the lock of the semaphore, and noted after it
 * REFUTED  unlink-first    -DUNLINK_FIRST    it is noted that nothing is lent any more, and then the priority is taken back
 * REFUTED  forget-first    -DFORGET_FIRST    the same of who had the mutex before
 * REFUTED  give-to-all     -DGIVE_TO_ALL     a holder to whom nothing is lent is looked at, too
 * REFUTED  no-settling     -DNO_SETTLING     who unlocks leaves the priorities as they are
 * REFUTED  impatient-kept  -DIMPATIENT_KEPT  who gives up leaves them as they are
 * REFUTED  no-chain        -DMUTEXES=2 -DKILLS=0 -DNO_CHAIN     who waits for a holder that waits itself is not looked at
 * REFUTED  all-back        -DMUTEXES=2 -DKILLS=0 -DALL_BACK     who gives one priority back loses those of other mutexes
 * REFUTED  permit-kept     -DPERMIT_KEPT     who was given the mutex and is killed keeps it
 * REFUTED  late-holder     -DLATE_HOLDER     it is noted after the semaphore's lock who has the mutex now
 */
#ifndef THREADS
#define THREADS 3
#endif
#ifndef MUTEXES
#define MUTEXES 1
#endif
#ifndef KILLS
#define KILLS 1
#endif

#define NOBODY  255
#define NOTHING 255

#define OWN(t) ((t) == THREADS - 1 -> 2 : ((t) == 0 -> 0 : 1))

/* A mutex: */
bool is_free[MUTEXES] = true;
byte holder[MUTEXES] = NOBODY, inside[MUTEXES] = NOBODY;
byte highest[MUTEXES], lent_to[MUTEXES] = NOBODY;
byte entered[MUTEXES] = NOBODY; /* in whose list of those that lend it a priority */
chan waiting[MUTEXES] = [THREADS] of { byte };

/* A thread: */
byte level[THREADS]; /* its priority now */
byte wants[THREADS] = NOTHING, asks_for[THREADS] = NOTHING; /* as inheritance.c was told; in whose list it stands */
bool is_listed[THREADS], is_granted[THREADS], is_killed[THREADS], is_over[THREADS];

bool locked;    /* inheritance.c's lock */
byte unsettled; /* changes after which nobody has looked yet */
byte kills = KILLS, over;

/* ---- what is claimed ---- */

/* The highest of those who wait. */
inline find_highest(m, result)
{
	result = 0;
	for (k : 0 .. THREADS - 1) {
		if
		:: is_listed[k] && asks_for[k] == m && level[k] > result -> result = level[k]
		:: else
		fi
	}
	k = 0
}

inline check_all()
{
	for (i : 0 .. THREADS - 1) {
		right = OWN(i);
		for (j : 0 .. MUTEXES - 1) {
			if
			:: holder[j] == i ->
				find_highest(j, found);
				right = (found > right -> found : right)
			:: else
			fi
		};
		assert(is_over[i] || level[i] == right)
	};
	i = 0; j = 0; found = 0; right = 0
}

inline settled()
{
	d_step {
		unsettled--;
		if
		:: unsettled == 0 -> check_all()
		:: else
		fi
	}
}

/* ---- inheritance.c ---- */

inline give_priority(t, has_changed)
{
	d_step {
		assert(!is_over[t]);
		right = OWN(t);
#ifndef ALL_BACK
		for (i : 0 .. MUTEXES - 1) {
			right = (entered[i] == t && highest[i] > right -> highest[i] : right)
		};
#else
		right = (entered[m] == t && highest[m] > right -> highest[m] : right);
#endif
		has_changed = (level[t] != right);
		level[t] = right;
		i = 0; right = 0
	}
}

/* That nothing is lent for it may end only with the lock of the semaphore: who unlocks afterwards sees it. That
 * something is may end only when all priorities are right: who unlocks before waits for that. */
#define LEND \
	if \
	:: lent_to[m] == NOBODY && now != NOBODY && highest[m] > 0 -> lent_to[m] = now; entered[m] = now \
	:: else \
	fi

inline settle()
{
	before = lent_to[m];
	d_step {
		now = holder[m];
		find_highest(m, highest[m]);
#ifndef LOOK_THEN_LINK
		LEND
#endif
	};
#ifdef LOOK_THEN_LINK
	d_step { LEND };
#endif
	if
	:: before != NOBODY && before != now ->
		entered[m] = NOBODY;
#ifdef FORGET_FIRST
		lent_to[m] = now;
#endif
		give_priority(before, has_changed);
		entered[m] = now;
		lent_to[m] = now
	:: else
	fi;
	has_changed = false;
	next = NOTHING;
	if
#ifdef GIVE_TO_ALL
	:: now != NOBODY ->
#else
	:: lent_to[m] != NOBODY ->
#endif
#ifdef UNLINK_FIRST
		lent_to[m] = (highest[m] == 0 -> NOBODY : now);
#endif
		give_priority(now, has_changed);
#ifndef NO_CHAIN
		next = (has_changed -> wants[now] : NOTHING);
#endif
		has_changed = false;
		if
		:: highest[m] == 0 -> entered[m] = NOBODY; lent_to[m] = NOBODY
		:: else
		fi
	:: else
	fi;
	before = 0; now = 0
}

inline settle_chain(mutex)
{
	m = mutex;
	do
	:: m != NOTHING -> settle(); m = next; next = 0
	:: else -> m = 0; break
	od
}

inline inheritance_wait(mutex, waits)
{
	atomic { !locked -> locked = true };
	wants[me] = (waits -> mutex : NOTHING);
	settle_chain(mutex);
	locked = false
}

/* ---- semaphore.c, mutex.c ---- */

inline hand_over(mutex)
{
	if
	:: nempty(waiting[mutex]) ->
		waiting[mutex]?one;
		is_listed[one] = false;
		is_granted[one] = true;
#ifndef LATE_HOLDER
		holder[mutex] = one
#endif
	:: empty(waiting[mutex]) ->
		is_free[mutex] = true;
		one = NOBODY;
		holder[mutex] = NOBODY
	fi
}

#ifdef LATE_HOLDER
#define NOTE_HOLDER(mutex) holder[mutex] = (one != NOBODY -> one : holder[mutex])
#else
#define NOTE_HOLDER(mutex) skip
#endif

inline give_up(mutex)
{
	d_step {
		unsettled++;
		one = NOBODY;
		if
		:: is_listed[me] -> waiting[mutex]??eval(me); is_listed[me] = false
		:: !is_listed[me] && is_granted[me] ->
			is_granted[me] = false;
#ifndef PERMIT_KEPT
			hand_over(mutex)
#endif
		:: else
		fi;
		asks_for[me] = NOTHING
	};
	NOTE_HOLDER(mutex);
	one = 0;
#ifndef IMPATIENT_KEPT
	inheritance_wait(mutex, false);
#endif
	settled()
}

/* Waits until it has the mutex, or is killed: then `has` is false. How it is woken is park.pml's. */
inline wait_for(mutex, has)
{
	do
	:: is_killed[me] -> give_up(mutex); has = false; break
	:: is_granted[me] && !is_killed[me] ->
		is_granted[me] = false;
		unsettled++;
		asks_for[me] = NOTHING;
		inheritance_wait(mutex, false);
		settled();
		has = true;
		break
	od
}

inline lock(mutex, has)
{
	d_step {
		if
		:: is_free[mutex] ->
			is_free[mutex] = false;
			holder[mutex] = me;
			has = true
		:: else ->
			waiting[mutex]!me;
			is_listed[me] = true;
			asks_for[me] = mutex;
			unsettled++;
			has = false
		fi
	};
	if
	:: !has -> inheritance_wait(mutex, true); settled(); wait_for(mutex, has)
	:: else
	fi;
	if
	:: has -> d_step { assert(inside[mutex] == NOBODY && holder[mutex] == me); inside[mutex] = me }
	:: else
	fi
}

inline unlock(mutex)
{
	inside[mutex] = NOBODY;
	d_step { unsettled++; hand_over(mutex) };
	NOTE_HOLDER(mutex);
	one = 0;
#ifndef NO_SETTLING
	if
	:: lent_to[mutex] != NOBODY ->
		atomic { !locked -> locked = true };
		settle_chain(mutex);
		locked = false
	:: else
	fi;
#endif
	settled()
}

/* ---- threads ---- */

#define BOTH (MUTEXES > 1)

proctype thread(byte me)
{
	byte m, before, now, next, one;
	byte i, j, k, found, right;
	bool has_changed, has, has_other, is_greedy;
	byte first;

	if
	:: first = 0
#if MUTEXES > 1
	:: first = 1
	:: first = 1; is_greedy = true
#endif
	fi;
	lock(first, has);
#if MUTEXES > 1
	if
	:: has && is_greedy ->
		lock(0, has_other);
		if
		:: has_other -> unlock(0)
		:: else
		fi
	:: else
	fi;
#endif
	if
	:: has -> unlock(first)
	:: else
	fi;
	d_step {
		for (i : 0 .. MUTEXES - 1) { assert(entered[i] != me) };
		i = 0;
		is_over[me] = true;
		over++
	}
}

#if KILLS > 0
proctype killer()
{
	byte who;

end:	do
	:: kills > 0 ->
		if
		:: who = 0
		:: who = THREADS - 1
		fi;
		kills--;
		is_killed[who] = true;
		who = 0
	:: kills > 0 -> kills--
	od
}
#endif

init {
	byte n;

	atomic {
		for (n : 0 .. THREADS - 1) { level[n] = OWN(n); run thread(n) };
#if KILLS > 0
		run killer();
#endif
		n = 0
	}
	timeout;
	assert(over == THREADS && !locked && unsettled == 0);
	for (n : 0 .. MUTEXES - 1) {
		assert(is_free[n] && holder[n] == NOBODY && lent_to[n] == NOBODY && empty(waiting[n]))
	}
}
