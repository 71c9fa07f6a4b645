"""The console as a person sees it: colours, characters, a screen that goes on through the VGA's memory."""

import pytest
from image import Image
from qemu import command_line, drive
from words import LAST_LINE

LINES = 1000
ALL_SAID = "screen: that was all"


def vga(colour):
    """The VGA's number for a colour: SGR counts red, green, blue from the lowest bit, the VGA blue, green, red."""
    return colour & 0xA | (colour & 1) << 2 | colour >> 2 & 1


def start(qemu, image, what, *options):
    machine = qemu(*drive(image), *command_line(f"screen={what}"), *options)
    machine.wait_for(LAST_LINE)
    machine.wait_until_halted()
    return machine


def line(number):
    return f"line {number} of {LINES}"


def assert_colours(screen, row, number):
    """The number is in its line's colour, and what follows in the usual one."""
    length = len(f"line {number}")
    assert screen.attributes[row][:length] == bytes([vga(1 + number % 7)]) * length
    assert screen.attributes[row][length:] == b"\x07" * (80 - length)


def test_picture(qemu, test_image):
    screen = start(qemu, test_image, "picture").screen()
    assert screen.rows[0].startswith("0123456789abcdef")
    assert screen.attributes[0][:16] == bytes(vga(colour) for colour in range(16))
    assert screen.attributes[1][:8] == bytes(vga(colour) << 4 | 7 for colour in range(8))
    assert screen.rows[2].rstrip() == "bold red inverse cube grey".ljust(69) + "place"
    assert list(screen.attributes[2][:26:5])[:2] == [15, vga(9)]
    assert screen.attributes[2][9:16] == b"\x70" * 7
    assert screen.attributes[2][17] == vga(1)  # of the colours that there are, the nearest to the cube's red
    assert screen.attributes[2][22] == 8
    assert screen.rows[3].startswith("┌─┐ █▓▒░ äöüß απ ┌─┐")
    assert screen.rows[4].startswith("? ?  ? ?  ? end")
    assert screen.rows[9].rstrip() == "here".rjust(23)


def assert_last_lines(screen):
    """All of the screen but what came after them."""
    shown = [row for row in screen.lines() if row.startswith("line ")]
    assert len(shown) >= 20
    assert screen.lines()[: len(shown)] == [line(n) for n in range(LINES - len(shown) + 1, LINES + 1)]
    for row in range(len(shown)):
        assert_colours(screen, row, LINES - len(shown) + 1 + row)


@pytest.mark.parametrize("memory", ["128M", "4M"])
def test_lines(qemu, test_image, memory):
    """Drawn one by one."""
    assert_last_lines(start(qemu, test_image, "lines", "-m", memory).screen())


def test_lines_by_task(qemu, test_image):
    """Drawn many at once."""
    machine = qemu(*drive(test_image), *command_line("screen=task"))
    machine.wait_for(ALL_SAID)
    assert_last_lines(machine.wait_for_screen(ALL_SAID))


def test_view(qemu, test_image):
    """What was scrolled out is still there."""
    machine = qemu(*drive(test_image), *command_line("screen=view"))
    machine.wait_for(ALL_SAID)
    machine.wait_for_screen(line(LINES - 50))
    assert machine.screen().lines() == [line(n) for n in range(LINES - 52, LINES - 27)]


def test_lines_without_vga(qemu, test_image):
    start(qemu, test_image, "lines", "-vga", "none")


def test_lines_in_bochs(bochs, test_image, tmp_path):
    """A VGA that others made."""
    copy = Image(test_image)
    copy.set_command_line("screen=lines")
    machine = bochs(copy.save(tmp_path / "words.img"))
    machine.wait_for(LAST_LINE)
    machine.wait_for_screen(line(LINES))
