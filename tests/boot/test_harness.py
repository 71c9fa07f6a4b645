"""The harness itself: what it must notice, shown on boot sectors of a few lines."""

import os
import re
import subprocess

import pytest
from ansi import Ansi
from failure import BootFailure
from qemu import PASSED, RESET, drive
from streams import Streams

SAY = """
        mov dx, 3FBh            ; COM1: 8N1 at full speed; Bochs insists
        mov al, 80h
        out dx, al
        mov dx, 3F8h
        mov ax, 1
        out dx, ax
        mov dx, 3FBh
        mov al, 3
        out dx, al
        push cs
        pop ds
        mov ax, 0B800h
        mov es, ax
        xor di, di
        mov si, text
next:   lodsb
        test al, al
        jz said
        mov ah, 17h
        stosw
        push ax
        mov dx, 3FDh
busy:   in al, dx
        test al, 20h
        jz busy
        pop ax
        mov dx, 3F8h
        out dx, al
        out 0E9h, al
        jmp next
text:   db "here I am", 10, 0
said:
"""
HALT = "cli\nhlt\njmp $ - 1\n"
LOOP = "jmp $\n"
TRIPLE_FAULT = "lidt [cs:nothing]\nint3\nnothing: dd 0, 0\n"
EXIT = "mov al, 10h\nout 0F4h, al\n" + LOOP


@pytest.fixture
def sector(tmp_path):
    """Makes a disk of one boot sector from lines of assembly."""

    def assemble(source):
        text = tmp_path / "sector.asm"
        disk = tmp_path / "sector.img"
        text.write_text(f"bits 16\norg 7C00h\n{source}\ntimes 510 - ($ - $$) db 0\ndw 0AA55h\n")
        subprocess.run(["nasm", "-f", "bin", "-o", disk, text], check=True)
        with disk.open("r+b") as file:
            file.truncate(1 << 20)
        return disk

    return assemble


def test_sees_serial_screen_and_e9(qemu, sector):
    machine = qemu(*drive(sector(SAY + HALT)))
    machine.wait_for("here I am\n")
    machine.wait_until_halted()
    assert machine.screen().rows[0].startswith("here I am")
    assert machine.screen().attributes[0][:9] == b"\x17" * 9
    assert machine.e9() == "here I am\n"


def test_notices_a_triple_fault(qemu, sector):
    machine = qemu(*drive(sector(SAY + TRIPLE_FAULT)))
    with pytest.raises(BootFailure, match="(?s)ended .reset..*COM1:\nhere I am"):
        machine.wait_for("never said")
    assert machine.ending() == RESET


def test_notices_a_halt_at_once(qemu, sector):
    machine = qemu(*drive(sector(SAY + HALT)))
    with pytest.raises(BootFailure, match="HLT with interrupts off"):
        machine.wait_for("never said", timeout=600)


def test_gives_up_on_a_loop(qemu, sector):
    machine = qemu(*drive(sector(SAY + LOOP)))
    machine.wait_for("here I am")
    with pytest.raises(BootFailure, match="0.5 s passed and COM1 never said"):
        machine.wait_for(re.compile("never said"), timeout=0.5)


def test_reads_the_exit_status(qemu, sector):
    machine = qemu(*drive(sector(EXIT)))
    machine.wait_exit()
    assert machine.status == PASSED


def test_shows_what_qemu_complains_about(qemu):
    with pytest.raises(BootFailure, match="no-such-file"):
        qemu(*drive("no-such-file"))


def test_bochs(bochs, sector):
    machine = bochs(sector(SAY + LOOP))
    machine.wait_for("here I am\n")
    assert machine.wait_for_screen("here I am").rows[0].startswith("here I am")
    assert "here I am" in machine.transcript()
    assert "rip: 00000000_00007c" in machine.ask("r")


def test_bochs_notices_a_triple_fault(bochs, sector):
    machine = bochs(sector(SAY + TRIPLE_FAULT))
    with pytest.raises(BootFailure, match="Bochs"):
        machine.wait_for("never said")


def test_last_words_that_come_while_the_machine_is_asked_whether_it_stopped():
    reader, writer = os.pipe()
    streams = Streams(serial=reader)

    def stops():
        os.write(writer, b"the end\n")
        return True

    assert streams.wait_for("serial", "the end", 30, quiet=stops)
    os.close(writer)
    streams.close()


def test_a_menu_that_shows_something_for_a_moment():
    """Who comes late is shown all the same what was wiped out meanwhile."""
    said = "\x1b[?1049h\x1b[1;1Hone second\x1b[1;1Hthe end   \x1b[2;1H"
    screen = Ansi()
    screen.feed(said, "one")
    assert "one second" in screen
    screen.feed(said, "end")
    assert "the end" in screen and "second" not in screen
