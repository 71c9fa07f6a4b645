"""What becomes of a start: seen as soon as it is sure, and put into one of a few classes.

No time is waited for. A start is over when the machine has said words that end one, on COM1, port E9h or the screen; when
it was reset; when its processor stands still; or when it has used up many times the processor time of a good start
without a word. What counts is the time of the host's processor that went into the machine's: it does not depend on what else the
host does, or QEMU.
"""

import re
from dataclasses import dataclass

from words import LAST_LINE, SECOND_COPY, any_end

BOOTED, NOTED, SECOND, REFUSED = "booted", "booted, with a note", "second copy", "named refusal"
FIRMWARE, SILENT, HANG, RESET, WRONG = "refused by firmware", "silent", "hang", "reset", "wrong"
KINDS = [BOOTED, NOTED, SECOND, REFUSED, FIRMWARE, SILENT, HANG, RESET, WRONG]
BAD = {SILENT, HANG, RESET, WRONG}

PATIENCE = 0.6  # seconds of processor time without a word; a good start takes 0.1 to 0.2 in all
READING = 3  # the same while the disk is read: its polling takes as long as the host lets QEMU serve it
MOST = 15  # and until there must be an end, whatever is said
LOOK = 0.02  # seconds between two looks at a machine that says nothing
IDLE = 25  # looks in a row at a processor in HLT

# SeaBIOS, of a disk without a boot sector; and when nothing is left to try.
NOT_BOOTABLE = re.compile("Boot failed: (not a bootable disk|could not read the boot disk)")
NO_DEVICE = "No bootable device"

END = any_end()
# What no two starts say alike: times, and where the kernel is, in a random place.
TIMES = r"^(Time|Boot): .*$"
MEMORY = r"^  (?!0{7})[0-9a-f]{12} - .* (usable|kernel|loader)$|[0-9.]+ MiB free$"  # from 1 MiB on
ADDRESSES = r"0x[0-9a-f]{16}"
FLEETING = re.compile(f"{TIMES}|{MEMORY}|{ADDRESSES}", re.MULTILINE)
FLAGS = re.compile(r"E?R?FL=([0-9a-f]+)")
INTERRUPTS_ON = 0x200


@dataclass
class Start:
    """How a start ended, and what showed it."""

    log: str
    match: object = None  # of END
    kind: str = ""  # if it ended without such words
    wrote: bool = False  # to the disk


def watch(machine):
    """Waits until it is sure what becomes of a start."""
    began = heard = machine.processor_seconds()
    idle = looks = reads = 0
    while True:
        if machine.streams.read(LOOK):
            heard = machine.processor_seconds()
            if match := END.search(machine.log()):
                return Start(machine.log(), match)
            if heard - began > MOST:
                return Start(machine.log(), kind=HANG)
            continue
        if machine.was_reset() or not machine.query("query-status")["running"]:
            return Start(machine.log(), kind=RESET)  # or by INT 19h: it stands in the first device of the rig again
        registers = machine.registers()
        # One look is not enough, even with interrupts off: SeaBIOS stands like that for a moment when it asks for an SMI.
        idle = idle + 1 if "HLT=1" in registers else 0
        used = machine.processor_seconds() - heard
        over = idle >= IDLE or used > READING
        if not over and used < PATIENCE / 8 * 2**looks:
            continue
        looks += 1  # seldom: a look stops the machine
        before, reads = reads, machine.disk_reads()
        over = over or (used > PATIENCE and reads == before)
        elsewhere = f"{machine.e9()}\n{machine.screen()}\n"
        if match := END.search(elsewhere):
            return Start(elsewhere, match)
        if NOT_BOOTABLE.search(elsewhere):
            return Start(elsewhere, kind=FIRMWARE)
        waits = int(FLAGS.search(registers)[1], 16) & INTERRUPTS_ON
        if NO_DEVICE in elsewhere or (idle >= IDLE and waits):
            return Start(elsewhere, kind=SILENT)
        if over:
            return Start(elsewhere + registers, kind=HANG)


class Judge:
    """Tells the class of a start by comparing it with one of the undamaged image on the same machine."""

    def __init__(self, healthy):
        assert healthy.match and LAST_LINE.fullmatch(healthy.match[0]), f"the undamaged image did not start: {healthy}"
        self._lines = set(essence(healthy))

    def kind(self, start):
        if start.wrote:
            return WRONG
        if not start.match:
            return start.kind
        if not LAST_LINE.fullmatch(start.match[0]):
            return REFUSED
        lines = set(essence(start))
        if self._lines - lines:
            return WRONG
        if SECOND_COPY.search(start.log):
            return SECOND
        return NOTED if lines - self._lines else BOOTED


def essence(start):
    return FLEETING.sub("", start.log).splitlines()
