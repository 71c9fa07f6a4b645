"""The ends of a boot that cannot go on: each is said everywhere, waits for a key, and then leaves; nothing hangs."""

import re
import struct
import time

import pytest
from conftest import built
from gdb import Gdb, symbols
from parts import BASE, EHDR, ET_EXEC, PHDR, PHYSICAL, PT_DYNAMIC, PT_NULL, VIRTUAL
from qemu import RESET, TIMEOUT, command_line, drive
from words import STAGE1_ERROR

A, B = 0, 1
TICKS, MIDNIGHT = 0x46C, 0x1800B0  # the BIOS's clock, and where it begins anew
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


def before_the_error(boot_copy, build, tmp_path):
    """A machine that stands where stage 2 is about to say an error, its gdb, and stage 2's symbols."""
    gdb = Gdb(tmp_path, TIMEOUT)
    machine = boot_copy(both_headers, *gdb.options(), "-net", "none")
    gdb.accept()
    at = symbols(built(build / "stage2.elf"))
    gdb.run_to(at["boot_fail"])
    return gdb, machine, at


def test_what_was_typed_before_the_message_does_not_count(boot_copy, build, tmp_path):
    gdb, machine, at = before_the_error(boot_copy, build, tmp_path)
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


def test_what_the_bios_says_next_stands_below(boot_copy):
    machine = boot_copy(both_headers, "-net", "none")
    machine.wait_for("next boot device.\n")
    machine.type(" ")
    screen = str(machine.wait_for_screen("No bootable device"))
    assert screen.index("Cairn error 11: no whole image header on this disk\n") < screen.index("Booting from")


def test_midnight_does_not_end_the_wait(boot_copy, build, tmp_path):
    gdb, machine, at = before_the_error(boot_copy, build, tmp_path)
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


@pytest.mark.parametrize("key", ["keyboard", "serial"])
def test_an_exception_before_the_kernels_handlers(first_instruction, qemu, key):
    machine = qemu(*drive(first_instruction(b"\x0f\x0b")))
    machine.wait_for("Cairn error 05: the kernel met CPU exception 06h before it had its own handlers, at FFFFFFFF80400000")
    screen = str(machine.wait_for_screen("Cairn error 05")).split("\n")
    assert screen[0].startswith("Cairn loader: ") and screen[1].startswith("Cairn error 05: ")
    if key == "keyboard":
        machine.press("a")
    else:
        machine.type(" ")
    machine.wait_exit(timeout=40)  # sooner than without a key
    assert machine.ending() == RESET


def test_interrupts_before_the_kernels_handlers(first_instruction, qemu):
    """The timer's vector is that of an exception with an error code, and has none: sti; jmp $."""
    machine = qemu(*drive(first_instruction(b"\xfb\xeb\xfe")))
    machine.wait_for(f"Cairn error 05: the kernel met CPU exception 08h before it had its own handlers, at {VIRTUAL + 1:016X}")


@pytest.mark.parametrize("mode", ["1024x768x32", "640x480x24", "800x600x16"])
def test_that_exception_is_on_a_graphics_screen(first_instruction, qemu, mode):
    machine = qemu(*drive(first_instruction(b"\x0f\x0b")), *command_line(f"video={mode}"))
    said = machine.wait_for(re.compile(f"Cairn error 05: .*{VIRTUAL:016X}. A key restarts the machine."))[0]
    picture = machine.wait_for_picture("Cairn error 05")
    columns = int(mode.split("x")[0]) // 8
    assert "".join(line.ljust(columns) for line in picture.lines()).rstrip() == said
    assert picture.character(0, 0) == ("C", b"\xff\xff\xff", b"\xff\0\0")


STACKS = {
    "none": b"\x31\xe4",  # xor esp, esp
    "no canonical address": b"\x48\xbc" + struct.pack("<Q", 0xDEAD << 48),  # mov rsp, ...
    "read-only": b"\x48\xbc" + struct.pack("<Q", VIRTUAL + 0x800),
}
FAULTS = {"06": b"\x0f\x0b", "0E": b"\xa1" + bytes(8)}  # ud2; mov eax, [0]


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("vector", FAULTS)
def test_the_same_on_a_stack_that_is_of_no_use(first_instruction, qemu, stack, vector):
    code = STACKS[stack] + b"\xfd"  # std
    machine = qemu(*drive(first_instruction(code + FAULTS[vector])))
    at = VIRTUAL + len(code)
    machine.wait_for(f"Cairn error 05: the kernel met CPU exception {vector}h before it had its own handlers, at {at:016X}")
    machine.press("a")
    machine.wait_exit()
    assert machine.ending() == RESET


def test_the_same_in_bochs(first_instruction, bochs):
    code = STACKS["no canonical address"]
    machine = bochs(first_instruction(code + FAULTS["0E"]))
    machine.wait_for(f"CPU exception 0Eh before it had its own handlers, at {VIRTUAL + len(code):016X}")


# mov rax, cr0; btr rax, 16; mov cr0, rax; mov dword [20020h], 12345000h: where the loader's page has its screen; ud2
LOSE_THE_SCREEN = bytes.fromhex("0f20c0 480fbaf010 0f22c0 c7042520000200 00503412 0f0b")


def test_an_exception_while_one_is_said_is_the_end(first_instruction, qemu):
    machine = qemu(*drive(first_instruction(LOSE_THE_SCREEN)))
    machine.wait_exit()
    assert machine.ending() == RESET
    assert "Cairn error" not in machine.log()  # not the reset a minute later


def misplaced(kernel, base):
    """This kernel, as if it were linked for `base` and needed no relocation."""
    kernel = bytearray(kernel)
    header = list(EHDR.unpack_from(kernel))
    entry, table, count = header[4], header[5], header[10]
    for at in range(table, table + count * PHDR.size, PHDR.size):
        kind, flags, offset, virtual, _, *sizes = PHDR.unpack_from(kernel, at)
        place = virtual - BASE
        PHDR.pack_into(kernel, at, PT_NULL if kind == PT_DYNAMIC else kind, flags, offset, base + place, PHYSICAL + place, *sizes)
    header[1], header[4] = ET_EXEC, entry - BASE + base
    EHDR.pack_into(kernel, 0, *header)
    return bytes(kernel)


@pytest.mark.parametrize("base", [0x400000, 0x8000000000])
def test_a_kernel_where_it_was_not_linked_to_be(build, image_of, qemu, base):
    """Ours drops the loader's half of the addresses, and knows where it is by pointers that nobody has put right."""
    machine = qemu(*drive(image_of(misplaced(built(build / "kernel.bin").read_bytes(), base))))
    machine.wait_for(re.compile(f"Cairn error 05: the kernel met CPU exception 06h .* at {base >> 24:010X}[0-9A-F]{{6}}"))


SAY_A_LETTER_AND_WAIT = b"\x66\xba\xf8\x03\xb0a\xee\xeb\xfe"  # mov dx, 3F8h; mov al, 'a'; out dx, al; jmp $
UNCORRECTED = 0xB200000000000000


def test_a_machine_check_before_the_kernels_handlers(first_instruction, qemu):
    machine = qemu(*drive(first_instruction(STACKS["none"] + SAY_A_LETTER_AND_WAIT)))
    machine.wait_for("\na")
    machine.provoke("human-monitor-command", **{"command-line": f"mce 0 1 {UNCORRECTED:#x} 4 0 0"})
    machine.wait_for("Cairn error 05: the kernel met CPU exception 12h")


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
