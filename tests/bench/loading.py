#!/usr/bin/env python3
"""How fast the loader loads a module, next to a boot sector that reads the same blocks and does nothing with them.

Both are processor time of the whole QEMU process, of which that of a start that loads nothing is taken off: an image without
the module, and the same boot sector with nothing to read. The starts take turns, so that all see the same host; of each the
least time counts, for what else a host does can only add to it. QEMU's memory is touched beforehand: what the host needs to
give a page for the first time is neither the loader's doing nor the firmware's.
"""

import os
import statistics
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("CAIRN_BUILD", "build")
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests" / "boot"), str(ROOT / "tests" / "bench")]

from boot import IMAGE, cpu_milliseconds  # noqa: E402
from image import FILE, HEADER, KERNEL_SIZE, SECTOR, STAGE2, START_LBA  # noqa: E402
from qemu import drive  # noqa: E402
from words import LAST_LINE  # noqa: E402

ROUNDS = 7
MEBIBYTES = 32
PIECE = 64  # sectors in a call of tests/bench/read.asm
PIECES = MEBIBYTES * 1024 * 1024 // SECTOR // PIECE
PATCH_PIECES, PATCH_LBA = 4, 16  # where read.asm wants them
CODE = 440  # bytes of a boot sector in front of the partition table's

RAM = ["-object", "memory-backend-ram,id=ram,size=128M,prealloc=on", "-machine", "memory-backend=ram"]

NO_INTERFACE = {"if": "none", "id": "d"}
DISKS = {
    "IDE": ({"if": "ide"}, []),
    "virtio-blk": ({"if": "virtio"}, []),
    "AHCI": ({}, ["-M", "q35"]),
    "NVMe": (NO_INTERFACE, ["-device", "nvme,drive=d,serial=1"]),
    "AHCI, -cpu max": ({}, ["-M", "q35", "-cpu", "max"]),
}


def make_image(directory):
    """Our image with a module of bytes that no disk can leave out, and the LBA of its data."""
    module = directory / "module"
    module.write_bytes(os.urandom(MEBIBYTES << 20))
    parts = [BUILD / name for name in ("stage1.bin", "stage2.bin", "kernel.bin")]
    image = directory / "module.img"
    subprocess.run([ROOT / "tools" / "make_image.sh", BUILD / "mkimage", image, *parts, "", f"module={module}"], check=True)
    with image.open("rb") as file:
        file.seek(START_LBA * SECTOR + HEADER.size + STAGE2.size + 2 * KERNEL_SIZE)
        lba = FILE.unpack(file.read(FILE.size))[2]
    return image, lba


def make_reader(directory, image, name, pieces, lba):
    """A copy of the image whose boot sector is read.asm."""
    sector = directory / "read.bin"
    subprocess.run(["nasm", "-f", "bin", "-o", sector, ROOT / "tests" / "bench" / "read.asm"], check=True)
    code = bytearray(sector.read_bytes())
    struct.pack_into("<I", code, PATCH_PIECES, pieces)
    struct.pack_into("<Q", code, PATCH_LBA, lba)
    reader = directory / name
    subprocess.run(["cp", "--sparse=always", image, reader], check=True)
    with reader.open("r+b") as file:
        file.write(code[:CODE])
    return reader


def measure(images, properties, options):
    """Milliseconds of each round, for the module and for only reading its blocks; then by the least times of all."""
    rounds = [
        [cpu_milliseconds([*drive(image, **properties), *options, *RAM], line) for image, line in images]
        for _ in range(ROUNDS)
    ]

    def difference(times):
        return times[0] - times[1], times[2] - times[3]

    return [difference(times) for times in rounds], difference([min(times) for times in zip(*rounds)])


def print_rates(kinds):
    print(
        f"\nLoading a module of {MEBIBYTES} MiB, and only reading its blocks (processor time of QEMU; least of {ROUNDS} in turn;"
        " middle half of the ratios)"
    )
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        image, lba = make_image(directory)
        images = [
            (image, LAST_LINE),
            (IMAGE, LAST_LINE),
            (make_reader(directory, image, "read.img", PIECES, lba), "D"),
            (make_reader(directory, image, "none.img", 0, lba), "D"),
        ]
        for kind in kinds:
            rounds, (loader, bare) = measure(images, *DISKS[kind])
            low, _, high = statistics.quantiles([100 * bare / loader for loader, bare in rounds])
            print(
                f"{kind}: {MEBIBYTES * 1000 / loader:.1f} MiB/s, reading alone {MEBIBYTES * 1000 / bare:.1f} MiB/s: "
                f"{100 * bare / loader:.0f} % ({low:.0f} to {high:.0f})",
                flush=True,
            )


if __name__ == "__main__":
    print_rates(sys.argv[1:] or DISKS)
