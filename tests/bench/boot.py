#!/usr/bin/env python3
"""What starting costs: bytes, instructions, processor time and memory, each figure with how it was found.

These are figures to look at, not tests: nothing here passes or fails. Instructions repeat to about a percent; processor
time moves with whatever else the host does, so it stands beside that of a boot sector which does nothing.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("CAIRN_BUILD", "build")
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests" / "boot"), str(ROOT / "tests" / "bench")]

from failure import BootFailure  # noqa: E402
from gdb import Gdb, symbols  # noqa: E402
from image import BLOCK, SECTOR, Image  # noqa: E402
from qemu import TIMEOUT, Qemu, drive  # noqa: E402
from words import LAST_LINE  # noqa: E402

RUNS_INSTRUCTIONS = 3
RUNS_TIME = 5
BOOT_SECTOR = 0x7C00
RAM_STEP = 64  # KiB
RAM_ENOUGH = 16 * 1024

IMAGE = BUILD / "cairn.img"


def blocks(size):
    return (size + BLOCK - 1) // BLOCK


def print_bytes():
    layout = Image(IMAGE)
    segments = sum(
        blocks(region.end - layout.kernel(0).start) - (region.start - layout.kernel(0).start) // BLOCK
        for region in layout.kernel_segments(0)
    )
    loaded = SECTOR + layout.stage2_size + BLOCK * (
        1 + blocks(layout.kernel_table(0).size) + segments + blocks(layout.config.size)
    )  # fmt: skip
    print("Bytes (the files, and by the image's header what is read on a boot without trouble)")
    subprocess.run([ROOT / "tools" / "stage1_budget.sh", BUILD / "stage1.lst"], check=True)
    print(f"stage 2: {(BUILD / 'stage2.bin').stat().st_size} bytes")
    print(f"kernel.bin: {(BUILD / 'kernel.bin').stat().st_size} bytes")
    print(f"loaded: {loaded} bytes ({loaded / 1024:.0f} KiB): sector, stage 2, header, table, segments, configuration")


def count_instructions(directory):
    """Instructions from power-on to the boot sector, to the loader's last one, and to the kernel's idling in HLT."""
    gdb = Gdb(directory, TIMEOUT)
    record = ["-icount", f"shift=0,rr=record,rrfile={directory / 'record'}", "-rtc", "base=2024-01-01,clock=vm"]
    with Qemu(directory, *drive(IMAGE, snapshot="on"), *record, *gdb.options(), snapshot=False) as machine:
        gdb.accept()
        counts = []
        for address in (BOOT_SECTOR, symbols(BUILD / "stage2.elf")["enter_kernel"]):
            gdb.run_to(address)
            counts.append(machine.query("query-replay")["icount"])
        gdb.go()
        machine.wait_for(LAST_LINE)
        machine.wait_until_halted()
        counts.append(machine.query("query-replay")["icount"])
    gdb.close()
    return counts


def print_instructions():
    runs = []
    for _ in range(RUNS_INSTRUCTIONS):
        with tempfile.TemporaryDirectory() as directory:
            runs.append(count_instructions(Path(directory)))
    print(f"\nInstructions (QEMU -icount shift=0,rr=record, breakpoints; least of {RUNS_INSTRUCTIONS} boots, spread)")
    parts = {
        "firmware, to the boot sector": [run[0] for run in runs],
        "stages 1 and 2 with the BIOS's reads, to the kernel's entry": [run[1] - run[0] for run in runs],
        "kernel, to its first HLT": [run[2] - run[1] for run in runs],
        "our own in all": [run[2] - run[0] for run in runs],
    }
    for name, counts in parts.items():
        print(f"{name}: {min(counts) / 1e6:.3f} M (+{(max(counts) - min(counts)) / 1e6:.3f} M)")


def cpu_milliseconds(options, line):
    with tempfile.TemporaryDirectory() as directory:
        with Qemu(Path(directory), *options, debug_devices=False) as machine:
            machine.wait_for(line)
            return machine.cpu_seconds() * 1000


def print_time():
    floor = BUILD / "floor.img"
    subprocess.run(["nasm", "-f", "bin", "-o", floor, ROOT / "tests" / "bench" / "floor.asm"], check=True)
    with floor.open("r+b") as file:
        file.truncate(1 << 20)
    times = {"floor (one sector)": [], "Cairn, to its last line": []}
    for _ in range(RUNS_TIME):  # in turn, so that both see the same host
        times["floor (one sector)"].append(cpu_milliseconds(drive(floor), "floor\n"))
        times["Cairn, to its last line"].append(cpu_milliseconds(drive(IMAGE), LAST_LINE))
    print(f"\nProcessor time of the whole QEMU process, 128 MiB, TCG, IDE (median of {RUNS_TIME}, least, most)")
    for name, values in times.items():
        print(f"{name}: {statistics.median(values):.0f} ms ({min(values):.0f}, {max(values):.0f})")


def boots_with(kibibytes):
    with tempfile.TemporaryDirectory() as directory:
        try:
            with Qemu(Path(directory), *drive(IMAGE), "-m", f"{kibibytes}K") as machine:
                machine.wait_for(LAST_LINE, timeout=5)
                return True
        except BootFailure:
            return False


def print_smallest_memory():
    fails, boots = RAM_STEP, RAM_ENOUGH
    if not boots_with(boots):
        sys.exit(f"{IMAGE} does not even boot with {boots} KiB")
    while boots - fails > RAM_STEP:
        middle = (fails + boots) // 2 // RAM_STEP * RAM_STEP
        if boots_with(middle):
            boots = middle
        else:
            fails = middle
    print(f"\nSmallest memory that reaches the last line: {boots} KiB (-m, halving down to {RAM_STEP} KiB)")


def main():
    if not IMAGE.exists():
        sys.exit(f"{IMAGE} is not there: run make first")
    print_bytes()
    print_instructions()
    print_time()
    print_smallest_memory()


if __name__ == "__main__":
    main()
