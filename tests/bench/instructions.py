#!/usr/bin/env python3
"""Where the instructions of a start go: of stage 1, of stage 2's head and rest, of the kernel, and of their functions.

QEMU executes one instruction at a time and writes down where each of ours was (-singlestep -d exec, firmware left out); it
counts by a clock that goes on by one for each, so that loops that wait for a time take the same turns every time.
"""

import bisect
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("CAIRN_BUILD", "build")
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests" / "boot")]

from qemu import Qemu, command_line, drive  # noqa: E402
from words import LAST_LINE  # noqa: E402

TIMEOUT = 300
MOST = 12  # functions shown
ADDRESS = re.compile(rb"\[[0-9a-f]+/([0-9a-f]+)/")
STAGES = {  # addresses
    "stage 1": (0x7C00, 0x7DFF),
    "stage 2, head": (0x8000, 0x9FFF),
    "stage 2, rest": (0xA000, 0x2FFFF),
    "kernel": (0xFFFFFFFF80000000, 0xFFFFFFFFFFFFFFFF),  # with nokaslr it is where its symbols are
}


class Symbols:
    """Names of functions by address."""

    def __init__(self, path):
        nm = re.search(r"^TARGET_NM := (.+)$", (BUILD / "tools.mk").read_text(), re.MULTILINE)[1]
        lines = subprocess.run([nm, "-n", path], capture_output=True, text=True, check=True).stdout.splitlines()
        functions = [line.split() for line in lines if line.split()[-2] in "tT"]
        self._addresses = [int(fields[0], 16) for fields in functions]
        self._names = [fields[-1] for fields in functions]

    def name(self, address):
        return self._names[bisect.bisect_right(self._addresses, address) - 1]


def count_places(pipe, counts):
    with open(pipe, "rb") as file:
        for line in file:
            match = ADDRESS.search(line)
            if match:
                counts[match[1]] += 1


def count_start(image, *options):
    """How often each of our instructions was executed until the kernel idles: {address: times}."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        pipe = directory / "executed"
        os.mkfifo(pipe)
        counts = Counter()
        reader = threading.Thread(target=count_places, args=(pipe, counts))
        reader.start()
        ranges = ",".join(f"{first:#x}..{last:#x}" for first, last in STAGES.values())
        log = ["-singlestep", "-d", "exec,nochain", "-dfilter", ranges, "-D", str(pipe)]
        clock = ["-icount", "shift=0", "-rtc", "base=2024-01-01,clock=vm"]
        with Qemu(directory, *drive(image), *clock, *log, *options) as machine:
            machine.wait_for(LAST_LINE, TIMEOUT)
            machine.wait_until_halted(TIMEOUT)
            machine.query("stop")
        reader.join()
    return {int(address, 16): times for address, times in counts.items()}


def main():
    places = count_start(BUILD / "cairn.img", *command_line("nokaslr"))
    symbols = {"kernel": Symbols(BUILD / "kernel.elf"), "stage 2": Symbols(BUILD / "stage2.elf")}
    stages, functions = Counter(), Counter()
    for address, times in places.items():
        stage = next(name for name, (first, last) in STAGES.items() if first <= address <= last)
        stages[stage] += times
        names = symbols.get(stage.split(",")[0])
        functions[f"{names.name(address)} ({stage})" if names else stage] += times
    print("\nOur own instructions, without the BIOS's, to the kernel's first HLT (QEMU -singlestep -d exec)")
    for stage in STAGES:
        print(f"{stage}: {stages[stage]:,}")
    print(f"in all: {stages.total():,}; most of them in")
    for name, times in functions.most_common(MOST):
        print(f"  {times:9,} {name}")


if __name__ == "__main__":
    main()
