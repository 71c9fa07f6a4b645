#!/usr/bin/env python3
"""What the kernel's inner ways cost in instructions, and how much memory it takes: the test kernel's own figures
(tests/kernel/bench.h), from QEMU counting instructions by a clock that goes on by one for each."""

import os
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("CAIRN_BUILD", "build")
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests" / "boot")]

from qemu import Qemu, command_line, drive  # noqa: E402

LINE = re.compile(r"^bench (\S+) (\d+) (.+)\n", re.MULTILINE)


def figures(word, *options):
    """(name, value, unit) of all that begin as the word says."""
    with tempfile.TemporaryDirectory() as directory:
        with Qemu(Path(directory), *drive(BUILD / "test.img"), *command_line(word), *options) as machine:
            machine.wait_exit()
            found = LINE.findall(machine.log())
    if not found:
        sys.exit(f"{word}: the test kernel printed no figures")
    return found


def main():
    print("\nInstructions, inside the kernel (QEMU -icount shift=0, the time-stamp counter)")
    for name, value, unit in figures("bench", "-icount", "shift=0"):
        if unit == "instructions":
            print(f"{name}: {value}")
    print("\nMemory that is not free once the kernel has started")
    for size in ("4M", "128M", "4G"):
        ram = ["-m", size, "-object", f"memory-backend-ram,id=ram,size={size},reserve=off", "-machine", "memory-backend=ram"]
        for _, value, unit in figures("bench=memory", *ram):
            print(f"of {size}: {value} {unit}")


if __name__ == "__main__":
    main()
