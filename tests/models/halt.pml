/*
 * Halting (kernel/task/scheduler.c): one CPU with its interrupt flag, a device that interrupts it, other CPUs that send it
 * an interrupt when they find its run queue idle, and HLT. The run queue is told apart only in so far as it is empty,
 * idle, or holds something: wake.pml has the rest. With -DNMI a non-maskable interrupt wakes, too, which interrupts are
 * off does not keep out.
 *
 * Claimed: when nothing can happen any more, everything that was pushed has been taken: nobody is halted for ever with
 * work to do.
 *
 * RUN      test      -DREMOTES=1 -DPUSHES=2
 * RUN      test      -DREMOTES=1 -DPUSHES=1 -DNMI
 * RUN      campaign  -DREMOTES=2 -DPUSHES=3
 * RUN      campaign  -DREMOTES=3 -DPUSHES=3
 * RUN      campaign  -DREMOTES=2 -DPUSHES=2 -DNMI
 * REFUTED  no-ipi           -DNO_IPI             a remote CPU that finds the queue idle sends no interrupt
 * REFUTED  no-cli           -DNO_CLI             the check that nothing is queued is made with interrupts on
 * REFUTED  sti-early        -DSTI_EARLY          interrupts are on again an instruction before HLT, without STI's shadow
 * REFUTED  read-then-idle   -DREAD_THEN_IDLE     the head is read, then set to IDLE
 * REFUTED  hlt-first        -DHLT_FIRST          the CPU halts without a look at the queue
 * REFUTED  flag-after-check -DFLAG_AFTER_CHECK   a sleep flag beside the queue, set after the last look at it
 * REFUTED  nmi-no-pend      -DNMI -DNMI_NO_PEND  an NMI pushes without sending its own CPU an interrupt
 */
#ifndef REMOTES
#define REMOTES 1
#endif
#ifndef PUSHES
#define PUSHES 2
#endif

#define EMPTY 0
#define SOME 1
#define IDLE 2

byte head, queue;            /* queue: how many are in it */
bool interrupts_on = true;   /* the CPU's flag */
bool halted, in_irq, in_nmi; /* who runs: the executor does not while a handler does */
bool ipi;                    /* held by the local APIC until interrupts are on */
bool sleeping;               /* only of flag-after-check */
byte producing;

inline push(seen)
{
	atomic {
		seen = head;
		head = SOME;
		queue++
	}
}

/* Another CPU. */
proctype remote()
{
	byte n, seen;

	for (n : 1 .. PUSHES) {
		push(seen);
#ifdef FLAG_AFTER_CHECK
		seen = (sleeping -> IDLE : EMPTY);
#endif
		if
		:: seen == IDLE ->
#ifdef NO_IPI
			skip
#else
			ipi = true
#endif
		:: else
		fi;
		seen = 0
	}
	producing--
}

/* The local APIC: what waits is delivered as soon as it may. Its handler is empty: that HLT ends is the message. */
proctype apic() provided (!in_irq && !in_nmi)
{
end:
	do
	:: atomic { ipi && interrupts_on -> ipi = false; halted = false }
	od
}

/* A device's interrupt. On its own CPU a pusher need not send anything: HLT ends with this interrupt. */
proctype device() provided (!in_nmi)
{
	byte n, seen;

	for (n : 1 .. PUSHES) {
		atomic { interrupts_on && !in_irq -> interrupts_on = false; in_irq = true; halted = false }
		push(seen);
		seen = 0;
		atomic { in_irq = false; interrupts_on = true } /* IRET */
	}
	producing--
}

#ifdef NMI
proctype nmi()
{
	byte n, seen;

	for (n : 1 .. PUSHES) {
		atomic { in_nmi = true; halted = false }
		push(seen);
		if
		:: seen == IDLE ->
#ifndef NMI_NO_PEND
			ipi = true
#else
			skip
#endif
		:: else
		fi;
		seen = 0;
		in_nmi = false
	}
	producing--
}
#endif

proctype executor() provided (!in_irq && !in_nmi)
{
	byte seen;

end:
	do
	:: atomic { head == SOME -> head = EMPTY; queue = 0 } /* take, and poll them all */
	:: head != SOME ->
#ifndef NO_CLI
		interrupts_on = false;
#endif
#ifdef HLT_FIRST
		head = (head == EMPTY -> IDLE : head);
#else
#ifdef FLAG_AFTER_CHECK
		if
		:: head == SOME -> interrupts_on = true; goto end
		:: else
		fi;
		sleeping = true;
#else
#ifdef READ_THEN_IDLE
		seen = head;
		if
		:: seen == SOME -> interrupts_on = true; goto end
		:: else -> head = IDLE
		fi;
#else
		atomic {
			if
			:: head == SOME -> interrupts_on = true; goto end
			:: else -> head = IDLE
			fi
		}
#endif
#endif
#endif
#ifdef STI_EARLY
		interrupts_on = true;
#endif
		atomic { interrupts_on = true; halted = true } /* STI; HLT: nothing comes in between */
end_halted:	!halted;
		sleeping = false
	od
}

init
{
	byte i;

	atomic {
		producing = REMOTES + 1;
		run executor();
		run apic();
		run device();
#ifdef NMI
		producing++;
		run nmi();
#endif
		for (i : 1 .. REMOTES) {
			run remote()
		}
		i = 0
	}
	timeout;
	assert(producing == 0 && halted && queue == 0)
}
