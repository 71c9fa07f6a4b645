"""An image that was cut off: whatever is missing, the machine starts without it or says why it cannot."""

import os
import random
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from image import SECTOR, START_LBA, Image
from outcome import BAD, FIRMWARE, REFUSED, Judge
from qemu import drive
from rig import start_once

SEED = int(os.environ["CAIRN_SEED"])
SAMPLE = 20
SPARE_SAMPLE = 4
A, B = 0, 1


def lengths(path):
    """In sectors: the image ends inside header A, stage 2 A, the configuration or the kernel of slot A; or in slot A behind it."""
    image = Image(path)
    needed = (image.kernel(A).end + SECTOR - 1) // SECTOR
    return range(START_LBA, needed), range(needed, image.header(B).start // SECTOR)


def cut_off(path, sectors):
    """How the start of the first sectors of the image ends."""
    with tempfile.NamedTemporaryFile() as copy, Path(path).open("rb") as image:
        copy.write(image.read(sectors * SECTOR))
        copy.flush()
        return sectors, start_once(*drive(copy.name))


def cut_off_at_each(path, wanted):
    judge = Judge(start_once(*drive(path)))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        starts = list(pool.map(lambda sectors: cut_off(path, sectors), wanted))
    kinds = [judge.kind(start) for _, start in starts]
    bad = [
        f"{sectors} sectors: {kind}\n{start.log}"
        for (sectors, start), kind in zip(starts, kinds)
        if kind in BAD or kind == FIRMWARE
    ]
    assert not bad, "\n".join(bad)
    assert REFUSED in kinds


@pytest.mark.parametrize("seed", [SEED])
def test_some_lengths(image, seed):
    dice = random.Random(seed)
    needed, spare = lengths(image)
    cut_off_at_each(image, dice.sample(needed, SAMPLE - SPARE_SAMPLE) + dice.sample(spare, SPARE_SAMPLE))


@pytest.mark.campaign
def test_every_length(image):
    needed, spare = lengths(image)
    cut_off_at_each(image, [*needed, *spare])
