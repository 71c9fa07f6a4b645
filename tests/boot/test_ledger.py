"""The boot ledger: every step of loader and kernel is in it, and the sums are right."""

import re
from pathlib import Path

import ledger
from qemu import command_line, drive

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = 80
BAR = 29
LOADER_STEP = re.compile(r'^\s*STEP\(LEDGER_\w+, "(.+?)"\)', re.MULTILINE)
KERNEL_STEP = re.compile(r'^\tBOOT_STEP(?:_END)?\("?(.+?)[("]', re.MULTILINE)
ENTRY = re.compile(r"^Boot: .*entry (\d+\.\d),", re.MULTILINE)


def loader_steps():
    return LOADER_STEP.findall((ROOT / "boot" / "stage2" / "ledger.h").read_text())


def kernel_steps():
    return [*KERNEL_STEP.findall((ROOT / "kernel" / "main.c").read_text()), "prompt"]


def check(table, loader):
    assert list(table.steps) == loader + kernel_steps()
    assert list(table.totals) == ledger.TOTALS
    sums = [sum(table.steps[name] for name in names) for names in (loader, kernel_steps())]
    assert list(table.totals.values()) == [*sums, sum(sums)]
    assert all(ticks > 0 for ticks in table.steps.values())
    assert all(len(line) < COLUMNS for line in table.text.splitlines())
    longest = max(table.steps, key=table.steps.get)
    assert table.bars[longest] == "█" * BAR
    assert max(len(bar) for bar in table.bars.values()) == BAR


def without_full_check():
    return [name for name in loader_steps() if name != "SHA-256"]


def test_steps(qemu, image):
    check(ledger.ask(qemu(*drive(image))), without_full_check())


def test_steps_in_bochs(bochs, image):
    """Another BIOS, and a CPU with another counter."""
    check(ledger.ask(bochs(image)), without_full_check())


def test_steps_of_a_full_check(qemu, image):
    """What only happens on demand is a step of its own, and the largest: hashing is not booked as reading. And nothing is
    lost: the loader's steps together take as long as the stamps say that it ran."""
    machine = qemu(*drive(image), "-icount", "shift=0", *command_line("verify=full"))
    table = ledger.ask(machine)
    check(table, loader_steps())
    assert max(table.steps, key=table.steps.get) == "SHA-256"
    tenths = int(ENTRY.search(machine.log())[1].replace(".", ""))
    assert abs(table.totals["loader"] - tenths * 100_000) <= 200_000  # a tick is a nanosecond
