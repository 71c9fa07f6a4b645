"""However much memory there is, loader and kernel find all of it. What they said stands in docs/disks.md."""

import pytest
from qemu import drive, memory
from tables import Table
from words import KERNEL_RAM, LAST_LINE, LOADER_ERROR, LOADER_ERROR_MEMORY, LOADER_FOUND, RAW_RANGE

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
PAGE = 4 * KIB
UNITS = {"K": KIB, "M": MIB, "G": GIB}

# Machine: from how much memory on QEMU moves part of it above 4 GiB, and how much then stays below.
SPLIT = {"pc": (3584 * MIB, 3 * GIB), "q35": (2816 * MIB, 2 * GIB)}
# What is no RAM, or not the kernel's: 640 KiB to 1 MiB; up to 256 KiB of SeaBIOS's own at the end of what lies below
# 4 GiB; its data at the end of the lowest 640 KiB.
HOLE, FIRMWARE = 384 * KIB, 256 * KIB

SIZES = [("pc", size) for size in "1M 1792K 2M 3M 4M 8M 16M 64M 1G 2G 3G 3584M 4G 6G".split()]
SIZES += [("q35", size) for size in "3G 4G".split()]
TOO_SMALL = ["1M"]
ALWAYS = ["1M", "1792K", "2M", "16M", "3584M", "4G"]

NAMES = {row: f"{row[0]}, {row[1]}" for row in SIZES}
TABLE = Table("disks.md", "memory", ["machine, memory", "RAM, by the kernel", "of it above 4 GiB", "result"], NAMES.values())


def bytes_of(size):
    return int(size[:-1]) * UNITS[size[-1]]


def usable_ranges(log):
    """What the firmware called usable, by the command `boot`: first and last byte."""
    raw = log[log.index("memory as the firmware gave it") : log.index("and cleaned")]
    return [(int(first, 16), int(last, 16)) for first, last, kind in RAW_RANGE.findall(raw) if kind == "usable"]


def whole_pages(ranges):
    """Bytes of the pages that lie in the ranges, but for page 0, where the BIOS has its data."""
    pages = ((max(first, PAGE) + PAGE - 1) // PAGE * PAGE for first, _ in ranges)
    ends = ((last + 1) // PAGE * PAGE for _, last in ranges)
    return sum(end - start for start, end in zip(pages, ends))


def expect_all_memory(machine, size, log):
    """Nothing of what QEMU gave is missing, nothing was made up. KiB of RAM, and MiB of it above 4 GiB."""
    split, below = SPLIT[machine]
    above = size - below if size >= split else 0
    ranges = usable_ranges(log)
    firmware = sum(last + 1 - first for first, last in ranges)
    assert size - HOLE - FIRMWARE <= firmware <= size - HOLE
    assert sum(last + 1 - first for first, last in ranges if first >= 4 * GIB) == above
    kernel = int(KERNEL_RAM.search(log)[1])
    assert kernel * KIB == whole_pages(ranges)
    loader = int(LOADER_FOUND.search(log)[4])  # the kernel and the loader's own are taken already
    assert kernel // KIB - 2 <= loader <= kernel // KIB
    return kernel, above // MIB


def rows():
    for row, name in NAMES.items():
        yield pytest.param(*row, id=name, marks=[] if row[1] in ALWAYS else [pytest.mark.campaign])


@pytest.mark.table
@pytest.mark.parametrize("machine, size", rows())
def test_memory(qemu, image, machine, size):
    run = qemu("-M", machine, *drive(image), *memory(size))
    name = NAMES[machine, size]
    if size in TOO_SMALL:
        code, words = run.wait_for(LOADER_ERROR).groups()
        assert code in LOADER_ERROR_MEMORY
        TABLE.check(name, "-", "-", f"error {code}: {words.partition(' (')[0]}")  # the sizes change with the kernel
        return
    run.wait_for(LAST_LINE)
    run.type("boot\r")
    run.wait_for("the loader said:\n")
    kernel, above = expect_all_memory(machine, bytes_of(size), run.log())
    TABLE.check(name, f"{kernel} KiB", f"{above} MiB" if above else "-", "boots")


def test_table_has_these_sizes():
    TABLE.check_names()
