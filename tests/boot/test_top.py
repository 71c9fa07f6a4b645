"""`top`: a command that is run again and again."""

import re

from qemu import drive
from words import PROMPT

PICTURE = re.compile(r"CPU +0 +\d+ %.*?CPU +1 +\d+ %.*?^thread, or task of CPU 0.*?^executor +\d +\d+\.\d %.*?^q leaves\n", re.MULTILINE | re.DOTALL)

SHARE = re.compile(r"^spinner +0 +(\d+\.\d) %.*?^q leaves\n", re.MULTILINE | re.DOTALL)
SPINNER = re.compile(r"^spinner .* (\d+)\.\d{3}\n", re.MULTILINE)
ALL_THREADS = re.compile(r"^thread  .*?\d+ threads? in ", re.MULTILINE | re.DOTALL)


def test_it_draws_until_q(qemu, image):
    machine = qemu(*drive(image), "-smp", "2")
    machine.wait_for(PROMPT)
    machine.type("top\r")
    end = 0
    for _ in range(3):
        end = machine.wait_for(PICTURE, start=end).end()
    assert "  session  " in machine.log()
    for picture in PICTURE.finditer(machine.log()):  # the tasks stand below the thread that runs them
        assert re.search(r"^executor +0 .*\n(?:  \w+ +0 .*\n)+", picture[0], re.MULTILINE)
        assert not re.search(r"^executor +1 .*\n  \w", picture[0], re.MULTILINE)
    machine.type("x")  # a key that means nothing
    end = machine.wait_for(PICTURE, start=end).end()
    machine.type("q")
    end = machine.wait_for(PROMPT, start=end).end()
    machine.type("timers\r")
    said = machine.wait_for(re.compile(r"^clock .*?cairn> ", re.MULTILINE | re.DOTALL), start=end)[0]
    assert "\n0 pending" in said  # nothing goes on behind
    assert "q leaves" not in said


def spin_until(machine, seconds, milliseconds):
    """Starts a thread that computes, and returns when it has done so for so long."""
    start = len(machine.log())
    machine.type(f"spin 1 {seconds}\r")
    spun = 0
    while spun < milliseconds:
        machine.type("threads\r")
        found = machine.wait_for(SPINNER, start=start)
        start, spun = found.end(), int(found[1])


def share_in_picture(machine):
    start = len(machine.log())
    machine.type("top\r")
    found = machine.wait_for(SHARE, start=start)
    machine.type("q")
    machine.wait_for(PROMPT, start=found.end())
    return float(found[1])


def test_who_is_new_in_a_slot_begins_anew(qemu, image):
    """And not where the one before it ended, which had run for nearly as long when it was seen last."""
    machine = qemu(*drive(image))
    machine.wait_for(PROMPT)
    spin_until(machine, 8, 2000)
    share_in_picture(machine)
    gone = None
    while gone is None or "spinner" in gone[0]:
        start = len(machine.log())
        machine.type("threads\r")
        gone = machine.wait_for(ALL_THREADS, start=start)
    spin_until(machine, 30, 2200)
    assert share_in_picture(machine) > 10  # of what it had more than the other it would be 2 or 3
