"""Keys: pressed through QEMU's keyboard, typed at the serial port, and what the test kernel's word `keys` says of them."""

import re

import pytest
from qemu import command_line, drive

READY = "keys: press them\n"
EVENT = re.compile(r"^key (..) U\+([0-9A-F]{4,}) modifiers (.+) (press|repeat|release) (keyboard|serial)\n", re.MULTILINE)
CONTROL_D = "U+0004"


def start(qemu, test_image, words="", *options):
    machine = qemu(*drive(test_image), *options, *command_line(f"{words} keys"))
    machine.wait_for(READY)
    return machine


def events(machine):
    """(key, character, modifiers, action, source) of everything so far."""
    found = EVENT.findall(machine.log())
    return [(int(key, 16), chr(int(code, 16)), int(held, 16), what, who) for key, code, held, what, who in found]


def test_typing_at_the_serial_port(qemu, test_image):
    """More than the ring holds: what is pasted waits in the port until there is room."""
    text = "".join(chr(33 + i % 90) for i in range(2000))
    machine = start(qemu, test_image)
    machine.type(text + "é€\r\x1b[A\x1b[5;5~\x04")
    machine.wait_for(CONTROL_D)
    typed = events(machine)
    assert {(what, who) for *_, what, who in typed} == {("press", "serial")}
    assert "".join(character for _, character, *_ in typed[:2003]) == text + "é€\n"
    assert [(key, held) for key, _, held, *_ in typed[2003:2005]] == [(0xC8, 0), (0xC9, 2)]
