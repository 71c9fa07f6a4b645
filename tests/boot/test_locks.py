"""What a debug build knows of its locks, and of interrupts that are off: `locks`."""

import re
from pathlib import Path

import pytest
from qemu import drive
from variant import make_variant
from words import PROMPT

ROOT = Path(__file__).resolve().parents[2]
LOCK = re.compile(r"^(\S.*?) +(\d+) +(\d+) +(\d+) +(\d+) +\d+ +(\d+)\s+(\w+)\+", re.MULTILINE)
OFF = re.compile(r"^CPU (\d) had interrupts off for \d+\.\d{3} us, from (\w+)", re.MULTILINE)


@pytest.fixture(scope="module")
def guarded_image(build):
    return make_variant(build, "debug", "DEBUG=1", "cairn.img") / "cairn.img"


def ask(machine, start=0):
    prompt = machine.wait_for(PROMPT, start=start)
    machine.type("locks\r")
    return machine.wait_for(re.compile(r"^cairn> locks\n(.*?)^cairn> ", re.MULTILINE | re.DOTALL), start=prompt.start())


def test_each_lock_and_who_had_it_longest(qemu, guarded_image):
    machine = qemu(*drive(guarded_image), "-smp", "2")
    answer = ask(machine)
    for _ in range(20):  # it may have been asked before the CPU slept for the first time
        if "scheduler" in answer[1]:
            break
        answer = ask(machine, answer.end(1))
    said = answer[1]
    locks = {name: (int(rank), int(taken)) for name, rank, taken, *_ in LOCK.findall(said)}
    assert {"scheduler", "frames", "clock"} <= set(locks)
    assert all(taken > 0 for _, taken in locks.values())
    assert all(int(waited) > 0 or longest == "0" for *_, waited, longest, _, _ in LOCK.findall(said))
    ranks = re.search(r"enum spin_rank \{(.+?)\};", (ROOT / "kernel/core/spinlock.h").read_text(), re.DOTALL)[1]
    assert locks["scheduler"][0] == re.findall(r"RANK_\w+", ranks).index("RANK_SCHEDULER")
    assert OFF.search(said)[1] == "0"
    assert max(map(len, said.splitlines())) <= 80


def test_interrupts_are_off_where_a_lock_is_taken(qemu, guarded_image):
    """Not in the function that takes it."""
    assert not OFF.search(ask(qemu(*drive(guarded_image)))[1])[2].startswith("spin_")


def test_others_do_not_count(qemu, image):
    assert ask(qemu(*drive(image)))[1] == "Only a debug build counts: make DEBUG=1.\n"
