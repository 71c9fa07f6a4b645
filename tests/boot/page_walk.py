"""All that page tables map, walked through from the outside (Intel SDM volume 3, 4.5)."""

import struct
from typing import NamedTuple

PRESENT, WRITE, USER, LARGE, NO_EXECUTE = 1 << 0, 1 << 1, 1 << 2, 1 << 7, 1 << 63
FRAME = 0x000FFFFFFFFFF000
ENTRIES = 512
TOP = 4


class Page(NamedTuple):
    address: int
    physical: int
    size: int
    write: bool
    execute: bool
    user: bool


def walk(read_physical, root):
    """Every page, in ascending order; read_physical(address, size) is the machine's memory."""

    def table(place, level, start, write, execute, user):
        shift = 3 + 9 * level
        for index, entry in enumerate(struct.unpack(f"<{ENTRIES}Q", read_physical(place, ENTRIES * 8))):
            if not entry & PRESENT:
                continue
            address = start | index << shift
            if level == TOP and index >= ENTRIES // 2:
                address |= 0xFFFF << 48
            rights = (write and bool(entry & WRITE), execute and not entry & NO_EXECUTE, user and bool(entry & USER))
            if level == 1 or entry & LARGE:
                yield Page(address, entry & FRAME & -(1 << shift), 1 << shift, *rights)
            else:
                yield from table(entry & FRAME, level - 1, address, *rights)

    return list(table(root & FRAME, TOP, 0, True, True, True))


def find(pages, address):
    """The page that holds an address, or None."""
    return next((page for page in pages if page.address <= address < page.address + page.size), None)
