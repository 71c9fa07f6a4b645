"""What the machine says, in one place: tests wait for these and for nothing they make up themselves.

A pattern that takes the rest of a line ends in \\n: text comes in pieces, and half a line must not match.
"""

import re

HELLO = "Hello World!"
CPU_FEATURES = re.compile(r"^CPU: .+\n((?: {5}.+\n)+)", re.MULTILINE)
KERNEL_RAM = re.compile(r"^Memory: .+ \((\d+) KiB of RAM\)", re.MULTILINE)
TIME = re.compile(r"^Time: (.+) \((.+) (\d+) MHz, timer: (.+)\)\n", re.MULTILINE)
PROMPT = "cairn> "
LAST_LINE = re.compile(rf"^{PROMPT}", re.MULTILINE)  # of the kernel, before it idles
ECHO_READY = "async keyboard echo ready\n"

# The monitor's command `boot`: drive number, how it is read, bytes per block.
DRIVE = re.compile(r"^drive +([0-9a-f]+), by (.+), blocks of (\d+) bytes", re.MULTILINE)

# And a range of the memory map as the firmware gave it.
RAW_RANGE = re.compile(r"^  ([0-9a-f]+)-([0-9a-f]+) .+  (\S.*)\n", re.MULTILINE)
# The loader's first line.
LOADER_FOUND = re.compile(r"^Cairn loader: disk (..)h by (EDD|CHS), slot (A|B), (\d+) MiB of memory\n", re.MULTILINE)

# Stage 1 gives up: code and the BIOS's INT 13h status.
STAGE1_ERROR = re.compile(r"^Cairn error (\d\d) ([0-9A-F]{2})", re.MULTILINE)
STAGE1_READ = "01"
STAGE1_CHECKSUM = "02"

# Stage 2 goes on with the second copy of something, and says so.
SECOND_COPY = re.compile(r"\b(copy|slot) B\b")
# Stage 2 gives up: code and a sentence. The codes are those of boot/stage2/panic.h.
LOADER_ERROR = re.compile(r"^Cairn error (\d\d): (.+)\n", re.MULTILINE)
LOADER_ERROR_CPU = "20"
LOADER_ERROR_MEMORY = ("22", "23")

NO_LONG_MODE = "this CPU has no 64-bit mode"

# What interrupts come by.
INTERRUPTS = re.compile(r"^Interrupts: (.+)\n", re.MULTILINE)

# The other CPUs: how many run, of how many; and one that does not answer, with its APIC's number.
CPUS_RUN = re.compile(r"CPUs: (\d+) of (\d+) run(?:, counters compared to \d+ ns)?\n")
CPU_MISSING = re.compile(r"CPU (\d+) \(APIC number (\d+)\) does not answer: it is left out\.\n")

# The test kernel.
GUEST_STARTED = re.compile(r"^test (\w+) \.\.\. ", re.MULTILINE)
GUEST_SKIPPED = re.compile(r"^test (\w+) \.\.\. skipped: (.+)\n", re.MULTILINE)
GUEST_TOTAL = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\n", re.MULTILINE)

# A fault or a panic.
STOPPED = "The system has stopped.\n"


def any_end():
    """Everything a start may rightly end with."""
    return re.compile("|".join([LAST_LINE.pattern, STAGE1_ERROR.pattern, LOADER_ERROR.pattern]), re.MULTILINE)
