"""Second copies: whatever comes from one is said, in yellow, and is found again in the kernel's log; or there is none."""

import os
import re

import pytest
from image import SECTOR, Image
from qemu import drive
from words import LAST_LINE, LOADER_ERROR, PROMPT

A, B = 0, 1


def ask(machine, command):
    """What the monitor answers."""
    start = len(machine.log())
    machine.type(f"{command}\r")
    machine.wait_for(re.compile(rf"\n{PROMPT}$"), start=start)
    return machine.log()[start:]


def test_every_part_from_its_second_copy(boot_copy):
    """Damage in all parts at once: one note for each, which `log` and `boot` show, and warnings of the kernel."""

    def change(image):
        image.flip(image.stage2_head(A).offset("middle"))
        image.flip(image.header(A).offset("middle"))
        image.flip(image.stage2_rest(A).offset("middle"))
        image.flip(image.stage2_rest(B).offset("last"))  # of stage 2 the copy that stage 1 took is B
        image.flip(image.kernel_table(A).offset("first"))
        image.flip(image.kernel_segments(A)[0].offset("first"))
        image.flip(image.kernel_segments(A)[-1].offset("last"))

    machine = boot_copy(change)
    machine.wait_for(LAST_LINE)
    notes, kernel = machine.log().split("Cairn loader: ")
    expected = [
        "Stage 1 met error 02",
        "Stage 2's head: taken from copy B",
        "Image header copy A at LBA 2048: damaged",
        "Image header: taken from copy B",
        "Stage 2: block",
        "kernel: table at LBA",
        "kernel: block 0 at LBA",
        "kernel: block",
    ]
    assert len(notes.splitlines()) == len(expected)
    for words, line in zip(expected, notes.splitlines()):
        assert line.startswith(words)
    said = {command: ask(machine, command) for command in ("log", "boot")}
    for line in notes.splitlines():
        for answer in said.values():
            assert line in answer
    for warning in (
        "Loader: stage 2's head is damaged in copy A, this is copy B.\n",
        "Loader: the image header is damaged in copy A, this is copy B.\n",
        "Loader: 5 blocks were damaged on disk, 3 came from the other slot.\n",
    ):
        assert warning in kernel


def test_one_of_a_thing_is_not_called_several(boot_copy):
    machine = boot_copy(lambda image: image.flip(image.kernel_segments(A)[0].offset("first")))
    machine.wait_for(LAST_LINE)
    assert ", 1 block damaged, 1 from the other slot\n" in ask(machine, "boot")


def test_notes_are_yellow(boot_copy):
    """As long as the loader has the screen: here it ends with both kernels beyond help."""

    def change(image):
        image.flip(image.header(A).offset("middle"))
        for slot in (A, B):
            image.flip(image.kernel_segments(slot)[0].offset("first"))

    machine = boot_copy(change)
    assert machine.wait_for(LOADER_ERROR)[1] == "30"
    screen = machine.wait_for_screen("Press a key")
    colours = {line.split(" at ")[0]: screen.attributes[row][0] for row, line in enumerate(screen.lines()) if line}
    assert colours["Image header copy A"] == colours["Image header: taken from copy B"] == 0x0E
    assert colours["Slot A: kernel: block 0"] == 0x0E


CUTS = {
    "behind slot A": lambda image: image.kernel(A).end,
    "in header B": lambda image: image.header(B).start + SECTOR,
    "in stage 2 B": lambda image: image.stage2_rest(B).offset("middle"),
    "in slot B": lambda image: image.kernel(B).offset("last") - SECTOR,
}


def cut(image, path, where, change=lambda _: None):
    """A disk that ends there, at a whole block."""
    copy = Image(image)
    change(copy)
    copy.save(path)
    size = (CUTS[where](copy) + 4095) // 4096 * 4096 if where == "behind slot A" else CUTS[where](copy) // SECTOR * SECTOR
    os.truncate(path, size)
    return path, size // SECTOR


@pytest.mark.parametrize("where", CUTS)
def test_disk_that_ends_before_slot_b(qemu, image, tmp_path, where):
    path, sectors = cut(image, tmp_path / "cut.img", where)
    machine = qemu(*drive(path))
    machine.wait_for(LAST_LINE)
    note = f"The disk ends at LBA {sectors}, before the second copies do (LBA "
    assert note in machine.log()
    assert "Loader: the disk ends before the second copies of stage 2 and kernel do.\n" in machine.log()
    assert note in ask(machine, "log")


def test_floppy_that_holds_slot_a_only(qemu, image, tmp_path):
    """1.44 MB: by cylinder, head and sector, whose product is the size."""
    path = tmp_path / "floppy.img"
    with image.open("rb") as file:
        path.write_bytes(file.read(1440 * 1024))
    machine = qemu(*drive(path, **{"if": "floppy"}))
    machine.wait_for("The disk ends at LBA 2880, before the second copies do")
    machine.wait_for(LAST_LINE)


def test_disk_that_ends_where_slot_b_does(qemu, image, tmp_path):
    """The rest of slot B's room and the data partition are not missed."""
    path = Image(image).save(tmp_path / "cut.img")
    os.truncate(path, (Image(image).kernel(B).end + 4095) // 4096 * 4096)
    machine = qemu(*drive(path))
    machine.wait_for(LAST_LINE)
    assert "The disk ends" not in machine.log() and "Loader: " not in machine.log()


NEEDED = {
    "header": (lambda image: image.header(A), "11"),
    "rest": (lambda image: image.stage2_rest(A), "12"),
    "kernel-table": (lambda image: image.kernel_table(A), "30"),
    "kernel": (lambda image: image.kernel_segments(A)[0], "30"),
}


@pytest.mark.parametrize("part", NEEDED)
def test_second_copy_that_is_needed_and_not_there(qemu, image, tmp_path, part):
    where, code = NEEDED[part]
    path, _ = cut(image, tmp_path / "cut.img", "behind slot A", lambda copy: copy.flip(where(copy).offset("middle")))
    machine = qemu(*drive(path))
    assert machine.wait_for(LOADER_ERROR)[1] == code
    assert "the disk ends before it" in machine.log()
