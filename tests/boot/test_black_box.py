"""What a run leaves in the black box, and what the next start says of it (docs/black-box.md)."""

import os
import random
import re

import box
import pytest
from qemu import command_line, drive
from words import HELLO, LAST_LINE, LOADER_ERROR, STOPPED

LOADER = "Cairn loader: "
OBEYED = b"\x1b[2J\x07\x9b1m\r\x08 \xc2\x9bH\x7f"  # by a terminal, in one way or another
SHOWN = "?[2J??1m?? ??H?"
SILENT = re.compile(r"The last run ended without a word \(triple fault or reset\)")
AFTER_RESETS = re.compile(f"{LOADER}[^\0]*?{LAST_LINE.pattern}", re.MULTILINE)
ROOM = re.compile(f"{LAST_LINE.pattern}|No room for the black box|{LOADER_ERROR.pattern}", re.MULTILINE)


class Person:
    """Types at the monitor of a machine that starts again and again."""

    def __init__(self, machine):
        self.machine = machine
        self.at = machine.wait_for(LAST_LINE).end()

    def type(self, line):
        """What is said from here to the next prompt, whoever says it."""
        self.machine.type(f"{line}\r")
        return self.wait_for(LAST_LINE)

    def reset(self):
        """By the button. What is said up to the prompt."""
        self.machine.query("system_reset")
        return self.wait_for(LAST_LINE)

    def wait_for(self, pattern):
        start = self.at
        self.at = self.machine.wait_for(pattern, start=start).end()
        return self.machine.log()[start : self.at]


def in_order(text, *patterns):
    at = 0
    for pattern in patterns:
        match = re.compile(getattr(pattern, "pattern", pattern), re.MULTILINE).search(text, at)
        assert match, f"{pattern!r} is not there, or not after what should stand before it:\n{text}"
        at = match.end()


def test_endings(qemu, image):
    """One machine: a cold start, a triple fault, a reset by the chip set, a panic, a fault, `reboot`, the button."""
    machine = qemu(*drive(image), reboots=True)
    person = Person(machine)
    assert "last run" not in machine.log()
    assert "There is nothing of an earlier run" in person.type("log previous")

    start = person.type("fault triple")
    in_order(start, SILENT, "^  command: fault triple$", "its last lines:$", "Ready", LOADER, f"{SILENT.pattern}: see `log previous`")
    kept = person.type("log previous")
    in_order(kept, r"^Run 1 .*without a word", "^Command: fault triple$", "0.000 . Cairn loader", r"\* Hello World!", "Ready")

    in_order(person.type("fault reset"), SILENT, "^  command: fault reset$", LOADER)

    machine.type("fault foreign\r")
    reason, base = re.search(r"^(Panic: .{75,})\n.*( at [0-9a-f]{16})\)", person.wait_for(STOPPED), re.MULTILINE).groups()
    start = person.reset()
    in_order(start, "^The last run ended in a panic", "command: fault foreign", "task: session", rf"^  {reason}\n.*{base}", LOADER)
    kept = person.type("log previous")
    in_order(kept, "^Run 3 .*in a panic", "Ready", rf"^{reason}\n.*{base}", "free_foreign", "kernel_main", STOPPED)
    assert "Panic" not in person.type("log previous warning")

    machine.type("fault null\r")
    person.wait_for(STOPPED)
    start = person.reset()
    in_order(start, "^The last run ended in a fault", "command: fault null", r"Page fault \(exception 14\)", "a null pointer", "at provoke_read", LOADER)

    start = person.type("reboot")
    in_order(start, "Reboot: by ", LOADER)
    assert "last run" not in start
    in_order(person.type("log previous"), "^Run 5 .*was ended by `reboot`", "^Command: reboot$")

    start = person.reset()
    in_order(start, SILENT, LOADER)
    assert "command:" not in start


def test_a_report_that_could_be_survived_and_was_not(qemu, test_image):
    """A fault within it is the end: that and its report are kept like any other."""
    machine = qemu(*drive(test_image), *command_line("fault=lock"), "-no-shutdown", debug_devices=False)
    machine.wait_for(STOPPED)
    run = machine.read_physical(box.ADDRESS, box.HEAD.size + box.REPORT)
    assert box.HEAD.unpack_from(run)[-1] == box.both(box.FAULT)
    assert b"Page fault while reporting, at provoke_write" in run and STOPPED.encode() in run


@pytest.mark.parametrize("state", [box.RUNNING, box.PANIC])
def test_nothing_in_it_is_obeyed(qemu, image, tmp_path, state):
    """Neither by the loader's terminal nor by the kernel's."""
    report = b"\nPanic: " + OBEYED + b"\n" if state == box.PANIC else b""
    lines = [b"line %d " % number + OBEYED for number in range(9)]
    run = box.run(3, state, command=b"say " + OBEYED, task=b"its " + OBEYED, report=report, lines=lines)
    machine = qemu(*drive(image), *box.in_memory(tmp_path / "box", run))
    person = Person(machine)
    shown = re.escape(SHOWN)
    last = [f"Panic: {shown}"] if report else [f"line {number} {shown}" for number in range(4, 9)]
    in_order(machine.log(), "^The last run ended", f"^  command: say {shown}", f"^  task: its {shown}", *last, LOADER)
    kept = person.type("log previous")
    in_order(kept, "^Run 3 ", f"^Command: say {shown}", f"^Task: its {shown}", *(f"line {number} {shown}" for number in range(9)))
    assert not report or f"\nPanic: {SHOWN}\n" in kept
    assert not re.search("\x1b\\[2J|[\x07\x9b\x7f]", machine.log())


def test_no_room(qemu, image):
    """What the kernel needs comes first. How little memory that is changes with the kernel: so it is looked for."""
    for size in range(2048, 1600, -32):
        machine = qemu(*drive(image), "-m", f"{size}K", reboots=True)
        found = machine.wait_for(ROOM)
        if found[0].startswith("No room"):
            break
    person = Person(machine)
    assert "There is no black box" in person.type("log previous")
    assert "last run" not in person.type("fault triple")


@pytest.mark.campaign
def test_a_reset_at_any_moment(qemu, image):
    """While a command runs, a report is said, the BIOS, the loader or the kernel starts: some in a row, and then a start that
    comes to the prompt, and says of the run before what can be true."""
    seed = os.environ["CAIRN_SEED"]
    print(f"Seed: {seed}")
    rng = random.Random(seed)
    machine = qemu(*drive(image), reboots=True)
    person = Person(machine)
    for _ in range(30):
        machine.type(rng.choice(["fault null", "fault foreign", "fault stack", "log", "boot"]))
        machine.type("\r")
        person.wait_for("\n")  # it was taken: what was not would open the menu
        for _ in range(rng.randint(1, 4)):
            machine.streams.read(rng.uniform(0, rng.choice([0.02, 0.2, 1])))
            machine.query("system_reset")
        person.at = len(machine.log())
        start = person.wait_for(AFTER_RESETS)
        for ending in re.findall("^The last run (.*)[.:]", start, re.MULTILINE):
            assert ending.startswith(("ended without a word", "ended in a fault", "ended in a panic")), start
        assert re.search("^Run .* (fault|panic|word|nothing of an earlier run)", person.type("log previous"), re.MULTILINE)


# Typed at the prompt it would be too late: Bochs's BIOS does not find a keyboard again that was in use ("Keyboard error").
@pytest.mark.parametrize("kind, more, commands", [("reset", "", ["c"]), ("triple", "cpu: reset_on_triple_fault=1\n", ["c"] * 9)])
def test_bochs(boot_bochs, test_image, kind, more, commands):
    """It starts again and again; its debugger stops at each triple fault."""
    machine = boot_bochs(test_image, f"command=fault:{kind}", more=more, commands=commands)
    second = machine.wait_for(SILENT)
    assert machine.log().count(HELLO, 0, second.start()) == 1  # of the cold start there was nothing to tell
    machine.wait_for(HELLO, start=second.end())
    in_order(machine.log()[second.start() :], SILENT, f"^  command: command=fault:{kind}$", "its last lines:", LOADER)


def test_bochs_reboot(boot_bochs, test_image):
    machine = boot_bochs(test_image, "command=reboot")
    first = machine.wait_for("Reboot: by ")
    machine.wait_for("Reboot: by ", start=machine.wait_for(HELLO, start=first.end()).end())
    assert "last run" not in machine.log()
