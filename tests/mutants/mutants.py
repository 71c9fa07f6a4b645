"""Mistakes that are easily made in kernel/core/waker.h, kernel/core/run_queue.h and kernel/task, and the test that finds each."""

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
TASK = "kernel/task/task.c"
STREAM = "kernel/task/stream.c"
CHANNEL = "kernel/task/channel.c"
SEMAPHORE = "kernel/task/semaphore.c"
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
            (EXECUTOR, "executor->outside_woken = true;", f"{{ executor->outside_woken = true; CHAOS(); {CLEAR} }}"),
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
        [(SEMAPHORE, "	else if (one->is_granted)\n		waker = hand_over(semaphore);\n", "")],
        "hand_over",
        quick=True,
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
        [(EXECUTOR, "else if (state & WAKER_LIVE)", "else")],
        "slots",
    ),
]
