"""What a kernel finds at its first instruction: what the CPU forbids, and all that the loader's page tables map."""

import re
import struct

import pytest
from page_walk import find, walk
from qemu import drive, memory
from somebody import CODE, CONSTANTS, DATA, FIXED, kernel, places

WP, PG = 1 << 16, 1 << 31
UMIP, SMEP, SMAP = 1 << 11, 1 << 20, 1 << 21
NXE = 1 << 11
DIRECT_MAP = 0xFFFF800000000000
DIRECT_MAP_END = 0xFFFFC00000000000
FAULT_STACKS, ENTER_LONG, SCREEN = 0x18000, 0x20000, 0xB8000  # the pages at their own addresses
KERNEL, STACK, INFO = 136, 136 + 40, 464  # struct boot_info
KIB4, MIB2, GIB = 1 << 12, 1 << 21, 1 << 30


class Info:
    """What of boot_info is looked at."""

    def __init__(self, read_physical, address):
        data = read_physical(address - DIRECT_MAP, 480)
        self.physical, self.virtual, _, self.slide = struct.unpack_from("<4Q", data, KERNEL)
        self.stack, self.stack_size, self.page_table = struct.unpack_from("<3Q", data, STACK)
        self.base, self.size = struct.unpack_from("<2Q", data, INFO)
        self.smp_frames, self.black_box = struct.unpack_from("<2Q", data, INFO - 24)


def rights(page):
    return (page.write, page.execute) if page else None


def check_rights(pages, no_execute):
    """For all pages, whatever they are for."""
    assert pages
    for page in pages:
        assert not page.user, page
        assert not (page.write and page.execute) or not no_execute, f"written and executed: {page}"
        assert page.address >= 0x10000, f"a null pointer leads to {page}"


def check_identity(pages):
    low = {page.address: page for page in pages if page.address < 1 << 47}
    assert set(low) == {FAULT_STACKS, ENTER_LONG, SCREEN}
    assert all(page.physical == address and page.size == KIB4 for address, page in low.items())
    assert not low[ENTER_LONG].write and low[ENTER_LONG].execute


def check_stack(pages, info, no_execute):
    assert find(pages, info.stack - 1) is None, "no guard page below the stack"
    for address in range(info.stack, info.stack + info.stack_size, KIB4):
        assert rights(find(pages, address)) == (True, not no_execute)


def check_boot_info(pages, info):
    """Read-only, all of it; and nothing else of RAM is."""
    assert info.base % KIB4 == info.size % KIB4 == 0 and info.size
    written = [page for page in pages if DIRECT_MAP <= page.address < DIRECT_MAP_END and not page.write]
    start = DIRECT_MAP + info.base
    assert min(page.address for page in written) == start
    assert sum(page.size for page in written) == info.size
    assert all(page.address + page.size <= start + info.size for page in written)


def check_image(pages, info, no_execute):
    # The constants of a CPU without NX are executed by nobody, but the CPU would.
    for at, write, execute in ((CODE, False, True), (CONSTANTS, False, False), (DATA, True, False)):
        page = find(pages, info.virtual + at)
        assert page.physical == info.physical + at and page.size == KIB4
        assert rights(page) == (write, execute or not no_execute)
    assert not [p for p in pages if p.execute and p.address not in (ENTER_LONG, info.virtual)] or not no_execute


def check(pages, info, no_execute):
    check_rights(pages, no_execute)
    check_identity(pages)
    check_stack(pages, info, no_execute)
    check_boot_info(pages, info)
    check_image(pages, info, no_execute)


def registers(machine):
    said = machine.registers()
    return {name: int(value, 16) for name, value in re.findall(r"\b(CR0|CR3|CR4|EFER)=([0-9a-f]+)", said)}


@pytest.mark.parametrize(
    ("cpu", "protections", "no_execute", "size", "movable"),
    [
        ("max", SMEP | SMAP | UMIP, True, "128M", True),
        ("max", SMEP | SMAP | UMIP, True, "3G", True),
        ("max,-smap,-umip", SMEP, True, "128M", False),
        ("qemu64", 0, True, "4M", True),
        ("qemu64", 0, True, "3G", True),
        ("qemu64,-nx", 0, False, "128M", True),
    ],
)
def test_the_machine_at_entry(image_of, qemu, cpu, protections, no_execute, size, movable):
    machine = qemu(*drive(image_of(kernel(movable))), "-cpu", cpu, *memory(size), debug_devices=False)
    _, virtual, address = places(machine)
    info = Info(machine.read_physical, address)
    state = registers(machine)
    assert state["CR0"] & WP and state["CR0"] & PG
    assert state["CR4"] & (SMEP | SMAP | UMIP) == protections
    assert bool(state["EFER"] & NXE) == no_execute
    pages = walk(machine.read_physical, state["CR3"])
    assert state["CR3"] == info.page_table and virtual == info.virtual
    check(pages, info, no_execute)
    if not movable:
        assert info.physical == FIXED and info.slide == 0
    sizes = {page.size for page in pages}
    large = MIB2 if size != "4M" else KIB4
    assert max(sizes) == (GIB if size == "3G" and cpu == "max" else large)


def test_the_machine_at_entry_in_bochs(image_of, bochs):
    """Bochs knows SMEP and SMAP, and keeps to the manual where QEMU does not look."""
    machine = bochs(image_of(kernel()), cpu="broadwell_ult")
    _, _, address = places(machine)
    machine.stop()

    def read_physical(place, size):
        dump = machine.ask(f"xp /{size // 4}wx {place:#x}")
        words = re.findall(r"\b0x([0-9a-f]{8})\b", dump)
        assert len(words) == size // 4, dump
        return struct.pack(f"<{size // 4}I", *(int(word, 16) for word in words))

    info = Info(read_physical, address)
    said = machine.ask("creg")
    assert int(re.search(r"CR0=0x([0-9a-f]+)", said)[1], 16) & WP
    assert int(re.search(r"CR4=0x([0-9a-f]+)", said)[1], 16) & (SMEP | SMAP) == SMEP | SMAP
    check(walk(read_physical, info.page_table), info, True)


@pytest.mark.parametrize("base", [0, 0x200000, 0xFFFFFFFF80000000])
@pytest.mark.parametrize("words", ["", "nokaslr"])
def test_a_kernel_that_can_be_moved_is_nowhere_near_null(image_of, qemu, base, words):
    machine = qemu(*drive(image_of(kernel(base=base), words)))
    physical, virtual, _ = places(machine)
    if words:
        assert virtual == (base or MIB2) and physical == 0x110000
    assert virtual >= MIB2 and (virtual - base) % MIB2 == 0 and virtual >> 31 == base >> 31
