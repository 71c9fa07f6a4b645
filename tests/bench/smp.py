#!/usr/bin/env python3
"""What it costs to tell other CPUs something, and how much more two get done than one, as ratios: how long it takes is the
emulator's doing, and the host's, which has few CPUs to run the guest's on. The median of some starts; of work the least."""

import statistics
import sys

from guest import figures

STARTS = 5
CPUS = (2, 4)
UNIT = "smp_call_one"
WORK = ("smp_work_by_one", "smp_work_by_two")


def measure(cpus):
    """{figure: ticks}"""
    taken = {}
    for _ in range(STARTS):
        for name, value, _ in figures("bench=smp_", "-smp", str(cpus)):
            taken.setdefault(name, []).append(int(value))
    return {name: min(values) if name in WORK else statistics.median(values) for name, values in taken.items()}


def main():
    taken = {cpus: measure(cpus) for cpus in CPUS}
    one = taken[CPUS[0]][UNIT]
    print(f"\nTelling other CPUs, in calls of one other CPU with its answer ({one:,.0f} ticks here)")
    print(f"{'':<34}" + "".join(f"{cpus:>8} CPUs" for cpus in CPUS))
    for name in (name for name in taken[CPUS[0]] if name not in WORK):
        print(f"{name:<34}" + "".join(f"{taken[cpus][name] / one:>13.2f}" for cpus in CPUS))
    one, two = (taken[CPUS[0]][name] for name in WORK)
    print(f"work that shares nothing, by two threads on two CPUs: {one / two:.2f} times as fast as by one")


if __name__ == "__main__":
    sys.exit(main())
