"""Threads in storms (tests/kernel/stress.c): what has to come of each comes, every object is given back, and mistakes are found.

A round follows a seed as far as the machine does, and the guest itself says when nothing goes on any more.
"""

import os
import re

import pytest
from qemu import FAILED, PASSED, TIMEOUT, command_line, drive
from test_smp import end_of
from words import CPUS_RUN

LIMIT = 8 * TIMEOUT  # the host may have fewer CPUs than the guest
SEED = int(os.environ["CAIRN_SEED"])
STORMS = ["create", "pingpong", "semaphores", "mutexes", "inversion", "affinity", "timers", "memory", "hunger"]
STORM = re.compile(r"^storm (\w+): seed (\d+), (\d+) steps(, schedule [0-9a-f]{8} of \d+)?\n", re.MULTILINE)
TOTAL = re.compile(r"^stress: (\d+) rounds? on (\d+) CPUs?, (\d+) wrong\n", re.MULTILINE)
SAYS_IT_FAILED = re.compile(r"^FAILED: (stress=\w+:1,\d+(?:,bug)?)\n", re.MULTILINE)

LONG = pytest.mark.campaign

# The mistake that each makes on purpose: what is said of it.
MISTAKES = {
    "create": r"^LEAK: \d+ threads, at the start \d+\n",  # a thread that nobody joins
    "pingpong": r"^HANG: nothing has happened for \d+ seconds",  # a wake that does not come
    "semaphores": r"^WRONG: (4 permits in the end, of 3|\d+ are inside, for 3 permits)\n",  # one given back twice
    "mutexes": r"^Panic: Mutex \"table\" is unlocked by somebody who does not hold it\.\n",
    "inversion": r"^WRONG: CPU \d: one of the highest priority waited for one in between\n",
    "affinity": r"^WRONG: a thread that may run on CPU \d only is on CPU \d\n",
    "timers": r"^HANG: nothing has happened for \d+ seconds",  # a timer that does not fire
    "memory": r"^LEAK: \d+ .*, at the start \d+\n",
    "hunger": r"^LEAK: \d+ stacks, at the start \d+\n",
}


def storm(qemu, test_image, cpus, word, limit=LIMIT):
    """The rounds of a machine that was let loose, when it has ended."""
    machine = qemu(*drive(test_image), *command_line(f"stress={word}"), "-smp", str(cpus))
    machine.wait_exit(limit)
    return machine


@pytest.mark.parametrize("cpus, which", [(1, "all"), (2, "all"), (4, "all"), (8, "mixed"), pytest.param(8, "all", marks=LONG)])
def test_storms(qemu, test_image, cpus, which):
    """Each in turn, and then all at once."""
    machine = storm(qemu, test_image, cpus, f"{which}:1,{SEED}")
    expected = [*STORMS, "mixed"] if which == "all" else ["mixed"]
    assert [name for name, *_ in STORM.findall(machine.log())] == expected, machine.log()
    assert TOTAL.search(machine.log()).groups() == ("1", str(cpus), "0")
    assert machine.status == PASSED


def test_a_seed_gives_the_same_storm_again(qemu, test_image):
    """On one CPU, but for the storms that wait for a time."""

    def schedules(*options):
        machine = qemu(*drive(test_image), *command_line(f"stress=all:1,{SEED}"), *options)
        machine.wait_exit(LIMIT)
        return [(name, schedule) for name, _, _, schedule in STORM.findall(machine.log()) if schedule]

    first = schedules()
    assert len(first) == len(STORMS) - 1
    assert schedules("-icount", "shift=0") == first


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_found(qemu, test_image, name):
    machine = storm(qemu, test_image, 2, f"{name}:1,{SEED},bug")
    assert re.search(MISTAKES[name], machine.log(), re.MULTILINE), machine.log()
    assert SAYS_IT_FAILED.findall(machine.log())[-1] == f"stress={name}:1,{SEED},bug"
    assert machine.status == FAILED


def test_a_mistake_is_found_again(qemu, test_image):
    """What a failure says, given back to another machine, fails with the same log each time; on one CPU."""

    def failed(word, *options):
        machine = qemu(*drive(test_image), *command_line(word), *options)
        machine.wait_exit(LIMIT)
        log = machine.log()
        assert machine.status == FAILED
        return SAYS_IT_FAILED.findall(log)[-1], log[min(log.find(begin) for begin in ("WRONG: ", "storm ") if begin in log) :]

    word, _ = failed(f"stress=semaphores:3,{SEED},bug")
    assert word == f"stress=semaphores:1,{SEED + 2},bug"
    first = failed(word)
    assert first[0] == word
    assert failed(word, "-icount", "shift=0") == first


@pytest.mark.parametrize("word", ["pingpon:2,1", "pingpong", "mixed:0,1"])
def test_an_order_for_nothing_fails(qemu, test_image, word):
    machine = storm(qemu, test_image, 1, word)
    assert f"stress=STORM:ROUNDS,SEED has as a storm: all, mixed, {', '.join(STORMS)}, panic.\n" in machine.log()
    assert machine.status == FAILED


def is_whole(log):
    """Is the report of the panic one piece, and the last that is said, since all others stopped?"""
    report = re.search(r"\nPanic: CPU \d has heard enough of \d+\.\n(.*)\nThe system has stopped\.\n", log, re.DOTALL)
    return report and "talks" not in report[1] and "does not stop" not in report[1]


@pytest.mark.parametrize("cpus", [2, 4, pytest.param(8, marks=LONG)])
def test_all_stop_for_a_panic(qemu, test_image, cpus):
    machine = qemu(*drive(test_image), *command_line(f"stress=panic:1,{SEED}"), "-smp", str(cpus))
    assert machine.wait_for(CPUS_RUN, LIMIT)
    assert is_whole(end_of(machine))


def test_a_cpu_that_does_not_stop_is_found(qemu, test_image):
    machine = qemu(*drive(test_image), *command_line(f"stress=panic:1,{SEED},bug"), "-smp", "2")
    machine.wait_for("talks, and hears nothing\n", LIMIT)
    assert not is_whole(end_of(machine))
    assert re.search(r"^CPU \d does not stop\.\n", machine.log(), re.MULTILINE)


@LONG
@pytest.mark.parametrize("cpus", [1, 2, 4, 8])
def test_mixed_for_long(qemu, test_image, cpus):
    """Half an hour in all."""
    machine = storm(qemu, test_image, cpus, f"mixed:450s,{SEED}", limit=1800)
    assert TOTAL.search(machine.log())[3] == "0", machine.log()
    assert machine.status == PASSED
    print(TOTAL.search(machine.log())[0])
