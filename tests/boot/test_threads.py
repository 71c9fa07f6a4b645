"""Threads as the machine shows them: schedules that follow a seed, and the command `threads`."""

import re

import pytest
from qemu import FAILED, PASSED, TIMEOUT, command_line, drive
from words import PROMPT

SCHEDULE = re.compile(r"^schedule (\d+): ([0-9a-f]{8}) of (\d+)\n", re.MULTILINE)
SCHEDULES = re.compile(r"^schedules: (\d+), of (\d+) dice, (\d+) wrong, memory refused (\d+) times\n", re.MULTILINE)
WRONG = re.compile(r"^FAILED: (schedules=\d+,1(?:,bug)?)\n", re.MULTILINE)

FIRST, COUNT = 1, 200
LONG = 20 * TIMEOUT


def run(qemu, test_image, word, *options):
    """The machine that ran these schedules, when it has ended, and how many of them were wrong."""
    machine = qemu(*drive(test_image), *command_line(word), *options)
    machine.wait_exit(LONG)
    _, _, wrong, refused = map(int, SCHEDULES.search(machine.log()).groups())
    assert wrong == len(WRONG.findall(machine.log()))
    assert machine.status == (FAILED if wrong else PASSED)
    assert refused > 0
    return machine, wrong


def schedules_of(machine):
    return SCHEDULE.findall(machine.log())


def said_of_it(machine):
    """The log of who runs one schedule alone: from the first line that is about it."""
    log = machine.log()
    return log[min(log.find(word) for word in ("LEAK: ", "FAILED: ", "schedule ") if word in log) :]


def test_a_seed_gives_the_same_schedule_again(qemu, test_image):
    """On a machine that counts time by instructions, and on one where interrupts come when they come."""
    machine, wrong = run(qemu, test_image, f"schedules={FIRST},{COUNT}")
    schedules = schedules_of(machine)
    assert (len(schedules), wrong) == (COUNT, 0)
    again, wrong = run(qemu, test_image, f"schedules={FIRST},{COUNT}", "-icount", "shift=0")
    assert (schedules_of(again), wrong) == (schedules, 0)
    assert len({check for _, check, _ in schedules}) == COUNT


def test_a_lock_left_out_is_found_and_found_again(qemu, test_image):
    """What a failure says, given back to another machine, fails in the same way, and with the same log each time."""
    machine, wrong = run(qemu, test_image, f"schedules={FIRST},{COUNT},bug")
    assert wrong > COUNT / 2
    for word in (WRONG.findall(machine.log())[0], WRONG.findall(machine.log())[-1]):
        first, wrong = run(qemu, test_image, word)
        again, _ = run(qemu, test_image, word, "-icount", "shift=0")
        assert wrong == 1
        assert said_of_it(first).startswith(f"FAILED: {word}\n")
        assert said_of_it(first).count("has added, which makes") == 24
        assert said_of_it(again) == said_of_it(first)
        assert set(schedules_of(first)) < set(schedules_of(machine)), "alone it is another one than among others"


@pytest.mark.campaign
def test_10000_schedules(qemu, test_image):
    machine, wrong = run(qemu, test_image, "schedules=1,10000")
    assert (len(schedules_of(machine)), wrong) == (10000, 0)
    print(SCHEDULES.search(machine.log())[0])


def test_the_monitor_follows_a_seed_too(qemu, image):
    machine = qemu(*drive(image), *command_line("sched=seed:5"))
    machine.wait_for("Threads run in an order that follows seed 5.\n")
    machine.wait_for(PROMPT)
    machine.type("threads\r")
    machine.wait_for(re.compile(r"^executor +0  runs  executor ", re.MULTILINE))


def test_a_seed_that_is_none(qemu, image):
    machine = qemu(*drive(image), *command_line("sched=seed:x"))
    machine.wait_for("sched=seed:x: x is no number.\n")
    machine.wait_for(PROMPT)
