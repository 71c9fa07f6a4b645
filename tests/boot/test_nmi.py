"""Non-maskable interrupts while the loader runs: they are counted, wherever they come, and the boot goes on.

What the BIOS does with one that comes in a call of its own is its own business (SeaBIOS does not survive each), so they are
injected at chosen instructions of ours, by gdb's protocol, and not at any time.
"""

import random
import struct

import pytest
from gdb import Gdb, symbols
from parts import VIRTUAL
from qemu import TIMEOUT, command_line, drive
from words import LAST_LINE

NOTES_NMIS = 300  # boot/stage2/enter_long.asm
BOOT_INFO = 0x20010  # where the page that enters long mode has its address
KERNEL_ENTRY = 60  # instructions of the kernel


class Injector:
    """A machine stopped at its first instruction."""

    def __init__(self, qemu, directory, image, *options):
        self.gdb = Gdb(directory, TIMEOUT)
        self.machine = qemu(*drive(image), *command_line("nokaslr"), *options, *self.gdb.options())
        self.gdb.accept()

    def word(self, address):
        return struct.unpack("<H", self.machine.read_physical(address, 2))[0]

    def here(self):
        """One NMI before the next instruction; the machine stops there again."""
        at = self.gdb.instruction()
        self.machine.provoke("inject-nmi")
        self.gdb.run_to(at)

    def each(self, count):
        """One before each of the next `count` instructions."""
        for _ in range(count):
            self.here()
            self.gdb.step()

    def until(self, end):
        """One before each instruction from here to `end`. How many."""
        count = 0
        while self.gdb.instruction() != end:
            self.each(1)
            count += 1
            assert count < 2000, "this way never comes there"
        return count


@pytest.fixture
def injector(qemu, tmp_path):
    made = []

    def start(*arguments):
        made.append(Injector(qemu, tmp_path, *arguments))
        return made[-1]

    yield start
    for each in made:
        each.gdb.close()


@pytest.mark.parametrize("cpu", ["max", "qemu64"])
def test_at_every_instruction_of_every_change_of_mode(build, image, injector, cpu):
    at = symbols(build / "stage2.elf")
    nmi = injector(image, "-cpu", cpu)
    gdb = nmi.gdb

    gdb.run_to(at["stage2_entry"])
    nmi.until(at["enter_protected"])
    assert nmi.word(at["nmi_count"]) == 5  # until the table is loaded the BIOS gets them
    nmi.each(9)  # on, each clears four more bytes
    gdb.run_to(at["head_main"])
    gdb.run_to(at["exceptions_init"])
    before = nmi.word(at["nmi_count"])
    assert nmi.until(at["console_init"]) == nmi.word(at["nmi_count"]) - before

    for function in ("disk_open", "disk_read", "memory_detect"):
        gdb.run_to(at[function])
        gdb.run_to(at["bios_call"])
        before = nmi.word(at["nmi_count"])
        assert nmi.until(at["bios_call.real"]) == nmi.word(at["nmi_count"]) - before
        nmi.until(at["bios_call.called"])  # from here on it is the BIOS's table again
        gdb.run_to(at["bios_call.back"])
        nmi.until(at["bios_call.protected32"])
        before = nmi.word(at["nmi_count"])
        assert nmi.until(at["bios_call.done"]) == nmi.word(at["nmi_count"]) - before

    gdb.run_to(at["enter_long"])
    counter = struct.unpack("<I", nmi.machine.read_physical(BOOT_INFO, 4))[0] + NOTES_NMIS
    total = nmi.word(at["nmi_count"]) + nmi.until(at["enter_kernel"])
    assert nmi.word(counter) == total
    nmi.each(KERNEL_ENTRY)
    gdb.run_to(symbols(build / "kernel.elf")["descriptors_start_cpu"])
    total += KERNEL_ENTRY
    while nmi.word(counter) == total:  # until the kernel has a table of its own
        nmi.each(1)
        total += 1
    gdb.go()
    nmi.machine.wait_for(f"Loader: {total - 1} non-maskable interrupts came and were counted.\n")
    nmi.machine.wait_for(LAST_LINE)


@pytest.mark.parametrize("seed", range(3))
def test_in_functions_of_the_loader(build, image, injector, seed):
    """Where C runs, one can come at any time: at the beginning of functions that a boot calls, in some order."""
    dice = random.Random(seed)
    at = symbols(build / "stage2.elf")
    places = ["crc32c", "image_header_check", "memory_map_clean", "memory_map_find", "memcpy", "elf64_relocate", "page_tables_map"]
    nmi = injector(image)
    count = 0
    for name in places:
        nmi.gdb.run_to(at[name])
        for _ in range(dice.randrange(30)):
            nmi.gdb.step()
        nmi.here()
        count += 1
    nmi.gdb.go()
    nmi.machine.wait_for(f"Loader: {count} non-maskable interrupts came and were counted.\n")
    nmi.machine.wait_for(LAST_LINE)


def test_while_an_exception_is_said(build, first_instruction, injector):
    """They have a stack of their own: the exception's holds the address that is yet to be said, and the way back."""
    at = symbols(build / "stage2.elf")
    nmi = injector(first_instruction(b"\x0f\x0b"))
    nmi.gdb.run_to(at["enter_kernel"])
    counter = struct.unpack("<I", nmi.machine.read_physical(BOOT_INFO, 4))[0] + NOTES_NMIS
    nmi.gdb.run_to(at["exception"])
    nmi.each(5)
    nmi.gdb.run_to(at["put_byte"])
    assert nmi.until(at["put_byte.busy"]) + 5 == nmi.word(counter)
    nmi.gdb.go()
    nmi.machine.wait_for(f"Cairn error 05: the kernel met CPU exception 06h before it had its own handlers, at {VIRTUAL:016X}")
