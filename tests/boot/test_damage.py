"""A damaged image: the second copy of whatever is broken is used and named; with both broken, a code and words."""

import random
import re
import subprocess
from itertools import chain

import pytest
from image import SECTOR, Image
from qemu import drive
from words import LAST_LINE, LOADER_ERROR, SECOND_COPY, STAGE1_CHECKSUM, STAGE1_ERROR, STAGE1_READ, any_end

PARTS = {
    "header": Image.header,
    "head": Image.stage2_head,
    "rest": Image.stage2_rest,
    "kernel-table": Image.kernel_table,
    "kernel-first-segment": lambda image, slot: image.kernel_segments(slot)[0],
    "kernel-last-segment": lambda image, slot: image.kernel_segments(slot)[-1],
}
WHERE = ["first", "middle", "last"]
A, B = 0, 1


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("part", PARTS)
def test_one_flipped_bit(boot_copy, part, where):
    machine = boot_copy(lambda image: image.flip(PARTS[part](image, A).offset(where)))
    machine.wait_for(SECOND_COPY)
    machine.wait_for(LAST_LINE)


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("part", PARTS)
def test_the_same_bit_in_both_copies(boot_copy, part, where):
    def change(image):
        for slot in (A, B):
            image.flip(PARTS[part](image, slot).offset(where))

    machine = boot_copy(change)
    if part == "head":
        assert machine.wait_for(STAGE1_ERROR)[1] == STAGE1_CHECKSUM
    else:
        machine.wait_for(LOADER_ERROR)


@pytest.mark.parametrize("part", PARTS)
def test_nothing_is_damaged(boot_copy, part):
    """The same bit in copy B alone harms nobody: copy A is the one in use."""
    machine = boot_copy(lambda image: image.flip(PARTS[part](image, B).offset("middle")))
    machine.wait_for(LAST_LINE)
    assert not SECOND_COPY.search(machine.log())


def unreadable(path, sectors, *, times=None):
    """The option for a disk on which reads of these sectors fail: so many times each, or always."""
    errors = {}
    for number, sector in enumerate(sector for sector in sectors for _ in range(times or 1)):
        error = f"file.inject-error.{number}"
        errors[f"{error}.event"] = "read_aio"
        errors[f"{error}.sector"] = sector
        errors[f"{error}.once"] = "on" if times else "off"
    properties = {
        "driver": "raw", "file.driver": "blkdebug", "file.image.driver": "file", "file.image.filename": path,
        **errors, "if": "ide", "rerror": "report",
    }  # fmt: skip
    return ["-drive", ",".join(f"{key}={value}" for key, value in properties.items())]


@pytest.mark.parametrize("part", PARTS)
def test_unreadable_sector(qemu, image, part):
    sector = PARTS[part](Image(image), A).offset("middle") // SECTOR
    machine = qemu(*unreadable(image, [sector]))
    machine.wait_for(SECOND_COPY)
    machine.wait_for(LAST_LINE)


def test_an_unreadable_configuration_is_named(qemu, image):
    """The second copy stands in for the first; without both, something is started all the same, and the kernel's log
    has it among the warnings."""
    lbas = [copy.start // SECTOR for copy in Image(image).configs()]
    named = [f"Configuration copy {name} at LBA {lba}: cannot be read (INT 13h status 0c)\n" for name, lba in zip("AB", lbas)]
    machine = qemu(*unreadable(image, lbas[:1]))
    machine.wait_for(f"{named[0]}Configuration: taken from copy B\n")
    machine.wait_for(LAST_LINE)
    machine = qemu(*unreadable(image, lbas))
    machine.wait_for("".join(named) + "There is no whole configuration\n")
    said = machine.wait_for(LAST_LINE).end()
    machine.type("log warning\r")
    machine.wait_for(re.compile(r"There is no whole configuration\n.*started, with an empty command line\n"), start=said)


def test_the_unreadable_part_of_a_table_is_named(qemu, build, tmp_path):
    """A table of 10 sectors, the ninth of which is bad."""
    image, module = tmp_path / "module.img", tmp_path / "module"
    module.write_bytes(bytes(5 << 20))
    parts = chain(*((f"--{part}", build / f"{part}.bin") for part in ("stage1", "stage2", "kernel")))
    subprocess.run([build / "mkimage", "-o", image, "--no-data", *parts, "--module", f"m={module}"], check=True)
    lba = Image(image).module_table(0).start // SECTOR + 8
    machine = qemu(*unreadable(image, [lba]))
    machine.wait_for(f"Cairn error 33: m: table at LBA {lba} cannot be read (INT 13h status 0c)\n")


@pytest.mark.parametrize("part", PARTS)
def test_read_that_fails_three_times(qemu, image, part):
    """Firmware that fails now and then is asked again; no second copy is needed for that."""
    sector = PARTS[part](Image(image), A).offset("middle") // SECTOR
    machine = qemu(*unreadable(image, [sector], times=3))
    machine.wait_for(LAST_LINE)
    assert not SECOND_COPY.search(machine.log())
    if part != "head":  # stage 1 keeps no count
        assert "3 disk reads were repeated" in machine.log()


@pytest.mark.parametrize("part", PARTS)
def test_unreadable_in_both_copies(qemu, image, part):
    layout = Image(image)
    machine = qemu(*unreadable(image, [PARTS[part](layout, slot).offset("middle") // SECTOR for slot in (A, B)]))
    if part == "head":
        code, status = machine.wait_for(STAGE1_ERROR).groups()
        assert code == STAGE1_READ and status != "00"
    else:
        machine.wait_for(LOADER_ERROR)


@pytest.mark.parametrize("part", PARTS)
def test_truncated(boot_copy, part):
    """Cut off one sector before the end of a part, the image does not hang: stage 1 or stage 2 says why."""

    def change(image):
        image.size = PARTS[part](image, A).end // SECTOR * SECTOR - SECTOR
        del image.bytes[image.size :]

    boot_copy(change).wait_for(any_end())


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_random_damage(boot_copy, seed):
    """Whatever single bit past the boot sector is wrong, the machine starts or says why."""
    dice = random.Random(seed)
    boot_copy(lambda image: image.flip(dice.randrange(image.header(A).start, len(image.bytes)))).wait_for(any_end())
