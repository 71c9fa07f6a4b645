"""The image damaged byte by byte: the machine starts, takes a second copy or names a code (docs/damage.md).

Each run takes a sample of all damage, the campaign all of it. A sample's seed stands in the name of its test:
CAIRN_SEED=N repeats it.
"""

import os
import random

import pytest
from corruption import (
    LIST_MAX,
    damages,
    name_of,
    read_list,
    stage1_names,
    start_each,
    table,
)
from image import Image
from outcome import BAD, FIRMWARE
from words import LAST_LINE, LOADER_ERROR, SECOND_COPY

SEED = int(os.environ["CAIRN_SEED"])
SAMPLE = {"stage1": 60, "header": 60, "stage2": 40, "kernel": 20}


@pytest.fixture(scope="session")
def everything(image):
    return damages(Image(image))


@pytest.fixture(scope="session")
def names(build):
    return stage1_names(build / "stage1.lst")


def refuse_bad(outcomes, names):
    """Fails when a start ended badly that need not; the bytes of stage 1 that may are those of the list."""
    print(table(outcomes))
    allowed = read_list()
    bad = sorted(
        f"{damage.region}: {damage.value:02x} at {damage.offset:#x} ({name}): {outcome.kind}\n{outcome.log}"
        for outcome in outcomes
        if outcome.kind in BAD
        for damage in [outcome.damage]
        for name in [name_of(names, damage.offset) if damage.region == "stage1" else "covered by a check"]
        if damage.region != "stage1" or name not in allowed
    )
    assert not bad, "\n".join(bad)


def test_list_is_short(names):
    """And each byte of it is there: the list is of this stage 1."""
    listed = read_list()
    assert len(listed) <= LIST_MAX
    gone = listed - set(names.values())
    assert not gone, f"not in boot/stage1.asm any more: {sorted(gone)}; write the list anew (docs/damage.md)"


@pytest.mark.parametrize("seed", [SEED])
@pytest.mark.parametrize("region", SAMPLE)
def test_sample(image, everything, names, region, seed):
    dice = random.Random(f"{seed} {region}")
    refuse_bad(start_each(Image(image), dice.sample(everything[region], SAMPLE[region])), names)


@pytest.mark.campaign
@pytest.mark.parametrize("region", SAMPLE)
def test_everything(image, everything, names, region, build):
    outcomes = start_each(Image(image), everything[region])
    (build / "results").mkdir(exist_ok=True)
    (build / "results" / f"corruption-{region}.md").write_text(table(outcomes) + "\n")
    refuse_bad(outcomes, names)
    if region == "stage1":
        bad = {name_of(names, outcome.damage.offset) for outcome in outcomes if outcome.kind in BAD}
        better = sorted(read_list() - bad)
        assert not better, f"the list can shrink (docs/damage.md): {better}"
    else:
        assert all(outcome.kind != FIRMWARE for outcome in outcomes)


@pytest.mark.parametrize("seed", [SEED])
def test_sample_in_bochs(bochs, image, everything, tmp_path, seed):
    """Damage of three regions at once: each is taken from the second copy. Then the header's second copy goes, too."""
    dice = random.Random(seed)
    copy = Image(image)
    header = dice.choice(everything["header"])
    segment = copy.kernel_segments(0)[0]
    copy.bytes[header.offset] = header.value
    copy.flip(dice.choice(everything["stage2"]).offset)
    copy.flip(dice.randrange(segment.start, segment.end))
    machine = bochs(copy.save(tmp_path / "copy.img"))
    machine.wait_for(LAST_LINE)
    assert len(SECOND_COPY.findall(machine.log())) >= 3
    copy.bytes[header.offset + copy.header(1).start - copy.header(0).start] ^= 1
    assert bochs(copy.save(tmp_path / "copy2.img")).wait_for(LOADER_ERROR)[1] == "11"
