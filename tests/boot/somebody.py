"""A kernel of somebody else's that tells where it is (kernels/places.asm)."""

import re
import subprocess
import tempfile
from pathlib import Path

from parts import BASE, ET_DYN, ET_EXEC, R, W, X, elf, load

SOURCE = Path(__file__).parent / "kernels" / "places.asm"
PLACES = re.compile(r"^([0-9a-f]{16}) ([0-9a-f]{16}) ([0-9a-f]{16}) \n", re.MULTILINE)
CODE, CONSTANTS, DATA = 0, 0x1000, 0x2000  # its segments, a page each
FIXED = 0x400000  # where it lies in memory if it cannot be moved


def assemble():
    with tempfile.NamedTemporaryFile() as file:
        subprocess.run(["nasm", "-f", "bin", "-o", file.name, SOURCE], check=True)
        return Path(file.name).read_bytes()


def kernel(movable=True, base=BASE):
    """The ELF file of it."""
    contents = ((CODE, assemble(), R | X), (CONSTANTS, b"constants", R), (DATA, bytes(16), R | W))
    segments = [load(base + at, data, flags, physical=FIXED + at) for at, data, flags in contents]
    dynamic = (base + DATA, 16) if movable else None  # nothing but its end: nothing is to be relocated
    return elf(segments, base, dynamic=dynamic, kind=ET_DYN if movable else ET_EXEC)


def places(machine):
    """Where it is in memory, where in addresses, and where it was told to find boot_info."""
    return [int(place, 16) for place in machine.wait_for(PLACES).groups()]
