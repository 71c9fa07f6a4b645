"""Reads a disk image by include/format/image.h and mbr.h, so that tests know where to break it.

Written from the headers, not from mkimage or the loader: a third opinion about what the bytes mean.
"""

import os
import re
import struct
import subprocess
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SECTOR = 512
BLOCK = 4096
START_LBA = 2048
HEAD_SIZE = 8192
MAGIC = 0x474D494E52494143
CONFIG_MAGIC = 0x46434E43

MBR_PATCH = struct.Struct("<III")  # LBA of the two copies of the head, CRC32C of the head with all bits flipped
MBR_PATCH_OFFSET = 0x28
MBR_PARTITION = struct.Struct("<B3sB3sII")
MBR_PARTITION_OFFSET = 0x1BE

HEADER = struct.Struct("<QIIII2QQQIIQII")
STAGE2 = struct.Struct("<2QII16I")  # LBAs, size, size of the file, CRC32C of each block
FILE = struct.Struct("<32sQQQII32s")
KERNEL = struct.Struct("<QIIQQII")  # what follows the kernel's FILE, before its segments
SEGMENT = struct.Struct("<QQQQQIIII")
SEGMENTS = 8
CONFIG = struct.Struct("<IIII")  # magic, size, CRC32C, 0; the text follows
KERNEL_SIZE = FILE.size + KERNEL.size + SEGMENTS * SEGMENT.size
HEADER_CRC_OFFSET = 16


def crc32c(data, crc=0):
    crc ^= 0xFFFFFFFF
    for byte in data:
        crc = CRC_TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def _crc_entry(byte):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    return byte


@cache
def loaded_of_stage2():
    """How many bytes of stage 2 each start loads: no byte of the image says it, only the linker knows."""
    elf = Path(__file__).resolve().parents[2] / os.environ.get("CAIRN_BUILD", "build") / "stage2.elf"
    symbols = subprocess.run(["nm", elf], capture_output=True, text=True, check=True).stdout
    return HEAD_SIZE + int(re.search(r"^(\w+) . stage2_rest_size$", symbols, re.MULTILINE)[1], 16)


def unpack(block):
    """What an LZ4 block unpacks to, and for each byte of it the place in the block where it comes from."""
    out, places, at = bytearray(), [], 0

    def length(at, value):
        more = 255 if value == 15 else 0
        while more == 255:
            more, at = block[at], at + 1
            value += more
        return at, value

    while True:
        token = block[at]
        at, literals = length(at + 1, token >> 4)
        places += range(at, at + literals)
        out += block[at : at + literals]
        at += literals
        if at == len(block):
            return bytes(out), places
        back = int.from_bytes(block[at : at + 2], "little")
        at, match = length(at + 2, token & 15)
        for _ in range(match + 4):
            out.append(out[-back])
            places.append(places[-back])


CRC_TABLE = [_crc_entry(byte) for byte in range(256)]


@dataclass
class Region:
    """Bytes of the image that mean something."""

    start: int
    size: int

    @property
    def end(self):
        return self.start + self.size

    def offset(self, where):
        """A byte inside: "first", "middle" or "last"."""
        return {"first": self.start, "middle": self.start + self.size // 2, "last": self.end - 1}[where]


class Image:
    """The bytes of an image up to the end of its boot partition; save() leaves the rest of the disk empty."""

    def __init__(self, path):
        path = Path(path)
        self.size = path.stat().st_size
        with path.open("rb") as file:
            mbr = file.read(SECTOR)
            boot = MBR_PARTITION.unpack_from(mbr, MBR_PARTITION_OFFSET)
            self.partition = Region(boot[4] * SECTOR, boot[5] * SECTOR)
            file.seek(0)
            self.bytes = bytearray(file.read(self.partition.end))
        self.head_lba = MBR_PATCH.unpack_from(mbr, MBR_PATCH_OFFSET)[:2]
        header = HEADER.unpack_from(self.bytes, START_LBA * SECTOR)
        assert header[0] == MAGIC, f"{path} has no image header at LBA {START_LBA}"
        self.header_lba = header[5:7]
        self.config = Region(header[11] * SECTOR, header[12] * SECTOR)
        stage2 = STAGE2.unpack_from(self.bytes, START_LBA * SECTOR + HEADER.size)
        self.stage2_lba, self.stage2_size = stage2[:2], stage2[2]

    # ---- where things are; `slot` is 0 for A, 1 for B ----

    def header(self, slot):
        return Region(self.header_lba[slot] * SECTOR, BLOCK)

    def stage2_head(self, slot):
        return Region(self.stage2_lba[slot] * SECTOR, HEAD_SIZE)

    def stage2_rest(self, slot):
        """What each start reads besides the head."""
        end = min(self.stage2_size, loaded_of_stage2())
        return Region(self.stage2_lba[slot] * SECTOR + HEAD_SIZE, end - HEAD_SIZE)

    def stage2_extra(self, slot):
        """What few starts need."""
        start = self.stage2_lba[slot] * SECTOR
        return Region(start + loaded_of_stage2(), self.stage2_size - loaded_of_stage2())

    def configs(self):
        """The copies of the configuration."""
        return [Region(at, BLOCK) for at in range(self.config.start, self.config.end, BLOCK)]

    def _kernel_at(self, slot):
        return START_LBA * SECTOR + HEADER.size + STAGE2.size + slot * KERNEL_SIZE

    def kernel(self, slot):
        """The kernel's file as it is stored."""
        file = FILE.unpack_from(self.bytes, self._kernel_at(slot))
        return Region(file[2] * SECTOR, file[1])

    def kernel_is_packed(self, slot):
        return FILE.unpack_from(self.bytes, self._kernel_at(slot))[5] != 0

    def kernel_file(self, slot):
        """The bytes of the kernel's file, unpacked."""
        region = self.kernel(slot)
        stored = bytes(self.bytes[region.start : region.end])
        return unpack(stored)[0] if self.kernel_is_packed(slot) else stored

    def kernel_byte(self, slot, offsets):
        """Where a byte of the kernel's file stands that is stored for itself alone: the first such of those at these offsets."""
        region = self.kernel(slot)
        if not self.kernel_is_packed(slot):
            return region.start + offsets[0]
        places = unpack(bytes(self.bytes[region.start : region.end]))[1]
        uses = Counter(places)
        return region.start + next(places[offset] for offset in offsets if uses[places[offset]] == 1)

    def kernel_unpacked_size(self, slot):
        """Where the header in use has it."""
        return self._kernel_at(slot) + FILE.size - 32 - 4

    def kernel_table(self, slot):
        """The table with one CRC32C per block of the kernel's file."""
        file = FILE.unpack_from(self.bytes, self._kernel_at(slot))
        return Region(file[3] * SECTOR, (file[1] + BLOCK - 1) // BLOCK * 4)

    def kernel_hash(self, slot):
        """Where the header in use has the SHA-256 of the kernel's file."""
        return self._kernel_at(slot) + FILE.size - 32

    def kernel_segments(self, slot):
        """What is loaded of the kernel's file: one region per segment that has bytes in it; all of it if it is packed."""
        if self.kernel_is_packed(slot):
            return [self.kernel(slot)]
        at = self._kernel_at(slot) + FILE.size
        count = KERNEL.unpack_from(self.bytes, at)[5]
        segments = (SEGMENT.unpack_from(self.bytes, at + KERNEL.size + i * SEGMENT.size) for i in range(count))
        start = self.kernel(slot).start
        return [Region(start + segment[2], segment[3]) for segment in segments if segment[3]]

    def module_table(self, number):
        """The table with one CRC32C per block of a module."""
        file = FILE.unpack_from(self.bytes, self._kernel_at(len(self.header_lba)) + number * FILE.size)
        return Region(file[3] * SECTOR, (file[1] + BLOCK - 1) // BLOCK * 4)

    # ---- changing it ----

    def set_command_line(self, line):
        """Replaces the configuration by one with this command line."""
        self.set_config(f"cmdline={line}\n".encode())

    def set_config(self, text):
        """Replaces the configuration, in both copies, by any text."""
        config = CONFIG.pack(CONFIG_MAGIC, len(text), 0, 0) + text
        config = CONFIG.pack(CONFIG_MAGIC, len(text), crc32c(config), 0) + text
        for copy in self.configs():
            self.bytes[copy.start : copy.end] = config.ljust(BLOCK, b"\0")

    def flip(self, offset, bit=3):
        """Turns one bit over."""
        self.bytes[offset] ^= 1 << bit

    def seal_header(self, slot):
        """Makes the header's own CRC32C right again after a change."""
        region = self.header(slot)
        header = self.bytes[region.start : region.end]
        header[HEADER_CRC_OFFSET : HEADER_CRC_OFFSET + 4] = bytes(4)
        struct.pack_into("<I", self.bytes, region.start + HEADER_CRC_OFFSET, crc32c(header))

    def save(self, path):
        with Path(path).open("wb") as file:
            file.write(self.bytes)
            file.truncate(self.size)
        return path
