#!/usr/bin/env python3
"""The longest stretch in which interrupts are off, with its place, as a debug build measures it: after a start, and after
what a person may do at the prompt. Under `-icount shift=0` a nanosecond is an instruction."""

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
from variant import make_variant  # noqa: E402
from words import LAST_LINE, PROMPT  # noqa: E402

COMMANDS = ("memory", "threads", "tasks", "cpus")
OFF = re.compile(r"^CPU 0 had interrupts off for (\d+)\.(\d{3}) us, from\s+(\S+)\s+to\s+(\S+)\n", re.MULTILINE)


def longest(machine):
    """Asks the monitor. (instructions, from, to)"""
    start = len(machine.log())
    machine.type("locks\r")
    micros, nanos, begin, end = machine.wait_for(OFF, start=start).groups()
    return int(micros) * 1000 + int(nanos), begin, end


def main():
    image = make_variant(BUILD, "debug", "DEBUG=1", "cairn.img") / "cairn.img"
    options = [*drive(image), "-icount", "shift=0", *command_line("nokaslr")]
    print("\nThe longest that interrupts are off, one CPU, debug build (QEMU -icount shift=0)")
    with tempfile.TemporaryDirectory() as directory, Qemu(Path(directory), *options) as machine:
        machine.wait_for(LAST_LINE)
        print("after the start: {:,} instructions, from {} to {}".format(*longest(machine)))
        for command in COMMANDS:
            start = len(machine.log())
            machine.type(command + "\r")
            machine.wait_for(PROMPT, start=start + 1)
        print("after commands: {:,} instructions, from {} to {}".format(*longest(machine)))


if __name__ == "__main__":
    sys.exit(main())
