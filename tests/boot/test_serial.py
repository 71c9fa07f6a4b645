"""The serial port while others disturb it: who reads there stops for a while, and NMIs come whenever they like."""

import random
import re
import time

import pytest
from conftest import built
from qemu import TIMEOUT, command_line, drive
from words import LAST_LINE, PROMPT


def started(machine):
    machine.wait_for(LAST_LINE)
    machine.wait_until_halted()
    return machine


def read_for(machine, seconds):
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        machine.streams.read(left)


def assert_answers(machine):
    start = len(machine.log())
    machine.type("\x03help clear\r")
    machine.wait_for(re.compile(rf"clears the screen\n{PROMPT}$"), start=start)


def test_a_reader_that_stops(qemu, image):
    """What nobody takes for too long is lost, and that is counted; then the port goes on."""
    machine = started(qemu(*drive(image)))
    machine.type("help\r" * 40 + "marker")  # of 2 KiB each; a pipe holds 64
    deadline = time.monotonic() + TIMEOUT
    while PROMPT + "marker" not in machine.screen():  # and COM1 is not read meanwhile
        assert time.monotonic() < deadline, "it waits for who does not read"
        time.sleep(0.05)  # to look stops the machine
    assert_answers(machine)
    machine.type("serial\r")
    assert int(machine.wait_for(re.compile(r"^characters not sent, because nobody took them: (\d+)\n", re.MULTILINE))[1]) > 0


def test_control_c_ends_what_is_being_said(qemu, image):
    """300 KiB for somebody who does not read: with Ctrl-C most of it is never said, and what was typed before is gone."""
    machine = started(qemu(*drive(image)))
    machine.type("x kernel_main 65536\r")
    deadline = time.monotonic() + TIMEOUT
    while machine.e9().count("\n") < 500:  # what was said is there at once
        assert time.monotonic() < deadline
        time.sleep(0.02)
    machine.type("help\r\x03")
    assert_answers(machine)
    assert machine.e9().count("\n") < 4000
    assert "lists the commands" not in machine.log()


def test_what_takes_long_to_load_is_said_before(qemu, build, shop):
    """The bar is on the screen alone: who has only the serial line waits for seconds, too."""
    large, name = shop.write("large", bytes(5 << 20)), "a-name-that-is-31-characters-long"[:31]
    files = {part: built(build / f"{part}.bin") for part in ("stage1", "stage2", "kernel")}
    made = shop.run(*shop.arguments("--no-data", "--module", f"{name}={large}", **files))
    assert made.returncode == 0, made
    machine = qemu(*drive(shop.image, **{"throttling.iops-total": 4000}))
    machine.wait_for(f"Loading {name}: 5 MiB\n")
    assert "Cairn loader: " not in machine.log()
    screen = machine.wait_for_screen("░")
    assert any(line.startswith(f"Loading {name[:15]} ") and line[24:].strip("█░") == "" for line in screen.lines())
    machine.wait_for(LAST_LINE)


@pytest.mark.parametrize("words", ["page=off", "page=off video=auto"])
def test_nmis_while_it_speaks(qemu, image, words):
    """They come in the middle of everything that sends and draws: each is told, or stands for several, and all goes on."""
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    machine = started(qemu(*drive(image), *command_line(words)))
    for _ in range(60):
        machine.type(dice.choice(["help\r", "map\r", "irq\r", "abc\x03"]))
        for _ in range(dice.randrange(6)):
            machine.provoke("inject-nmi")
            read_for(machine, dice.random() / 100)
    while machine.streams.read(1):
        pass
    assert machine.log().count("Non-maskable interrupt (exception 2)") > 10
    assert_answers(machine)
