#!/usr/bin/env python3
"""What a line of scrolling text costs, from the bytes to the screen: Cairn's console and Linux's, the same lines in the same
QEMU. Instructions by the time-stamp counter under -icount shift=0, processor time of the whole QEMU process without it.

Linux is a kernel of Debian's: the file CAIRN_LINUX names, or the newest /boot/vmlinuz-*. Its only program (linux_scroll.c)
writes each line to the screen by one call.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("CAIRN_BUILD", "build")
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests" / "boot"), str(ROOT / "tests" / "bench")]

from guest import figures  # noqa: E402
from qemu import Qemu, command_line, drive  # noqa: E402

PATIENCE = 300  # seconds: Linux takes its time to start, and more so when instructions are counted
ICOUNT = ["-icount", "shift=0"]
BEGIN = "scroll begins"
END = re.compile(r"scroll (\d+) lines(?:, ticks per line: (\d+))?\r?\n")

# What the command lines of Cairn and Linux say to get the same screen.
SCREENS = {"VGA text, 80x25": ("", "vga=normal"), "framebuffer, 1024x768x32": ("video=1024x768x32", "vga=0x344")}


def scroll(*options):
    """(ticks per line if the guest says so, microseconds of processor time per line)."""
    with tempfile.TemporaryDirectory() as directory:
        with Qemu(Path(directory), *options) as machine:
            machine.wait_for(BEGIN, timeout=PATIENCE)
            start = machine.cpu_seconds()
            lines, ticks = machine.wait_for(END, timeout=PATIENCE).groups()
            return ticks, (machine.cpu_seconds() - start) / int(lines) * 1e6


def print_cairn(words):
    image = drive(BUILD / "test.img")
    for name, value, _ in figures(f"bench=scroll {words}", *ICOUNT):
        print(f"  Cairn, {name}: {value} instructions")
    _, microseconds = scroll(*image, *command_line(f"scroll {words}"))
    print(f"  Cairn, drawing each line: {microseconds:.0f} us of processor time")


def find_linux():
    kernels = sorted(Path("/boot").glob("vmlinuz-*"), key=lambda path: path.stat().st_mtime)
    return Path(os.environ["CAIRN_LINUX"]) if "CAIRN_LINUX" in os.environ else kernels[-1] if kernels else None


def archive_entry(name, mode, data=b"", device=(0, 0)):
    """One file of a cpio archive in the format that Linux unpacks ("newc"): 13 numbers, the name, the contents."""
    numbers = [0, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name) + 1, 0]
    head = b"070701" + b"".join(b"%08X" % number for number in numbers) + name.encode() + b"\0"
    return b"".join(part + bytes(-len(part) % 4) for part in (head, data))


def make_archive(directory):
    """The first file system: our program, and the devices it opens."""
    program = directory / "init"
    subprocess.run(
        [os.environ.get("HOSTCC", "cc"), "-O2", "-static", "-nostdlib", "-ffreestanding", "-fno-stack-protector",
         "-fno-pie", "-no-pie", "-o", program, ROOT / "tests" / "bench" / "linux_scroll.c"],
        check=True,
    )  # fmt: skip
    archive = directory / "archive"
    archive.write_bytes(
        archive_entry("dev", 0o40755)
        + archive_entry("dev/console", 0o20600, device=(5, 1))
        + archive_entry("dev/tty0", 0o20600, device=(4, 0))
        + archive_entry("dev/ttyS0", 0o20600, device=(4, 64))
        + archive_entry("init", 0o100755, program.read_bytes())
        + archive_entry("TRAILER!!!", 0)
    )
    return archive


def print_linux(kernel, words):
    with tempfile.TemporaryDirectory() as directory:
        options = [
            "-kernel", kernel, "-initrd", make_archive(Path(directory)), "-append", f"console=ttyS0 {words}", "-m", "256",
        ]  # fmt: skip
        ticks, _ = scroll(*options, *ICOUNT)
        print(f"  Linux ({kernel.name}): {ticks} instructions")
        _, microseconds = scroll(*options)
        print(f"  Linux, drawing each line: {microseconds:.0f} us of processor time")


def main():
    linux = find_linux()
    print("\nA line of scrolling text (QEMU, TCG, -vga std)")
    for name, (ours, theirs) in SCREENS.items():
        print(f"{name}:")
        print_cairn(ours)
        if linux:
            print_linux(linux, theirs)
    if not linux:
        print("Linux's console: NOT RUN (no kernel in /boot, and CAIRN_LINUX names none)")


if __name__ == "__main__":
    main()
