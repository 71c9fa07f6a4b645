/*
 * Telling other CPUs that pages are gone (kernel/core/cross_call.c, kernel/core/shootdown.c, kernel/mm/kernel_map.c): CPUs
 * 0 to UNMAPPERS - 1 each take BATCH pages out of the page tables, one after the other, with interrupts off, tell it in one
 * order, and free their frames; with -DCOMER the last CPU comes online meanwhile. A CPU may look at the tables and remember
 * what it finds whenever it likes. Who carries an order out forgets page by page, or all it remembers. Interrupts that come
 * while they are off are held.
 *
 * Claimed: when a frame is free, no CPU that is through with coming online remembers the page; and nobody waits for ever.
 *
 * RUN      test      -DCPUS=2 -DUNMAPPERS=2
 * RUN      test      -DCPUS=2 -DUNMAPPERS=1 -DCOMER
 * RUN      test      -DCPUS=2 -DUNMAPPERS=2 -DBATCH=2
 * RUN      campaign  -DCPUS=3 -DUNMAPPERS=2
 * RUN      campaign  -DCPUS=3 -DUNMAPPERS=1 -DBATCH=3
 * RUN      campaign  -DCPUS=3 -DUNMAPPERS=2 -DCOMER
 * REFUTED  free-early      -DFREE_EARLY     the frame is free before the others have answered
 * REFUTED  answer-early    -DANSWER_EARLY   the answer is given before the page is forgotten
 * REFUTED  tell-first      -DTELL_FIRST     the others are told before the entry is cleared
 * REFUTED  no-serving      -DNO_SERVING     who waits with interrupts off does not serve those who wait for him
 * REFUTED  lock-held       -DLOCK_HELD      the lock of the page tables is held while the others are waited for
 * REFUTED  flag-last       -DCPUS=3 -DUNMAPPERS=2 -DFLAG_LAST   the flag of the inbox is cleared after a look at the bits
 * REFUTED  bit-last        -DBIT_LAST       the flag is set, and the interrupt sent, before the bit
 * REFUTED  count-last      -DCOUNT_LAST     how many are left is written when the others know already
 * REFUTED  tell-halfway    -DBATCH=2 -DTELL_HALFWAY  the order goes out when the first of its pages is taken out
 * REFUTED  forget-first    -DBATCH=2 -DFORGET_FIRST  who carries the order out forgets the first of its pages
 * REFUTED  no-flush        -DCPUS=2 -DUNMAPPERS=1 -DCOMER -DNO_FLUSH   who comes online keeps what it remembered
 * REFUTED  flush-early     -DCPUS=2 -DUNMAPPERS=1 -DCOMER -DFLUSH_EARLY   it forgets, and then it is online
 */
#ifndef CPUS
#define CPUS 2
#endif
#ifndef UNMAPPERS
#define UNMAPPERS 2
#endif

#ifndef BATCH
#define BATCH 1
#endif

#define PAGES (UNMAPPERS * BATCH)
#define PAGE_OF(cpu, number) ((cpu) * BATCH + (number))
#define AT(cpu, other) [(cpu) * CPUS + (other)]
#define REMEMBERS(cpu, page) remembered[(cpu) * PAGES + (page)]

bool mapped[PAGES] = true;
bool freed[PAGES];
bool remembered[CPUS * PAGES]; /* by which CPU, which page */
bool locked;                   /* the page tables */

bool online[CPUS];
bool is_through[CPUS]; /* with coming online: only who is uses pages of others */
bool interrupt[CPUS];  /* held by the local APIC */

bool called[CPUS];
bool from[CPUS * CPUS]; /* in whose inbox, whose bit */
short left[CPUS];       /* of whose order */

#define STALE(cpu) (is_through[cpu] && freed[page] && REMEMBERS(cpu, page))

#define look_at(page) atomic { mapped[page] && !REMEMBERS(cpu, page) -> REMEMBERS(cpu, page) = true }

/* The page tables are looked at: by the CPU itself, or because it guesses that it may want to. */
proctype mmu(byte cpu)
{
end:
	do
	:: look_at(0)
#if PAGES > 1
	:: look_at(1)
#endif
#if PAGES > 2
	:: look_at(2)
#endif
#if PAGES > 3
	:: look_at(3)
#endif
	od
}

/* Page by page, or all at once. */
inline forget(cpu, who)
{
	if
	:: true ->
#ifdef FORGET_FIRST
		REMEMBERS(cpu, PAGE_OF(who, 0)) = false
#else
		for (number : 0 .. BATCH - 1) { REMEMBERS(cpu, PAGE_OF(who, number)) = false }
#endif
	:: BATCH > 1 -> d_step { for (number : 0 .. PAGES - 1) { REMEMBERS(cpu, number) = false } }
	fi;
	number = 0
}

inline carry_out(cpu, who)
{
#ifdef ANSWER_EARLY
	left[who]--;
	forget(cpu, who)
#else
	forget(cpu, who);
	left[who]--
#endif
}

inline serve(cpu, who, was)
{
#ifdef FLAG_LAST
	was = called[cpu];
#else
	atomic { was = called[cpu]; called[cpu] = false };
#endif
	if
	:: was ->
		for (who : 0 .. CPUS - 1) {
			atomic { was = from AT(cpu, who); from AT(cpu, who) = false };
			if
			:: was -> carry_out(cpu, who)
			:: else
			fi
		}
#ifdef FLAG_LAST
		called[cpu] = false
#endif
	:: else
	fi
}

inline tell(cpu, who, was)
{
#ifndef BIT_LAST
	from AT(who, cpu) = true;
#endif
	atomic { was = called[who]; called[who] = true };
	if
	:: !was -> interrupt[who] = true
	:: else
	fi
#ifdef BIT_LAST
	;
	from AT(who, cpu) = true
#endif
}

inline wait_for_all(cpu, who, was)
{
	do
	:: left[cpu] == 0 -> break
#ifndef NO_SERVING
	:: called[cpu] -> serve(cpu, who, was)
#endif
	od
}

inline take_out(cpu, from_number)
{
	for (number : from_number .. BATCH - 1) {
		mapped[PAGE_OF(cpu, number)] = false;
		REMEMBERS(cpu, PAGE_OF(cpu, number)) = false
	}
	number = 0
}

inline free_frames(cpu)
{
	d_step { for (number : 0 .. BATCH - 1) { freed[PAGE_OF(cpu, number)] = true }; number = 0 }
}

inline give_order(cpu, who, was, targets, count)
{
	for (who : 0 .. CPUS - 1) {
		if
		:: who != cpu && online[who] -> targets = targets | (1 << who); count++
		:: else
		fi
	}
#ifndef COUNT_LAST
	left[cpu] = count;
#endif
	for (who : 0 .. CPUS - 1) {
		if
		:: (targets >> who) & 1 -> tell(cpu, who, was)
		:: else
		fi
	}
#ifdef COUNT_LAST
	left[cpu] = count;
#endif
}

/* Each takes out BATCH pages of its own. */
inline unmap(cpu, who, was, targets, count)
{
	atomic { !locked -> locked = true };
#ifdef TELL_HALFWAY
	mapped[PAGE_OF(cpu, 0)] = false;
	REMEMBERS(cpu, PAGE_OF(cpu, 0)) = false;
#elif !defined(TELL_FIRST)
	take_out(cpu, 0);
#endif
#ifndef LOCK_HELD
	locked = false;
#endif
	give_order(cpu, who, was, targets, count);
#ifdef TELL_HALFWAY
	take_out(cpu, 1);
#endif
#ifdef FREE_EARLY
	free_frames(cpu);
#endif
	wait_for_all(cpu, who, was);
#ifdef TELL_FIRST
	take_out(cpu, 0);
#endif
#ifdef LOCK_HELD
	locked = false;
#endif
	free_frames(cpu)
}

inline come_online(cpu, page)
{
#ifdef FLUSH_EARLY
	atomic { for (page : 0 .. PAGES - 1) { REMEMBERS(cpu, page) = false } };
#endif
	online[cpu] = true;
#if !defined(FLUSH_EARLY) && !defined(NO_FLUSH)
	atomic { for (page : 0 .. PAGES - 1) { REMEMBERS(cpu, page) = false } };
#endif
	is_through[cpu] = true
}

proctype cpu(byte me)
{
	byte who, targets, count, number;
	bool was, has_unmapped = (me >= UNMAPPERS);

	if
	:: !online[me] -> come_online(me, who)
	:: else
	fi;
end:
	do
	:: !has_unmapped -> unmap(me, who, was, targets, count); has_unmapped = true
	:: interrupt[me] -> interrupt[me] = false; serve(me, who, was)
	od
}

/* At any moment. */
active proctype claim()
{
	byte page, who;

	atomic {
		do
		:: page < PAGES - 1 -> page++
		:: who < CPUS - 1 -> who++
		:: break
		od
	};
end:
	atomic { STALE(who) -> assert(false) }
}

init {
	byte i;

	atomic {
		for (i : 0 .. CPUS - 1) {
#ifdef COMER
			online[i] = i < CPUS - 1;
#else
			online[i] = true;
#endif
			is_through[i] = online[i]
		}
		for (i : 0 .. CPUS - 1) {
			run cpu(i);
			run mmu(i)
		}
	}
}
