/*
 * A task's slot (kernel/task/executor.c): it is used for one life after another, while other CPUs hold on to it from
 * earlier lives, wake it, cancel it by the generation they know, wait for its result, and let go of its handle.
 * Everything turns on one word, which holds QUEUED, LIVE, CANCEL, HANDLE and the generation.
 *
 * Claimed: each life is cleaned up exactly once; only a frame that lives is polled, by its home only; a cancellation ends
 * the life it was meant for and no other; a slot is free again exactly once for each life, not before its handle is
 * dropped, and a result is read as it was left. In the end nothing is queued, each life that was cancelled is over,
 * and no slot has leaked.
 *
 * RUN      test      -DLIVES=2 -DCANCELLERS=1 -DWAKERS=1
 * RUN      campaign  -DLIVES=2 -DCANCELLERS=2 -DWAKERS=1
 * RUN      campaign  -DLIVES=3 -DCANCELLERS=2 -DWAKERS=2
 * REFUTED  blind-cancel         -DBLIND_CANCEL         CANCEL is set whatever the generation
 * REFUTED  cancel-reads-first   -DCANCEL_READS_FIRST   the generation is compared, then CANCEL is set: two steps
 * REFUTED  cancel-forgets       -DCANCEL_FORGETS       CANCEL is set, but the task is not woken
 * REFUTED  remote-drop          -DREMOTE_DROP          who cancels cleans up itself, on its own CPU
 * REFUTED  start-pushes         -DSTART_PUSHES         a new life pushes although a late wake has queued the slot
 * REFUTED  no-live-check        -DNO_LIVE_CHECK        a late wake of a dead slot is polled
 * REFUTED  cancel-stays         -DCANCEL_STAYS         CANCEL outlives the life
 * REFUTED  generation-stays     -DGENERATION_STAYS     the next life has the same number
 * REFUTED  finish-recycles      -DFINISH_RECYCLES      the slot is free at the end of its life, whoever holds a handle
 * REFUTED  finish-in-two-steps  -DFINISH_IN_TWO_STEPS  LIVE is cleared, HANDLE looked at afterwards
 */
#ifndef LIVES
#define LIVES 2
#define CANCELLERS 1
#define WAKERS 1
#endif

/* The word. */
bool queued, live, cancel, handle;
byte generation;

byte in_queue;   /* how often the slot is: 0 or 1 */
bool free = true;
byte result;     /* in the slot: the life that left it */
byte started;    /* lives */

/* What is true, whatever the bits say. */
bool frame_lives, busy, accepted[LIVES], cleaned[LIVES];

inline push()
{
	atomic { assert(in_queue == 0); in_queue = 1 }
}

inline wake(was)
{
	atomic { was = queued; queued = true }
	if
	:: !was -> push()
	:: else
	fi;
	was = false
}

inline recycle()
{
	atomic { assert(!free && !live && !handle); free = true }
}

/* Late wakes, of whichever life. */
proctype waker()
{
	bool was;
	byte n;

	for (n : 1 .. LIVES) {
		wake(was)
	}
}

inline clean_up()
{
	atomic { assert(frame_lives && !busy && !cleaned[generation]); busy = true }
	cleaned[generation] = true;
	atomic { busy = false; frame_lives = false }
}

proctype canceller()
{
	bool was;
	byte mine;

	/* It knows some life, which began or will begin: one step of looking at the generation, any time later the rest. */
	select(mine : 0 .. LIVES - 1);
end_never:
	(started > mine);
#ifdef BLIND_CANCEL
	atomic { cancel = true; accepted[mine] = true; was = true }
#else
#ifdef CANCEL_READS_FIRST
	was = live && generation == mine;
	if
	:: was -> atomic { cancel = true; accepted[mine] = true }
	:: else
	fi;
#else
	atomic {
		was = live && generation == mine;
		cancel = cancel || was;
		accepted[mine] = accepted[mine] || was
	}
#endif
#endif
	if
	:: was ->
		was = false;
#ifdef REMOTE_DROP
		clean_up();
#endif
#ifndef CANCEL_FORGETS
		wake(was)
#endif
	:: else
	fi
}

/* Holds the handle of one life after another: waits until it is over, reads its result, lets go; or lets go at once. */
proctype owner()
{
	byte life;
	bool last;

	for (life : 0 .. LIVES - 1) {
end_never:
		(started > life);
		if
		:: cleaned[life] && !(live && generation == life) -> assert(result == life)
		:: true
		fi;
		atomic { assert(handle); handle = false; last = !live }
		if
		:: last -> recycle()
		:: else
		fi;
		last = false
	}
}

inline finish(last)
{
	result = generation;
#ifdef FINISH_IN_TWO_STEPS
	atomic { live = false; cancel = false; generation++ }
	last = !handle;
#else
	atomic {
		live = false;
#ifndef CANCEL_STAYS
		cancel = false;
#endif
#ifndef GENERATION_STAYS
		generation++;
#endif
		last = !handle
	}
#endif
#ifdef FINISH_RECYCLES
	last = true;
#endif
	if
	:: last -> recycle()
	:: else
	fi;
	last = false
}

proctype executor()
{
	bool was, is_live, is_cancelled, last;

end:
	do
	:: free && started < LIVES -> /* spawn */
		free = false;
		frame_lives = true;
		atomic { was = queued; queued = true; live = true; handle = true; started++ }
		if
#ifdef START_PUSHES
		:: true -> push()
#else
		:: !was -> push()
		:: else
#endif
		fi;
		was = false
	:: in_queue > 0 ->
		in_queue = 0;
		queued = false;
		atomic { is_live = live; is_cancelled = cancel }
		if
#ifndef NO_LIVE_CHECK
		:: !is_live
#endif
		:: (is_live && is_cancelled) ->
			assert(accepted[generation]);
			clean_up();
			finish(last)
#ifdef NO_LIVE_CHECK
		:: !(is_live && is_cancelled) ->
#else
		:: is_live && !is_cancelled ->
#endif
			atomic { assert(frame_lives && !busy); busy = true } /* poll */
			busy = false;
			if
			:: true /* pending */
			:: true -> clean_up(); finish(last)
			fi
		fi;
		atomic { is_live = false; is_cancelled = false }
	od
}

init
{
	byte i;

	atomic {
		run executor();
		run owner();
		for (i : 1 .. WAKERS) {
			run waker()
		}
		for (i : 1 .. CANCELLERS) {
			run canceller()
		}
		i = 0
	}
	timeout;
	assert(in_queue == 0 && !queued && (live || free || handle));
	assert(live == frame_lives);
	for (i : 0 .. LIVES - 1) {
		assert(!accepted[i] || cleaned[i])
	}
}
