#!/usr/bin/env python3
"""ledger.py [--write]: how many instructions each step of a start takes, and which step has grown beyond its budget.

The steps are those of the boot ledger (the monitor's `boot times`). QEMU counts by a clock that goes on by one for each
instruction, and that clock is the time-stamp counter: so a step takes as many ticks as instructions, the BIOS's among them,
and the same number every time. What waits for the disk, and what the kernel's random place changes, are the exceptions, and
have tolerances of their own in the budget.
--write makes the budget of what is measured now; tolerances stay.
"""

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("CAIRN_BUILD", "build")
BUDGET = ROOT / "tests" / "bench" / "budget"
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests" / "boot")]

import ledger  # noqa: E402
from qemu import Qemu, drive  # noqa: E402

RUNS = 5
TIMEOUT = 120
CLOCK = ["-icount", "shift=0", "-rtc", "base=2024-01-01,clock=vm"]
TOLERANCE = 3  # percent
SMALL = 200  # instructions: so many come and go with where things happen to lie


def measure():
    """The least of some starts, for each step."""
    least = {}
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as directory:
            with Qemu(Path(directory), *drive(BUILD / "cairn.img"), *CLOCK) as machine:
                for name, ticks in ledger.ask(machine, TIMEOUT).steps.items():
                    least[name] = min(ticks, least.get(name, ticks))
    return least


def read_budget():
    """{step: (instructions, tolerance in percent)}"""
    budget = {}
    for line in BUDGET.read_text().splitlines():
        if line and not line.startswith("#"):
            name, instructions, tolerance = line.rsplit(None, 2)
            budget[name] = int(instructions), int(tolerance)
    return budget


def write_budget(now, budget):
    comment = [line for line in BUDGET.read_text().splitlines() if line.startswith("#")]
    lines = [f"{name:<26}{ticks:>10}{budget.get(name, (0, TOLERANCE))[1]:>5}" for name, ticks in now.items()]
    BUDGET.write_text("\n".join(comment + lines) + "\n")


def has_grown(now, budget, tolerance):
    return now > budget + max(SMALL, budget * tolerance // 100)


def change(now, budget):
    return f"{now - budget:+,} instructions, {(now - budget) * 100 / max(budget, 1):+.1f} %"


def compare(now, budget):
    """Prints each step; returns a sentence for each that is not as the budget has it."""
    said = [f"{name} is in the budget and no step any more" for name in budget if name not in now]
    for name, ticks in now.items():
        if name not in budget:
            said.append(f"{name} has no budget")
            print(f"{name:<26}{'':>10}{ticks:>10,}  <== NEW")
            continue
        planned, tolerance = budget[name]
        grown = has_grown(ticks, planned, tolerance)
        print(f"{name:<26}{planned:>10,}{ticks:>10,}{'  <== GREW: ' + change(ticks, planned) if grown else ''}")
        if grown:
            said.append(f"{name} GREW: {change(ticks, planned)}")
    return said


def main():
    now = measure()
    if sys.argv[1:] == ["--write"]:
        write_budget(now, read_budget())
        return
    print(f"\nThe steps of a start in instructions, with the BIOS's (QEMU -icount shift=0; the least of {RUNS} starts)")
    print(f"{'step':<26}{'budget':>10}{'now':>10}")
    budget = read_budget()
    said = compare(now, budget)
    print(f"{'in all':<26}{sum(planned for planned, _ in budget.values()):>10,}{sum(now.values()):>10,}")
    print("\n".join(said) if said else "Each step is within its budget.")


if __name__ == "__main__":
    main()
