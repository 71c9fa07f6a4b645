/*
 * Readers and writers (kernel/task/rwlock.c): threads on as many CPUs, each of which wants to read or to write, polls,
 * parks, and is killed at any moment. What happens under the lock is one step; who lets in several gives it back after
 * each.
 *
 * Claimed: a writer is alone; nobody comes in before one who has waited longer; who waits stands in the list or is
 * inside; unless somebody is about to let in others, nothing keeps out the first but those who are inside; when nothing
 * can happen any more, all are through and nobody is inside.
 *
 * RUN      test      -DUSERS=3 -DKILLS=1 -DTURNS=1
 * RUN      campaign  -DUSERS=3 -DKILLS=3 -DTURNS=1
 * REFUTED  inside-for-ever  -DINSIDE_FOR_EVER  who was let in and is killed before it looks is counted as inside
 * REFUTED  left-listed      -DLEFT_LISTED      who is killed leaves its frame in the list
 * REFUTED  nobody-let-in    -DNOBODY_LET_IN    a writer that gives up does not let in the readers behind it
 * REFUTED  one-let-in       -DONE_LET_IN       of several readers the first is let in, and no other
 * REFUTED  past-the-others  -DPAST_THE_OTHERS  a reader comes in past those who wait, since others read
 */
#ifndef USERS
#define USERS 3
#endif
#ifndef KILLS
#define KILLS 1
#endif
#ifndef TURNS
#define TURNS 1
#endif

#define NOBODY 255

byte readers, writer = NOBODY;       /* as the lock knows it */
chan list = [USERS] of { byte };
chan came = [USERS] of { byte };     /* who waits, in the order of coming: what `list` has to be */
bool writes[USERS], is_granted[USERS], is_woken[USERS], is_killed[USERS];
bool is_gone[USERS] = true;          /* the frame */
byte reading, writing;               /* who are inside and know it */
byte letting_in; /* who are about to */
byte over, kills = KILLS;

#define IS_OPEN_TO(one) (writer == NOBODY && (readers == 0 || !writes[one]))

/* ---- with the lock ---- */

inline count_in(one)
{
	if
	:: writes[one] -> writer = one
	:: !writes[one] -> readers++
	fi
}

inline count_out()
{
	if
	:: writer != NOBODY -> writer = NOBODY
	:: writer == NOBODY -> assert(readers > 0); readers--
	fi
}

inline may_let_in(more)
{
	if
	:: empty(list) -> more = false
	:: nempty(list) -> list?<one>; more = IS_OPEN_TO(one)
	fi;
	one = 0
}

/* Without a look whether it may come in. */
inline let_one_in()
{
	list?one;
	assert(!is_granted[one] && !is_gone[one] && came?[eval(one)]);
	came?eval(one);
	count_in(one);
	is_granted[one] = true;
	is_woken[one] = true;
	one = 0
}

/* ---- rwlock.c ---- */

/* With the lock, which is given back if there are more. */
inline let_in_first(more)
{
	may_let_in(more);
	if
	:: more -> let_one_in(); may_let_in(more)
	:: else
	fi
#ifdef ONE_LET_IN
	;
	more = false
#endif
}

inline let_in_others(more)
{
	do
	:: more -> d_step { let_in_first(more) }
	:: !more -> break
	od;
	skip; /* no loop ends in a d_step */
	d_step {
		letting_in--;
		may_let_in(more);
		assert(!more || letting_in > 0);
		more = false
	}
}

inline unlock(more)
{
	d_step { letting_in++; count_out(); let_in_first(more) };
	let_in_others(more)
}

inline give_up(more)
{
	d_step {
		letting_in++;
		more = false;
		if
		:: is_granted[me] ->
#ifndef INSIDE_FOR_EVER
			count_out()
#endif
		:: !is_granted[me] ->
#ifndef LEFT_LISTED
			assert(list??[eval(me)]);
			list??eval(me);
			came??eval(me)
#endif
		fi;
		is_granted[me] = false;
#ifndef NOBODY_LET_IN
		let_in_first(more)
#endif
	};
	let_in_others(more);
	is_gone[me] = true
}

inline ask(has)
{
	is_gone[me] = false;
	d_step {
		if
#ifndef PAST_THE_OTHERS
		:: len(list) == 0 && IS_OPEN_TO(me) ->
#else
		:: IS_OPEN_TO(me) ->
#endif
			assert(empty(came));
			count_in(me);
			has = true
		:: else -> list!me; came!me; has = false
		fi
	}
}

inline enter(has, more)
{
	ask(has);
	do
	:: has -> is_gone[me] = true; break
	:: !has && is_killed[me] -> give_up(more); break
	:: !has && !is_killed[me] && is_granted[me] -> is_granted[me] = false; has = true
	:: !has && !is_killed[me] && !is_granted[me] -> is_woken[me]; is_woken[me] = false
	od
}

/* ---- who reads and writes ---- */

proctype user(byte me)
{
	byte one, turns;
	bool has, more;

	for (turns : 1 .. TURNS) {
		if
		:: writes[me] = false
		:: writes[me] = true
		fi;
		enter(has, more);
		if
		:: has && writes[me] ->
			d_step { writing++; assert(writing == 1 && reading == 0) };
			writing--
		:: has && !writes[me] ->
			d_step { reading++; assert(writing == 0) };
			reading--
		:: else
		fi;
		if
		:: has -> has = false; unlock(more)
		:: else
		fi
	};
	turns = 0;
	over++
}

proctype killer()
{
	byte who;

end:	do
	:: atomic {
		kills > 0 ->
		select(who : 0 .. USERS - 1);
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
		for (n : 0 .. USERS - 1) { run user(n) };
		run killer();
		n = 0
	}
	timeout;
	assert(over == USERS && readers == 0 && writer == NOBODY && empty(list))
}
