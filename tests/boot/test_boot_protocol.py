"""What docs/boot-protocol.md says of the machine at a kernel's first instruction."""

import re
import struct

import pytest
from parts import BASE, ET_DYN, ET_EXEC, R, W, X, elf, load
from qemu import command_line, drive

STOP = b"\xf4\xeb\xfd"  # hlt, again and again
READ_PAT = bytes.fromhex("b977020000 0f32 48c1e220 4809d0 4989c0") + STOP  # mov ecx, 277h; rdmsr; r8 = edx:eax
OVERFLOW = b"\x50\xeb\xfd"  # push rax, again and again

DIRECT_MAP = 0xFFFF800000000000
INFO = struct.Struct("<QIIQ QIIQ QIIQ QQQII32s")  # up to the seed
KERNEL = struct.Struct("<8Q")
FRAMEBUFFER = struct.Struct("<QQIII")
TEXT_SCREEN = struct.Struct("<QQHHHH")
KERNEL_AT, FRAMEBUFFER_AT, TEXT_SCREEN_AT = 136, 224, 264
RANGE = struct.Struct("<QQII")
MIB = 1 << 20
PAGE = 4096
SCREEN, SCREEN_SIZE, ENTER_LONG, FAULT_STACKS = 0xB8000, 0x8000, 0x20000, 0x18000
USABLE, ACPI_TABLES, LOADER, KERNEL_TYPE, SMP = 1, 3, 0x1000, 0x1001, 0x1004
RAM = {USABLE, ACPI_TABLES, *range(LOADER, SMP + 1)}

FORBIDDEN_FLAGS = 1 << 8 | 1 << 9 | 1 << 10 | 3 << 12 | 1 << 14 | 1 << 17 | 1 << 18  # TF IF DF IOPL NT VM AC
PG, CD, NW, AM, WP, TS, EM, PE = 1 << 31, 1 << 30, 1 << 29, 1 << 18, 1 << 16, 1 << 3, 1 << 2, 1
MCE, PAE = 1 << 6, 1 << 5
UMIP, SMEP, SMAP = 1 << 11, 1 << 20, 1 << 21
NXE, LMA, LME = 1 << 11, 1 << 10, 1 << 8


class Stopped:
    """A machine that has stopped at its kernel's first instruction."""

    def __init__(self, machine):
        machine.wait_for("Cairn loader: ")
        machine.wait_until_stopped()
        self.machine = machine
        self.said = machine.registers()
        self.address = self.register("RDI")
        info = machine.read_physical(self.address - DIRECT_MAP, 480)
        self.info = INFO.unpack_from(info)
        (self.physical, self.virtual, self.size, self.slide, self.entry, self.stack, self.stack_size, self.root) = (
            KERNEL.unpack_from(info, KERNEL_AT)
        )
        self.framebuffer = FRAMEBUFFER.unpack_from(info, FRAMEBUFFER_AT)
        self.text_screen = TEXT_SCREEN.unpack_from(info, TEXT_SCREEN_AT)
        self.info_base, self.info_size = struct.unpack_from("<2Q", info, 464)
        at, count = self.info[4:6]
        self.map = list(RANGE.iter_unpack(machine.read_physical(at, count * RANGE.size)))

    def register(self, name):
        return int(re.search(rf"\b{name} ?=([0-9a-f]+)", self.said)[1], 16)

    def type_of(self, address):
        return next((kind for base, size, kind, _ in self.map if base <= address < base + size), None)

    def direct_map(self):
        """What should be mapped of RAM, in the form of mapped(): all of it, and boot_info read-only."""
        ranges = []
        for base, size, kind, _ in self.map:
            assert base % PAGE == size % PAGE == 0 < size
            if kind in RAM and ranges and ranges[-1][1] == base:
                ranges[-1] = ranges[-1][0], base + size
            elif kind in RAM:
                ranges.append((base, base + size))
        info = self.info_base, self.info_base + self.info_size
        (around,) = [(start, end) for start, end in ranges if start <= info[0] and info[1] <= end]
        ranges.remove(around)
        ranges += [(around[0], info[0]), (info[1], around[1])]
        pages = [(start, end, True) for start, end in ranges if start < end] + [(*info, False)]
        return [(DIRECT_MAP + start, DIRECT_MAP + end, write) for start, end, write in pages]

    def mapped(self):
        """All that is mapped: (address, end, is writable), neighbours with the same rights in one."""
        found = re.findall(r"^([0-9a-f]{16})-([0-9a-f]{16}) [0-9a-f]{16} (.)r(.)", self.machine.human("info mem"), re.MULTILINE)
        assert all(user == "-" for _, _, user, _ in found)
        return [(int(start, 16), int(end, 16), write == "w") for start, end, _, write in found]


@pytest.fixture
def stopped(image_of, qemu):
    """Starts a kernel that does nothing: two segments, one of code and one of data."""

    def start(*options, base=BASE, movable=False, code=STOP):
        segments = [load(base, code, R | X, physical=2 * MIB), load(base + PAGE, bytes(16), R | W, physical=2 * MIB + PAGE)]
        dynamic = (base + PAGE, 16) if movable else None
        kernel = elf(segments, base, dynamic=dynamic, kind=ET_DYN if movable else ET_EXEC)
        return qemu(*drive(image_of(kernel)), *options)

    return start


@pytest.mark.parametrize(
    ("cpu", "no_execute", "protections"),
    [("max", True, SMEP | SMAP | UMIP), ("qemu64", True, 0), ("qemu64,-nx", False, 0)],
)
def test_registers(stopped, cpu, no_execute, protections):
    at = Stopped(stopped("-cpu", cpu))
    assert at.register("RIP") == at.entry + 1 == BASE + 1  # behind the HLT
    assert at.register("RSP") == at.stack + at.stack_size - 8
    assert at.register("RBP") == 0
    assert at.register("RFL") & FORBIDDEN_FLAGS == 0
    assert at.register("TR") == 0x20 and at.register("CS") == 8 and "CPL=0" in at.said
    for name in ("DS", "ES", "FS", "GS", "SS"):
        assert re.search(rf"^{name} =0010 0{{16}} ", at.said, re.MULTILINE)
    assert at.register("CR0") & (PG | CD | NW | AM | WP | TS | EM | PE) == PG | WP | PE
    assert at.register("CR3") == at.root
    assert at.register("CR4") == PAE | MCE | protections
    assert at.register("EFER") & (NXE | LMA | LME) == LMA | LME | (NXE if no_execute else 0)
    assert "A20=1" in at.said
    for table, size in (("GDT", 6 * 8), ("IDT", 22 * 16)):
        place, limit = re.search(rf"^{table}= +([0-9a-f]+) ([0-9a-f]+)", at.said, re.MULTILINE).groups()
        assert int(place, 16) & -PAGE == ENTER_LONG and int(limit, 16) == size - 1


@pytest.mark.parametrize("movable", [False, True])
@pytest.mark.parametrize("words", ["video=text", "video=800x600"])
def test_what_is_mapped_and_where_it_lies(stopped, words, movable):
    at = Stopped(stopped(*command_line(words), movable=movable))
    wanted = [(FAULT_STACKS, FAULT_STACKS + PAGE, True), (ENTER_LONG, ENTER_LONG + PAGE, False)]
    wanted += [(at.virtual, at.virtual + PAGE, False), (at.virtual + PAGE, at.virtual + 2 * PAGE, True)]
    wanted += [(at.stack, at.stack + at.stack_size, True)]
    if "800" in words:
        base, virtual, width, height, pitch = at.framebuffer
        assert base and (width, height) == (800, 600) and not any(at.text_screen)
        wanted += [(virtual, virtual + -(-pitch * height // PAGE) * PAGE, True)]
    else:
        assert at.text_screen[0] == SCREEN and at.text_screen[2:4] == (80, 25) and not any(at.framebuffer)
        wanted += [(SCREEN, SCREEN + PAGE, True), (at.text_screen[1], at.text_screen[1] + SCREEN_SIZE, True)]
    wanted += at.direct_map()
    assert sorted(at.mapped()) == sorted(wanted)
    # All that the loader places has its type, and lies where 32 bits reach.
    info = at.address - DIRECT_MAP
    assert at.info_base <= info and info + 480 <= at.info_base + at.info_size
    assert at.type_of(0) not in RAM
    assert at.type_of(at.physical) == KERNEL_TYPE and (movable or at.physical == 2 * MIB)
    assert all(at.type_of(place) == LOADER for place in (at.info_base, at.root, ENTER_LONG, FAULT_STACKS, 0x8000))
    assert all(MIB <= place < 1 << 32 for place in (at.physical, at.info_base, at.root))


def test_writes_to_a_framebuffer_are_combined(stopped):
    at = Stopped(stopped(*command_line("video=800x600"), code=READ_PAT))
    assert at.register("R8") == 0x0007_0406_0007_0106


def test_devices(stopped):
    at = Stopped(stopped())
    ports = {port: int(at.machine.human(f"i/b {port:#x}").split("=")[1], 16) for port in (0x3F9, 0x3FA, 0x3FB, 0x3FC)}
    assert ports[0x3F9] == 0 and ports[0x3FB] == 3 and ports[0x3FC] == 3  # no interrupts, 8N1, DTR and RTS
    assert ports[0x3FA] >> 6 == 3  # FIFOs


def test_a_stack_that_runs_over_is_said(stopped):
    stopped(code=OVERFLOW).wait_for(re.compile("^Cairn error 05: the kernel met CPU exception 0Eh .*\n", re.MULTILINE))
