"""verify=full: the loader prints the SHA-256 of what it starts, as sha256sum does, and takes no other for it."""

import hashlib
import re
import struct

import pytest
from conftest import built
from image import FILE, HEADER, KERNEL_SIZE, STAGE2, Image, crc32c
from qemu import command_line, drive
from words import LAST_LINE, LOADER_ERROR, PROMPT

A, B = 0, 1
HASH = re.compile(r"^(.+): sha256 ([0-9a-f]{64})\n", re.MULTILINE)
MODULES = HEADER.size + STAGE2.size + 2 * KERNEL_SIZE
STAGE2_HASH = MODULES + 16 * FILE.size
MODULE_HASH = MODULES + FILE.size - 32


@pytest.fixture
def hashes(build):
    return {part: hashlib.sha256(built(build / f"{part}.bin").read_bytes()).hexdigest() for part in ("stage2", "kernel")}


def test_hashes_are_those_of_the_files(qemu, build, hashes, shop):
    """Of all components, by the word in the configuration, and in the kernel's log, too."""
    modules = {"words": b"some words\n" * 1000, "one-byte": b"x"}
    options = [word for name, text in modules.items() for word in ("--module", f"{name}={shop.write(name, text)}")]
    files = {part: built(build / f"{part}.bin") for part in ("stage1", "stage2", "kernel")}
    assert shop.run(*shop.arguments(*options, "--cmdline", "verify=full", **files)).returncode == 0
    machine = qemu(*drive(shop.image))
    machine.wait_for(LAST_LINE)
    expected = [("stage 2", hashes["stage2"]), ("kernel", hashes["kernel"])]
    expected += [(name, hashlib.sha256(text).hexdigest()) for name, text in modules.items()]
    assert HASH.findall(machine.log()) == expected
    start = len(machine.log())
    machine.type("log\r")
    machine.wait_for(re.compile(rf"\n{PROMPT}$"), start=start)
    for _, digest in expected:
        assert digest in machine.log()[start:]


def test_nothing_without_the_word(qemu, image):
    machine = qemu(*drive(image))
    machine.wait_for(LAST_LINE)
    assert "sha256" not in machine.log()


def test_unknown_value(qemu, image):
    machine = qemu(*drive(image), *command_line("verify=some"))
    machine.wait_for("verify=some: not known, there is verify=full\n")
    machine.wait_for(LAST_LINE)
    assert "sha256" not in machine.log()


def wrong_hash(image, *offsets):
    for offset in offsets:
        image.flip(image.header(A).start + offset)
    image.seal_header(A)


def other_kernel(image, slot):
    """A byte of the kernel that nobody loads is changed, with all checks made right that are not a SHA-256."""
    table, kernel = image.kernel_table(slot), image.kernel(slot)
    image.flip(image.kernel_byte(slot, range(64)))  # of the ELF header
    block = image.bytes[kernel.start : kernel.start + 4096]
    struct.pack_into("<I", image.bytes, table.start, crc32c(block))
    at = image.kernel_hash(slot) - 8  # table_crc32c
    struct.pack_into("<I", image.bytes, at, crc32c(image.bytes[table.start : table.end]))
    image.seal_header(A)


@pytest.mark.parametrize("change", [other_kernel, lambda image, _: wrong_hash(image, image.kernel_hash(A) - image.header(A).start)])
def test_other_kernel_in_slot_a(boot_copy, hashes, change):
    """It is not started: slot B has the right one, and this is said."""
    machine = boot_copy(lambda image: change(image, A), *command_line("verify=full"))
    machine.wait_for("Slot A: kernel: the SHA-256 is not that of the file in the image\n")
    machine.wait_for(LAST_LINE)
    assert "by EDD, slot B," in machine.log()
    assert "because the one in slot A is damaged" in machine.log()
    assert HASH.findall(machine.log())[-1] == ("kernel", hashes["kernel"])


def test_other_kernel_without_the_word(boot_copy):
    """It starts: by its other checks it is whole."""
    machine = boot_copy(lambda image: other_kernel(image, A))
    machine.wait_for("by EDD, slot A,")
    machine.wait_for(LAST_LINE)


def both_kernels(image):
    wrong_hash(image, *(image.kernel_hash(slot) - image.header(A).start for slot in (A, B)))


ENDS = {"kernel": both_kernels, "stage 2": lambda image: wrong_hash(image, STAGE2_HASH)}


@pytest.mark.parametrize("part", ENDS)
def test_no_right_one(boot_copy, part):
    machine = boot_copy(ENDS[part], *command_line("verify=full"))
    words = f"{part}: the SHA-256 is not that of the file in the image"
    assert machine.wait_for(LOADER_ERROR).groups() == ("34", words)


def test_other_module(qemu, build, shop):
    module = shop.write("module", b"m" * 5000)
    files = {part: built(build / f"{part}.bin") for part in ("stage1", "stage2", "kernel")}
    assert shop.run(*shop.arguments("--module", f"m={module}", **files)).returncode == 0
    image = Image(shop.image)
    wrong_hash(image, MODULE_HASH)
    machine = qemu(*drive(image.save(shop.image)), *command_line("verify=full"))
    assert machine.wait_for(LOADER_ERROR)[1] == "34"


def test_second_copy_of_a_block_counts(boot_copy, hashes):
    """What is hashed is what would be started: with a block from slot B it is right."""
    machine = boot_copy(lambda image: image.flip(image.kernel_segments(A)[0].offset("first")), *command_line("verify=full"))
    machine.wait_for("taken from copy B")
    machine.wait_for(LAST_LINE)
    assert HASH.findall(machine.log()) == [("stage 2", hashes["stage2"]), ("kernel", hashes["kernel"])]
