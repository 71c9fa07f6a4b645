#!/usr/bin/env python3
"""lines.py ELF OUT [NM]: writes the module `lines` of a kernel (include/format/line_table.h): source lines for its reports."""

import struct
import sys
from pathlib import Path

from kernel_elf import KernelElf

MAGIC = b"LINS"


def number(value):
    """LEB128."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def zigzag(value):
    return 2 * value if value >= 0 else -2 * value - 1


def table(kernel):
    names = {}
    runs = bytearray()
    last = (0, 0, 0)  # offset, line, file
    places = kernel.lines(range(kernel.start, kernel.text_end))
    for offset, place in enumerate(places):
        if offset > 0 and place == places[offset - 1]:
            continue
        name, line = place or (None, 0)
        file = names.setdefault(name, len(names)) if name else last[2]
        changed = file != last[2]
        runs += number(offset - last[0]) + number(zigzag(line - last[1]) << 1 | changed)
        if changed:
            runs += number(file)
        last = (offset, line, file)
    text = b"".join(name.encode() + b"\0" for name in names) or b"\0"
    return struct.pack("<4sIII", MAGIC, kernel.build, len(runs), len(text)) + runs + text


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    Path(sys.argv[2]).write_bytes(table(KernelElf(Path(sys.argv[1]), *sys.argv[3:])))


if __name__ == "__main__":
    main()
