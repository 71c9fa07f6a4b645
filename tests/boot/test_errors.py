"""The ends of a boot that cannot go on: each is said everywhere, waits for a key, and then leaves; nothing hangs."""

import struct
import subprocess
import time

import pytest
from conftest import built
from gdb import Gdb, symbols
from parts import ET_EXEC, R, X, elf, load
from qemu import RESET, TIMEOUT, drive
from words import STAGE1_ERROR

A, B = 0, 1
TICKS, MIDNIGHT = 0x46C, 0x1800B0  # the BIOS's clock, and where it begins anew
VIRTUAL = 0xFFFFFFFF80400000
# What is written to port 80h ends the machine, and is its exit status. (iPXE writes there, too: no network.)
POST_CODE = ["-net", "none", "-device", "isa-debug-exit,iobase=0x80,iosize=1"]


def status_of(code):
    return code << 1 | 1


def both_heads(image):
    for slot in (A, B):
        image.flip(image.stage2_head(slot).offset("middle"))


def both_headers(image):
    for slot in (A, B):
        image.flip(image.header(slot).offset("middle"))


@pytest.mark.parametrize("damage, code", [(both_heads, 2), (both_headers, 11)])
def test_the_code_is_on_port_80h(boot_copy, damage, code):
    machine = boot_copy(damage, *POST_CODE)
    machine.wait_exit()
    assert machine.status == status_of(code)


def test_stage_1_waits_for_a_key_and_resets_where_int_18h_returns(boot_behind):
    machine = boot_behind("NO_NEXT", damage=both_heads)
    machine.wait_for(STAGE1_ERROR)
    machine.wait_for_screen("Cairn error 02")
    machine.press("a")
    machine.wait_exit()
    assert machine.ending() == RESET


def has_a_byte(machine):
    """Whether one waits in COM1."""
    return int(machine.query("human-monitor-command", **{"command-line": "i /b 0x3fd"}).split()[-1], 16) & 1


def test_what_was_typed_before_the_message_does_not_count(boot_copy, build, tmp_path):
    gdb = Gdb(tmp_path, TIMEOUT)
    machine = boot_copy(both_headers, *gdb.options(), "-net", "none")
    gdb.accept()
    at = symbols(built(build / "stage2.elf"))
    gdb.run_to(at["boot_fail"])
    machine.type("typed")
    deadline = time.monotonic() + TIMEOUT
    while not has_a_byte(machine):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    for _ in range(40):  # 32 times to forget, then to look for a key
        gdb.run_to(at["console_key"])
        gdb.step()
    gdb.go()
    machine.type(" ")
    machine.wait_for_screen("No bootable device")
    gdb.close()


def test_midnight_does_not_end_the_wait(boot_copy, build, tmp_path):
    gdb = Gdb(tmp_path, TIMEOUT)
    machine = boot_copy(both_headers, *gdb.options(), "-net", "none")
    gdb.accept()
    at = symbols(built(build / "stage2.elf"))
    gdb.run_to(at["boot_fail"])
    gdb.write(TICKS, struct.pack("<I", MIDNIGHT - 9))
    gdb.go()
    deadline = time.monotonic() + TIMEOUT
    while struct.unpack("<I", machine.read_physical(TICKS, 4))[0] >= MIDNIGHT - 9:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    gdb.stop()
    for _ in range(40):  # it still looks for a key
        gdb.run_to(at["console_key"])
        gdb.step()
    gdb.close()


@pytest.fixture
def first_instruction(build, tmp_path):
    """An image whose kernel begins with these bytes."""

    def make(code):
        kernel, image = tmp_path / "kernel.elf", tmp_path / "kernel.img"
        kernel.write_bytes(elf([load(VIRTUAL, code, R | X, physical=0x400000)], VIRTUAL, kind=ET_EXEC))
        command = [build / "mkimage", "-o", image, "--no-data", "--stage1", build / "stage1.bin"]
        subprocess.run([*command, "--stage2", build / "stage2.bin", "--kernel", kernel], check=True)
        return image

    return make


@pytest.mark.parametrize("key", ["keyboard", "serial"])
def test_an_exception_before_the_kernels_handlers(first_instruction, qemu, key):
    machine = qemu(*drive(first_instruction(b"\x0f\x0b")))
    machine.wait_for("Cairn error 05: the kernel met CPU exception 06h before it had its own handlers, at FFFFFFFF80400000")
    machine.wait_for_screen("Cairn error 05")
    if key == "keyboard":
        machine.press("a")
    else:
        machine.type(" ")
    machine.wait_exit(timeout=40)  # sooner than without a key
    assert machine.ending() == RESET


def test_that_exception_is_on_port_80h(first_instruction, qemu):
    machine = qemu(*drive(first_instruction(b"\x0f\x0b")), *POST_CODE)
    machine.wait_exit()
    assert machine.status == status_of(5)


@pytest.mark.campaign
def test_nobody_presses_a_key(first_instruction, boot_behind, qemu):
    """A minute at most, and all of them have left."""
    machines = [
        qemu(*drive(first_instruction(b"\x0f\x0b"))),
        boot_behind("NO_NEXT", damage=both_heads),
    ]
    for machine in machines:
        machine.wait_for("Cairn error")
        machine.wait_exit(timeout=90)
        assert machine.ending() == RESET


@pytest.mark.campaign
def test_nobody_presses_a_key_and_the_bios_leaves_interrupts_off(boot_behind):
    """The clock runs all the same."""
    machine = boot_behind("NO_NEXT NEEDS_IF NO_KEYS", damage=both_heads)
    machine.wait_for(STAGE1_ERROR)
    machine.wait_exit(timeout=90)
    assert machine.ending() == RESET
