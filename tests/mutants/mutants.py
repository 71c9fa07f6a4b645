"""Mistakes that are easily made in kernel/core and kernel/task, and the test that finds each."""

from dataclasses import dataclass


@dataclass
class Mutant:
    name: str
    what: str
    edits: list  # (file, what stands in it once, what stands there instead)
    test: str  # of tests/stress
    sanitizer: str = ""  # "thread": on an x86 nothing else would show it
    quick: bool = False  # in `make test` too


WAKER = "kernel/core/waker.h"
RUN_QUEUE = "kernel/core/run_queue.h"
EXECUTOR = "kernel/task/executor.c"
SPINLOCK = "kernel/core/spinlock.c"
SPINLOCK_INLINE = "kernel/core/spinlock_inline.h"
CROSS_CALL = "kernel/core/cross_call.c"
SHOOTDOWN = "kernel/core/shootdown.c"
MIGRATION = "kernel/task/migration.c"
FAIR_QUEUE = "kernel/task/fair_queue.c"
TASK = "kernel/task/task.c"
STREAM = "kernel/task/stream.c"
CHANNEL = "kernel/task/channel.c"
SEMAPHORE = "kernel/task/semaphore.c"
CONDITION = "kernel/task/condition.c"
RWLOCK = "kernel/task/rwlock.c"
ONCE = "kernel/task/once.c"
SEQLOCK = "kernel/core/seqlock.h"
SELECT = "kernel/task/select.c"
TIMEOUT = "kernel/task/timeout.c"

CLEAR = "state = __atomic_fetch_sub(&waker->state, WAKER_QUEUED, __ATOMIC_ACQ_REL);"
POLL = "run_task(executor, (struct task *)(void *)waker, (state & WAKER_CANCEL) != 0);"

MUTANTS = [
    Mutant(
        "no-recheck",
        "who waits for an item does not look again after it has left its waker",
        [
            (
                STREAM,
                "	return take(next) ? READY : PENDING;",
                "	return PENDING;",
            )
        ],
        "ping_pong",
        quick=True,
    ),
    Mutant(
        "no-pend",
        "who pushes onto the queue of a CPU that sleeps does not kick it",
        [(RUN_QUEUE, "	if (head == RUN_QUEUE_IDLE)\n		queue->pend(queue);\n", "")],
        "ping_pong",
    ),
    Mutant(
        "no-coalescing",
        "a waker that is queued is queued again",
        [(WAKER, "if (!(__atomic_fetch_or(&waker->state, WAKER_QUEUED, __ATOMIC_ACQ_REL) & WAKER_QUEUED))",
          "__atomic_fetch_or(&waker->state, WAKER_QUEUED, __ATOMIC_ACQ_REL);")],
        "slots",
    ),  # fmt: skip
    Mutant(
        "next-after-clear",
        "the batch's link is read when it may be another's already",
        [(EXECUTOR, "		next = waker->next;\n", ""), (EXECUTOR, CLEAR, f"{CLEAR} CHAOS(); next = waker->next;")],
        "slots",
    ),
    Mutant(
        "clear-after-poll",
        "QUEUED is cleared when the poll is over: wakes in between are lost",
        [
            (EXECUTOR, CLEAR, "state = __atomic_load_n(&waker->state, __ATOMIC_ACQUIRE);"),
            (EXECUTOR, POLL, f"{{ {POLL} CHAOS(); {CLEAR} }}"),
        ],
        "ping_pong",
    ),
    Mutant(
        "relaxed-take",
        "the queue is taken without acquiring what was written before the push",
        [(RUN_QUEUE, "__atomic_exchange_n(&queue->head, NULL, __ATOMIC_ACQ_REL)",
          "__atomic_exchange_n(&queue->head, NULL, __ATOMIC_RELAXED)")],
        "streams",
        sanitizer="thread",
        quick=True,
    ),  # fmt: skip
    Mutant(
        "relaxed-clear",
        "QUEUED is cleared without order: the next pusher writes the link that is still being read",
        [(EXECUTOR, CLEAR, CLEAR.replace("ACQ_REL", "RELAXED"))],
        "slots",
        sanitizer="thread",
    ),
    Mutant(
        "permit-kept",
        "a permit that came just before its taker was cancelled is not passed on",
        [(SEMAPHORE, "		hand_over(semaphore);\n	else", "		;\n	else")],
        "hand_over",
        quick=True,
    ),
    Mutant(
        "unlocked-first",
        "who waits for a signal unlocks the mutex before it stands in the list",
        [(CONDITION, "	uint64_t flags = spin_lock(&wait->condition->lock);\n\n	wait->waiter.waker = waker;",
          "	mutex_unlock(wait->mutex);\n	CHAOS();\n	uint64_t flags = spin_lock(&wait->condition->lock);\n\n	wait->waiter.waker = waker;"),
         (CONDITION, "	CHAOS();\n	mutex_unlock(wait->mutex);\n}", "}")],
        "condition",
    ),  # fmt: skip
    Mutant(
        "inside-for-ever",
        "who was let in and gave up before it knew is counted as inside",
        [(RWLOCK, "		count_out(rwlock);\n	else", "		;\n	else")],
        "rwlock",
    ),
    Mutant(
        "made-unseen",
        "that it is made is told without order: what was written may not be there yet",
        [(ONCE, "is_made, is_made, __ATOMIC_RELEASE", "is_made, is_made, __ATOMIC_RELAXED")],
        "once",
        sanitizer="thread",
    ),
    Mutant(
        "one-copy",
        "a value is written where it is being read",
        [(SEQLOCK, "lock_->copies[next_ & 1]", "lock_->copies[0]"), (SEQLOCK, "lock_->copies[sequence_ & 1]", "lock_->copies[0]")],
        "seqlock",
    ),
    Mutant(
        "losers-kept",
        "what has lost a select goes on waiting in a frame that is used again",
        [(SELECT, "			drop_arms(select);\n			return", "			return")],
        "choice",
    ),
    Mutant(
        "late-one-kept",
        "what has not come in time goes on waiting",
        [(TIMEOUT, "		future_drop(me->inner);\n		return future_ready(future, -ETIMEDOUT);",
          "		return future_ready(future, -ETIMEDOUT);")],
        "mutex",
    ),  # fmt: skip
    Mutant(
        "unlocked-put",
        "who sends to a channel does not keep others out meanwhile",
        [(CHANNEL, "	uint64_t flags = spin_lock(&channel->lock);\n\n	*item_at", "	*item_at"),
         (CHANNEL, " = item;\n	spin_unlock(&channel->lock, flags);\n", " = item;\n")],
        "market",
        sanitizer="thread",
    ),  # fmt: skip
    Mutant(
        "blind-cancel",
        "a cancellation does not look whether it is still the same life",
        [(TASK, "if (!(state & WAKER_LIVE) || state >> 32 != generation)", "if (!(state & WAKER_LIVE))")],
        "slots",
    ),
    Mutant(
        "start-pushes",
        "a new life queues the slot although a late wake has done so",
        [(TASK, "	if (!(__atomic_fetch_or(&task->waker.state, WAKER_LIVE | WAKER_QUEUED | handle, __ATOMIC_ACQ_REL) &\n	            WAKER_QUEUED))\n",
          "	__atomic_fetch_or(&task->waker.state, WAKER_LIVE | WAKER_QUEUED | handle, __ATOMIC_ACQ_REL);\n")],
        "slots",
    ),  # fmt: skip
    Mutant(
        "no-live-check",
        "a late wake of a slot that nobody lives in is polled",
        [(EXECUTOR, "\t\tif (state & WAKER_LIVE)\n\t", "")],
        "slots",
    ),
    Mutant(
        "relaxed-give",
        "who is next does not see what was written before the lock was given back",
        [(SPINLOCK_INLINE, "lock->now_serving + 1, __ATOMIC_RELEASE", "lock->now_serving + 1, __ATOMIC_RELAXED")],
        "spinlock",
        sanitizer="thread",
        quick=True,
    ),
    Mutant(
        "one-ticket-twice",
        "a ticket is looked at and drawn in two steps",
        [(SPINLOCK_INLINE, "	ticket = __atomic_fetch_add(&lock->next_ticket, 1, __ATOMIC_RELAXED);",
          "	ticket = __atomic_load_n(&lock->next_ticket, __ATOMIC_RELAXED);\n	CHAOS();\n"
          "	__atomic_store_n(&lock->next_ticket, ticket + 1, __ATOMIC_RELAXED);")],
        "spinlock",
    ),  # fmt: skip
    Mutant(
        "interrupts-on",
        "interrupts come while the lock is held",
        [(SPINLOCK, "uint64_t flags = cpu_interrupts_save();", "uint64_t flags = CPU_FLAGS_IF;")],
        "spinlock",
    ),
    Mutant(
        "answer-early",
        "an order is answered, and then carried out",
        [(CROSS_CALL, "	theirs->function(theirs->context);\n", "	void (*function)(void *) = theirs->function;\n"
          "	void *context = theirs->context;\n"),
         (CROSS_CALL, "__ATOMIC_RELEASE); /* from here on it may be another order */",
          "__ATOMIC_RELEASE);\n	CHAOS();\n	function(context);")],
        "shootdown",
        quick=True,
    ),  # fmt: skip
    Mutant(
        "relaxed-answer",
        "the giver of an order does not see what was read and written before the answer",
        [(CROSS_CALL, "__atomic_fetch_sub(&theirs->left, 1, __ATOMIC_RELEASE)",
          "__atomic_fetch_sub(&theirs->left, 1, __ATOMIC_RELAXED)")],
        "shootdown",
        sanitizer="thread",
    ),  # fmt: skip
    Mutant(
        "relaxed-tell",
        "who carries an order out does not see what it is",
        [(CROSS_CALL, "1ull << me % 64, __ATOMIC_ACQ_REL", "1ull << me % 64, __ATOMIC_RELAXED"),
         (CROSS_CALL, "__atomic_exchange_n(&theirs->called, 1, __ATOMIC_ACQ_REL)",
          "__atomic_exchange_n(&theirs->called, 1, __ATOMIC_RELAXED)")],
        "shootdown",
        sanitizer="thread",
    ),  # fmt: skip
    Mutant(
        "bit-last",
        "the flag is set, and the interrupt sent, before the bit of who calls",
        [(CROSS_CALL, "	__atomic_fetch_or(&theirs->from[me / 64], 1ull << me % 64, __ATOMIC_ACQ_REL);\n", ""),
         (CROSS_CALL, "LOCAL_APIC_INTERRUPT | VECTOR_CALL);",
          "LOCAL_APIC_INTERRUPT | VECTOR_CALL);\n	CHAOS();\n"
          "	__atomic_fetch_or(&theirs->from[me / 64], 1ull << me % 64, __ATOMIC_ACQ_REL);")],
        "shootdown",
    ),  # fmt: skip
    Mutant(
        "no-serving",
        "who waits with interrupts off does not serve those who wait for him",
        [(CROSS_CALL, "		serve(percpu(inbox));\n		cpu_relax();", "		cpu_relax();")],
        "shootdown",
    ),
    Mutant(
        "first-page-only",
        "who carries a shootdown out forgets the first of its pages",
        [(SHOOTDOWN, "done < range->size; done", "done < PAGE_SIZE; done")],
        "shootdown",
    ),
    Mutant(
        "try-late",
        "who tries a lock looks whether it is free, and takes a ticket afterwards",
        [(SPINLOCK, """	if (!__atomic_compare_exchange_n(
	            &lock->next_ticket, &ticket, ticket + 1, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {""",
          "	if (__atomic_load_n(&lock->next_ticket, __ATOMIC_RELAXED) != ticket) {"),
         (SPINLOCK, "	spin_note_owner(lock);\n	lock_statistics_take(lock, 0, lock_statistics_place());",
          "	CHAOS();\n	__atomic_fetch_add(&lock->next_ticket, 1, __ATOMIC_RELAXED);\n	spin_note_owner(lock);")],
        "spinlock",
    ),  # fmt: skip
    Mutant(
        "open-wake",
        "another thread may run in the midst of a wake",
        [(WAKER, "	preempt_disable();\n	waker = __atomic_exchange_n", "	waker = __atomic_exchange_n"),
         (WAKER, "	if (waker != NULL)\n		waker_queue(waker);\n	preempt_enable();",
          "	if (waker != NULL)\n		waker_queue(waker);")],
        "ping_pong",
        quick=True,
    ),  # fmt: skip
    Mutant(
        "place-unsaved",
        "who is woken on the stack where its CPU still is may go elsewhere",
        [(MIGRATION, "if (thread->state != THREAD_PARKED || thread == here->current)", "if (thread->state != THREAD_PARKED)")],
        "migration",
        quick=True,
    ),
    Mutant(
        "steal-alone",
        "another CPU's queue is changed without its lock",
        [(MIGRATION, "!spin_try_take(&victim->lock)", "victim == NULL"),
         (MIGRATION, "			send_to(victim, thread, cpu);\n		}\n		spin_give(&victim->lock);",
          "			send_to(victim, thread, cpu);\n		}")],
        "migration",
        sanitizer="thread",
    ),  # fmt: skip
    Mutant(
        "plain-load",
        "other CPUs read how many wait without the lock, which is no atomic",
        [(FAIR_QUEUE, "__atomic_store_n(&queue->waiting, waiting, __ATOMIC_RELAXED);", "queue->waiting = waiting;")],
        "migration",
        sanitizer="thread",
    ),  # fmt: skip
    Mutant(
        "no-forward",
        "a CPU finds a place for a thread that is another CPU's",
        [(MIGRATION, "	if (cpu == here->cpu) {\n		cpu = place(here, thread);",
          "	if (true) {\n		cpu = place(here, thread);")],
        "migration",
        sanitizer="thread",
    ),  # fmt: skip
]
