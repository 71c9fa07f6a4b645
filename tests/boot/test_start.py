"""The image starts on whatever memory, processors and screen there are, and says the same everywhere."""

import textwrap

import pytest
from qemu import drive
from words import HELLO, LAST_LINE, LOADER_ERROR, LOADER_ERROR_MEMORY, TOTAL_RAM


def total_ram(machine):
    """MiB of RAM by the kernel's word."""
    number, unit = TOTAL_RAM.search(machine.log()).groups()
    return float(number) * {"KiB": 1 / 1024, "MiB": 1, "GiB": 1024}[unit]


def test_stated_command(qemu, image):
    """The command of the README, with nothing added but what watches it: one processor, 128 MiB, QEMU's own disk."""
    machine = qemu(*drive(image), debug_devices=False)
    machine.wait_for(LAST_LINE)
    assert HELLO in machine.log()
    assert 127 <= total_ram(machine) <= 128


@pytest.mark.parametrize("mebibytes", [2, 4, 8, 64])
def test_memory(qemu, image, mebibytes):
    machine = qemu(*drive(image), "-m", f"{mebibytes}M")
    machine.wait_for(LAST_LINE)
    assert mebibytes - 1 <= total_ram(machine) <= mebibytes


def test_too_little_memory(qemu, image):
    """No memory above the first MiB is a sentence, not a fault."""
    machine = qemu(*drive(image), "-m", "1M")
    assert machine.wait_for(LOADER_ERROR)[1] in LOADER_ERROR_MEMORY


def test_four_processors(qemu, image):
    qemu(*drive(image), "-smp", "4").wait_for(LAST_LINE)


def test_without_vga(qemu, image):
    qemu(*drive(image), "-vga", "none").wait_for(LAST_LINE)


def test_without_keyboard_controller(qemu, image):
    """Nothing may wait on port 64h for ever."""
    qemu(*drive(image), "-M", "pc,i8042=off").wait_for(LAST_LINE)


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
