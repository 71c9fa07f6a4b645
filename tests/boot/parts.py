"""Parts of an image made by hand: a boot sector, a stage 2 and kernels that are right, or wrong in one way."""

import struct

EHDR = struct.Struct("<16sHHIQQQIHHHHHH")
PHDR = struct.Struct("<IIQQQQQQ")
ET_EXEC, ET_DYN = 2, 3
PT_NULL, PT_LOAD, PT_DYNAMIC, PT_INTERP = 0, 1, 2, 3
X, W, R = 1, 2, 4
DT_RELA, DT_RELASZ, DT_RELAENT = 7, 8, 9
R_X86_64_64, R_X86_64_RELATIVE = 1, 8
BASE = 0xFFFFFFFF80000000
VIRTUAL, PHYSICAL = 0xFFFFFFFF80400000, 0x400000
STAGE2_MAGIC = b"CNS2"


def stage1():
    sector = bytearray(b"\xeb\x58\x90" + b"Cairn test sector")
    return bytes(sector.ljust(510, b"\0") + b"\x55\xaa")


def stage2(size=20000):
    """Not a multiple of a block, so that padding shows."""
    return (bytes(8) + STAGE2_MAGIC + bytes(12)).ljust(size, b"\xf4")


def load(address, data, flags, *, memory=None, physical=None):
    return (PT_LOAD, flags, address, address if physical is None else physical, data, memory or len(data))


def elf(segments, entry, *, dynamic=None, kind=ET_DYN, machine=62, magic=b"\x7fELF", more=()):
    """An ELF file: `segments` as load() makes them, `dynamic` an (address, size), `more` further raw program headers."""
    count = len(segments) + len(more) + (dynamic is not None)
    place = -(-(EHDR.size + count * PHDR.size) // 4096) * 4096
    headers, contents = b"", b""
    for type_, flags, address, physical, data, memory in segments:
        offset = place + len(contents)
        headers += PHDR.pack(type_, flags, offset, address, physical, len(data), memory, 4096)
        contents += data.ljust(-(-len(data) // 4096) * 4096, b"\0")
    if dynamic:
        headers += PHDR.pack(PT_DYNAMIC, R | W, 0, dynamic[0], dynamic[0], dynamic[1], dynamic[1], 8)
    headers += b"".join(more)
    ident = magic + bytes([2, 1, 1]) + bytes(9)
    header = EHDR.pack(ident, kind, machine, 1, entry, EHDR.size, 0, 0, EHDR.size, PHDR.size, count, 0, 0, 0)
    return (header + headers).ljust(place, b"\0") + contents


def kernel(*, relocation=R_X86_64_RELATIVE):
    """Relocatable: code, a relocation table, and data with a dynamic section and a larger memory than file."""
    table, data = BASE + 0x3000, BASE + 0x4000
    rela = struct.pack("<QQq", data + 0x100, relocation, 0x1234)
    dynamic = struct.pack("<8Q", DT_RELA, table, DT_RELASZ, len(rela), DT_RELAENT, 24, 0, 0)
    return elf(
        [
            load(BASE, bytes(range(256)) * 37, R | X),
            load(table, rela, R),
            load(data, dynamic.ljust(5000, b"d"), R | W, memory=70000),
        ],
        BASE + 0x10,
        dynamic=(data, len(dynamic)),
    )


def machine_code(code):
    """A kernel that begins with these bytes at VIRTUAL."""
    return elf([load(VIRTUAL, code, R | X, physical=PHYSICAL)], VIRTUAL, kind=ET_EXEC)


def fixed_kernel():
    return elf(
        [load(BASE, b"\xf4" * 100, R | X, physical=0x100000), load(BASE + 0x1000, b"data", R | W, physical=0x101000)],
        BASE,
        kind=ET_EXEC,
    )
