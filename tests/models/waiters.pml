/*
 * Who waits in a list (kernel/task/wait_list.h) for a permit (kernel/task/semaphore.c), and for an item or room in a
 * channel (kernel/task/channel.c): threads on as many CPUs, which poll, park, and are killed at any moment; the frame of
 * the future that waits is gone when its poll function has returned READY, or was dropped. What happens under a lock is
 * one step.
 *
 * Claimed: never more are inside than there are permits; a permit goes to who has waited longest, and to nobody who came
 * later; who waits stands in the list or has been granted, never both; nobody is woken, listed or granted by a frame that
 * is gone; when nothing can happen any more, nobody waits while there is what it waits for, and all permits are back. With
 * -DCHANNEL: each item that was sent comes to one, once, in the order in which they were sent, or is still there.
 *
 * RUN      test      -DUSERS=3 -DPERMITS=1 -DKILLS=2 -DTURNS=1
 * RUN      test      -DCHANNEL -DSENDERS=2 -DRECEIVERS=2 -DROOM=1 -DKILLS=1
 * RUN      campaign  -DUSERS=3 -DPERMITS=2 -DKILLS=3 -DTURNS=2
 * RUN      campaign  -DCHANNEL -DSENDERS=2 -DRECEIVERS=3 -DROOM=2 -DKILLS=2
 * REFUTED  permit-kept   -DPERMIT_KEPT    who was granted a permit and is killed before it looks keeps it
 * REFUTED  left-listed   -DLEFT_LISTED    who is killed leaves its frame in the list
 * REFUTED  late-waker    -DLATE_WAKER     whom to wake is read from the frame when the lock was given back
 * REFUTED  wake-first    -DWAKE_FIRST     who is first is woken, and granted the permit when the lock was given back
 * REFUTED  no-hand-over  -DNO_HAND_OVER -DKILLS=0   a permit that comes back is there for whoever comes by
 * REFUTED  last-first    -DLAST_FIRST     it goes to who came last
 * REFUTED  look-outside  -DLOOK_OUTSIDE   whether there is a permit is asked before the lock is taken
 * REFUTED  room-first    -DCHANNEL -DSENDERS=2 -DRECEIVERS=2 -DROOM=1 -DKILLS=1 -DROOM_FIRST   there is room before the item is taken out
 * REFUTED  item-lost     -DCHANNEL -DSENDERS=2 -DRECEIVERS=2 -DROOM=1 -DKILLS=1 -DITEM_LOST    a receiver that is killed has consumed its item
 */
#ifndef PERMITS
#define PERMITS 1
#endif
#ifndef TURNS
#define TURNS 1
#endif
#ifndef KILLS
#define KILLS 1
#endif

#ifdef CHANNEL
#define WHO (SENDERS + RECEIVERS)
#define SEMAPHORES 2
#define FILLED 0
#define FREE   1
#else
#define WHO USERS
#define SEMAPHORES 1
#endif

#define NOBODY 255

/* A semaphore: */
byte permits[SEMAPHORES];
chan list[SEMAPHORES] = [WHO] of { byte };
chan came[SEMAPHORES] = [WHO] of { byte }; /* who waits, in the order of coming: what `list` has to be */

/* Of each thread, the frame of its acquire; the rest of it is its own. */
bool is_granted[WHO], is_gone[WHO] = true;
bool is_woken[WHO], is_killed[WHO], waits[WHO];
byte over, kills = KILLS;

#ifdef CHANNEL
chan items = [ROOM] of { byte };
bool is_sent[SENDERS], has_come[SENDERS];
byte count;
#else
byte inside;
#endif

/* ---- wait_list.h, with the lock held ---- */

inline wait_list_grant(s, one)
{
#ifdef LAST_FIRST
	if
	:: len(list[s]) == 2 -> list[s]?one; list[s]!one
	:: else
	fi;
#endif
	list[s]?one;
	assert(!is_granted[one] && !is_gone[one]);
#ifndef NO_HAND_OVER
	assert(came[s]?[eval(one)]);
	came[s]?eval(one);
#endif
#ifndef WAKE_FIRST
	is_granted[one] = true;
#endif
#ifndef LATE_WAKER
	is_woken[one] = true
#endif
}

/* ---- semaphore.c ---- */

/* With the lock held. */
inline hand_over(s, one)
{
	if
	:: nempty(list[s]) ->
		wait_list_grant(s, one)
#ifdef NO_HAND_OVER
		;
		permits[s]++ /* `is_granted` means only that one may look again */
#endif
	:: empty(list[s]) -> permits[s]++; one = NOBODY
	fi
}

/* What is done without the lock, of what has to be done with it: nothing, but for planted bugs. */
inline do_late(one)
{
#if defined(LATE_WAKER) || defined(WAKE_FIRST)
	if
	:: one != NOBODY ->
		assert(!is_gone[one]);
		is_granted[one] = true;
		is_woken[one] = true
	:: else
	fi;
#endif
	one = 0
}

inline release(s, one)
{
	d_step { hand_over(s, one) };
	do_late(one)
}

inline give_up(s, one)
{
	d_step {
		one = NOBODY;
		if
		:: !is_granted[me] ->
#ifndef LEFT_LISTED
			assert(list[s]??[eval(me)]);
			list[s]??eval(me);
			came[s]??eval(me)
#endif
		:: is_granted[me] ->
#ifdef ITEM_LOST
			if
			:: s == FILLED -> items?item; count--
			:: else
			fi;
#endif
#ifndef PERMIT_KEPT
			hand_over(s, one)
#endif
		fi;
		is_granted[me] = false
	};
	do_late(one);
	is_gone[me] = true
}

inline ask(s, has)
{
	is_gone[me] = false;
#ifdef LOOK_OUTSIDE
	has = permits[s] > 0;
	if
	:: has -> permits[s]--
	:: else -> d_step { list[s]!me; came[s]!me }
	fi
#else
	d_step {
		if
		:: permits[s] > 0 -> assert(empty(came[s])); permits[s]--; has = true
		:: else -> list[s]!me; came[s]!me; has = false
		fi
	}
#endif
}

#ifdef NO_HAND_OVER
inline look_again(s, has)
{
	d_step {
		is_granted[me] = false;
		if
		:: permits[s] > 0 -> assert(came[s]?[eval(me)]); came[s]?eval(me); permits[s]--; has = true
		:: else -> list[s]!me
		fi
	}
}
#endif

/* block_on(semaphore_acquire()): parks until the permit is there, or the thread is killed: then it has none. */
inline acquire(s, has, one)
{
	ask(s, has);
	waits[me] = !has;
	do
	:: has -> is_gone[me] = true; break
	:: !has && is_killed[me] -> give_up(s, one); break
#ifndef NO_HAND_OVER
	:: !has && !is_killed[me] && is_granted[me] -> is_granted[me] = false; has = true
#else
	:: !has && !is_killed[me] && is_granted[me] -> look_again(s, has)
#endif
	:: !has && !is_killed[me] && !is_granted[me] ->
end_wait:	is_woken[me]; is_woken[me] = false
	od;
	waits[me] = false
}

/* ---- who wants one ---- */

#ifndef CHANNEL
proctype user(byte me)
{
	byte one, turns;
	bool has;

	for (turns : 1 .. TURNS) {
		acquire(0, has, one);
		if
		:: has ->
			inside++;
			assert(inside <= PERMITS);
			inside--;
			has = false;
			release(0, one)
		:: else
		fi
	};
	turns = 0;
	over++
}
#else
/* What it sends is its number. */
proctype sender(byte me)
{
	byte one, item;
	bool has;

	acquire(FREE, has, one);
	if
	:: has ->
		d_step { assert(nfull(items)); items!me; count++; is_sent[me] = true };
		release(FILLED, one)
	:: else
	fi;
	over++
}

proctype receiver(byte me)
{
	byte one, item;
	bool has;

	acquire(FILLED, has, one);
	if
	:: has ->
#ifdef ROOM_FIRST
		release(FREE, one);
#endif
		d_step {
			assert(nempty(items));
			items?item;
			count--;
			assert(is_sent[item] && !has_come[item]);
			has_come[item] = true
		};
#ifndef ROOM_FIRST
		release(FREE, one);
#endif
	:: else
	fi;
	over++
}
#endif

proctype killer()
{
	byte who;

end:	do
	:: atomic {
		kills > 0 ->
		select(who : 0 .. WHO - 1);
		kills--;
		is_killed[who] = true;
		is_woken[who] = true;
		who = 0
	   }
	:: kills > 0 -> kills--
	od
}

init {
	byte n;

	atomic {
#ifdef CHANNEL
		permits[FREE] = ROOM;
		for (n : 0 .. SENDERS - 1) { run sender(n) };
		for (n : SENDERS .. WHO - 1) { run receiver(n) };
#else
		permits[0] = PERMITS;
		for (n : 0 .. WHO - 1) { run user(n) };
#endif
		run killer();
		n = 0
	}
	timeout;
#ifdef CHANNEL
	assert(permits[FILLED] == count && permits[FREE] + count == ROOM && len(items) == count);
	assert(count == 0 || empty(list[FILLED]));
	assert(count == ROOM || empty(list[FREE]));
	for (n : 0 .. SENDERS - 1) { assert(is_sent[n] == (has_come[n] || items??[eval(n)])) }
#else
	assert(over == WHO && permits[0] == PERMITS)
#endif
	for (n : 0 .. WHO - 1) { assert(is_gone[n] || waits[n]) }
}
