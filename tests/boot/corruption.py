"""Damage to an image, byte by byte: what there is to damage, how, and what becomes of the machine (docs/damage.md).

As a program it starts the machine once with each damage of the regions that are named, and prints what became of them:

    python3 tests/boot/corruption.py BUILD [REGION...]      regions: stage1, header, stage2, kernel; all if none is named
    python3 tests/boot/corruption.py BUILD --list           stage1, and writes tests/data/stage1_bytes anew
"""

import os
import queue
import re
import sys
import tempfile
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from image import BLOCK, SECTOR, Image
from outcome import BAD, KINDS, Judge
from rig import Rig

LIST = Path(__file__).resolve().parents[1] / "data" / "stage1_bytes"
LIST_MAX = 250


@dataclass(frozen=True)
class Damage:
    region: str
    offset: int  # in the image
    value: int  # of the byte


@dataclass
class Outcome:
    damage: Damage
    kind: str  # of KINDS
    log: str


# ---- what there is to damage ----


def damages(image):
    """All damage of the campaign, by region."""
    head = image.stage2_head(0).start
    kernel = image.kernel(0)
    return {
        "stage1": every_value(image, "stage1", range(SECTOR)),
        "header": every_value(image, "header", range(image.header(0).start, image.header(0).end)),
        "stage2": one_bit(image, "stage2", range(head, head + image.stage2_size, 64)),
        "kernel": one_bit(image, "kernel", range(kernel.start + 100, kernel.end, BLOCK)),
    }


def flipped(image, offset):
    """The byte with one bit turned over; which one depends on where it is."""
    return image.bytes[offset] ^ 1 << offset % 8


def every_value(image, region, offsets):
    """Each byte as 00, as FF, and with one bit turned over."""
    return [
        Damage(region, offset, value)
        for offset in offsets
        for value in sorted({0x00, 0xFF, flipped(image, offset)} - {image.bytes[offset]})
    ]


def one_bit(image, region, offsets):
    return [Damage(region, offset, flipped(image, offset)) for offset in offsets]


# ---- what becomes of it ----


def start_each(image, wanted, jobs=None, tell=None):
    """Starts the machine once with each damage. The outcomes, in no order."""
    left, outcomes, errors = queue.SimpleQueue(), [], []
    for damage in wanted:
        left.put(damage)

    def work(directory):
        rig = Rig(directory, image.bytes, image.size)
        try:
            judge = Judge(rig.start({}))
            while not errors:
                damage = left.get_nowait()
                start = rig.start({damage.offset: bytes([damage.value])})
                outcomes.append(Outcome(damage, judge.kind(start), start.log))
                if tell:
                    tell(outcomes)
        except queue.Empty:
            pass
        except BaseException as error:
            errors.append(error)
        finally:
            rig.close()

    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=memory) as scratch:
        workers = []
        for number in range(jobs or os.cpu_count()):
            directory = Path(scratch) / str(number)
            directory.mkdir()
            workers.append(threading.Thread(target=work, args=(directory,)))
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    if errors:
        raise errors[0]
    return outcomes


# ---- the bytes of stage 1 that nobody can check ----


def stage1_names(listing):
    """What each byte of stage 1 is, from NASM's listing: "call try_disk, byte 2 of 3", and which of several such lines."""
    lines, at_number = [], {}
    for line in Path(listing).read_text().splitlines():
        found = re.match(r" *(\d+) ([0-9A-F]{8}) ([0-9A-F\[\]()]+)(-?)(?: <rep|\s|$)\s*(.*)", line)
        if not found or "<rep" in line:
            continue
        number, address, data, _, source = found.groups()
        size = len(re.sub("[^0-9A-F]", "", data)) // 2
        if number in at_number:
            at_number[number][1] += size
            continue
        lines.append([int(address, 16), size, " ".join(source.split(";")[0].split())])
        at_number[number] = lines[-1]
    names, seen = {}, Counter()
    for address, size, source in lines:
        seen[source] += 1
        which = f" ({seen[source]})" if seen[source] > 1 else ""
        for byte in range(size):
            names[address + byte] = f"{source}{which}, byte {byte + 1} of {size}"
    return names


def name_of(names, offset):
    return names.get(offset, f"{offset:03x}h")


def read_list():
    lines = (line.split("#")[0].strip() for line in LIST.read_text().splitlines())
    return {line.split(maxsplit=1)[1] for line in lines if line}


def write_list(names, offsets):
    lines = [f"{offset:03x}h  {name_of(names, offset)}\n" for offset in sorted(offsets)]
    LIST.write_text(
        "# Bytes of stage 1 that run before any check can: damaged, they may end in silence, a hang or a reset.\n"
        "# Offset, and what the byte is: that is what counts, the offset is for reading. Made by\n"
        "#     python3 tests/boot/corruption.py BUILD --list\n" + "".join(lines)
    )


# ---- a table ----


def table(outcomes):
    """How many starts of each region ended how, as Markdown."""
    regions = list(dict.fromkeys(outcome.damage.region for outcome in outcomes))
    count = Counter((outcome.damage.region, outcome.kind) for outcome in outcomes)
    kinds = [kind for kind in KINDS if any(count[region, kind] for region in regions)]
    lines = [f"| region | starts | {' | '.join(kinds)} |", "| --- " * (len(kinds) + 2) + "|"]
    for region in regions:
        cells = [count[region, kind] for kind in kinds]
        lines.append(f"| {region} | {sum(cells)} | {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def main():
    build, *words = sys.argv[1:]
    image = Image(Path(build) / "cairn.img")
    everything = damages(image)
    regions = ["stage1"] if words == ["--list"] else words or list(everything)
    wanted = [damage for region in regions for damage in everything[region]]

    def tell(outcomes):
        if len(outcomes) % 100 == 0:
            print(f"\r{len(outcomes)} of {len(wanted)}", end="", file=sys.stderr, flush=True)

    outcomes = start_each(image, wanted, tell=tell)
    names = stage1_names(Path(build) / "stage1.lst")
    print(table(outcomes))
    bad = {outcome.damage.offset for outcome in outcomes if outcome.kind in BAD and outcome.damage.region == "stage1"}
    if words == ["--list"]:
        write_list(names, bad)
    for outcome in sorted(outcomes, key=lambda outcome: outcome.damage.offset):
        if outcome.kind in BAD:
            damage = outcome.damage
            print(f"{damage.region} {damage.offset:#x} = {damage.value:02x}: {outcome.kind}; {name_of(names, damage.offset)}")


if __name__ == "__main__":
    main()
