"""The image starts by the stated command, and says the same everywhere it speaks."""

import textwrap

from qemu import drive
from words import HELLO, LAST_LINE


def test_stated_command(qemu, image):
    """The command of the README, with nothing added but what watches it: one processor, 128 MiB, QEMU's own disk."""
    machine = qemu(*drive(image), debug_devices=False)
    machine.wait_for(LAST_LINE)
    assert HELLO in machine.log()


def test_screen_and_serial_say_the_same(qemu, image):
    machine = qemu(*drive(image))
    machine.wait_for(LAST_LINE)
    machine.wait_until_halted()
    screen = [line for line in machine.screen().lines() if line]
    said = [row.rstrip() for line in machine.log().splitlines() for row in textwrap.wrap(line, 80)]
    said = [row for row in said if row]
    assert len(screen) >= 10
    assert screen == said[-len(screen) :]


def test_e9_and_serial_say_the_same(qemu, image):
    machine = qemu(*drive(image))
    machine.wait_for(LAST_LINE)
    machine.wait_until_halted()
    assert machine.e9() == machine.log()
