#!/usr/bin/env python3
"""What the kernel's inner ways cost in instructions: the test kernel's own figures (tests/kernel/bench.h), from QEMU counting
instructions by a clock that goes on by one for each."""

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

LINE = re.compile(r"^bench (\S+) (\d+) instructions\n", re.MULTILINE)


def main():
    with tempfile.TemporaryDirectory() as directory:
        options = [*drive(BUILD / "test.img"), *command_line("bench"), "-icount", "shift=0"]
        with Qemu(Path(directory), *options) as machine:
            machine.wait_exit()
            figures = LINE.findall(machine.log())
    if not figures:
        sys.exit("bench: the test kernel printed no figures")
    print("Instructions, inside the kernel")
    for name, value in figures:
        print(f"{name}: {value}")


main()
