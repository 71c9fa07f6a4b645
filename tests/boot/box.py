"""A black box as a kernel leaves it (kernel/lib/black_box.h), made by somebody else, with anything in it."""

import struct

ADDRESS, SIZE = 1 << 20, 1 << 16
HEAD = struct.Struct("<QIIIIIIQ")  # magic, version, size, number, build, check, reserved, state
MAGIC, VERSION = int.from_bytes(b"CAIRNBOX", "little"), 1
RUNNING, PANIC, FAULT = 1, 4, 5
WORDS, REPORT, RING = 120, 8184, 16384
RING_HEAD = struct.Struct("<IIIIQ")  # oldest, end, last, seed, is it open
LINE = struct.Struct("<QBBI")  # stamp, level, length, check
BASIS, PRIME = 2166136261, 16777619


def fnv(check, numbers):
    for number in numbers:
        check = (check ^ number) * PRIME & 0xFFFFFFFF
    return check


def both(value):
    """The number and its complement."""
    return value | ~value << 32 & 0xFFFFFFFF << 32


def text(seed, content, room):
    return struct.pack("<II", len(content), fnv(seed, content)) + content.ljust(room, b"\0")


def ring(seed, lines):
    """All at level 0, with a clock that goes on by a million."""
    data, last = b"", 0
    for number, line in enumerate(lines):
        last, stamp = len(data), 1_000_000 * (number + 1)
        check = fnv(fnv(seed, (last, 0, stamp, 0)), line)
        data += LINE.pack(stamp, 0, len(line), check) + line
    assert len(data) < RING
    return RING_HEAD.pack(0, len(data), last, seed, 0) + data.ljust(RING, b"\0")


def run(number, state, *, command=b"", task=b"", report=b"", lines=()):
    seed = fnv(BASIS, [number])
    body = text(seed, command, WORDS) + text(seed, task, WORDS) + text(seed, report, REPORT) + ring(seed, lines)
    head = struct.pack("<QIIII", MAGIC, VERSION, HEAD.size + len(body), number, 7)
    return head + struct.pack("<IIQ", fnv(BASIS, head), 0, both(state)) + body


def in_memory(path, run):
    """QEMU's options for a machine that has this run in its memory whenever it starts."""
    path.write_bytes(run.ljust(SIZE, b"\0"))
    return ["-device", f"loader,file={path},addr={ADDRESS:#x},force-raw=on"]
