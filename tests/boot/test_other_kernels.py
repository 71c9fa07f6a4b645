"""Kernels of other people: linked for a fixed address, with and without modules, in either slot."""

import re
import subprocess
from pathlib import Path

import pytest
from image import Image
from parts import ET_EXEC, R, X, elf, load
from qemu import PASSED, drive
from words import LOADER_ERROR, SECOND_COPY

SOURCE = Path(__file__).parent / "kernels" / "fixed.asm"
VIRTUAL = 0xFFFFFFFF80400000
A, B = 0, 1
RUNS, ENDS = "fixed kernel runs", "fixed kernel ends"


@pytest.fixture
def make_image(image_of, tmp_path):
    """Makes an image of a fixed kernel at a physical address, with modules."""

    def make(*modules, physical=0x400000, virtual=VIRTUAL):
        code = tmp_path / "fixed.bin"
        subprocess.run(["nasm", "-f", "bin", "-o", code, SOURCE], check=True)
        kernel = elf([load(virtual, code.read_bytes(), R | X, physical=physical)], virtual, kind=ET_EXEC)
        return image_of(kernel, modules=[(f"m{number}", content) for number, content in enumerate(modules)])

    return make


@pytest.mark.parametrize("physical", [0x100000, 0x110000, 0x400000])
def test_a_fixed_kernel_runs_where_it_was_linked(make_image, qemu, physical):
    machine = qemu(*drive(make_image(physical=physical)))
    machine.wait_for(RUNS)
    machine.wait_for(ENDS)
    machine.wait_exit()
    assert machine.status == PASSED


@pytest.mark.parametrize("size", [100, 4096, 300_000, 3_000_000])
def test_a_module_arrives_whole(make_image, qemu, size):
    """The kernel prints the module up to its first zero byte; every block of it was checked on the way."""
    machine = qemu(*drive(make_image(b"the words of a module\n\0".ljust(size, b"."))))
    machine.wait_for("the words of a module")
    machine.wait_for(ENDS)


def test_a_damaged_module_is_named(make_image, qemu, tmp_path):
    path = make_image(b"x" * 9000)
    image = bytearray(path.read_bytes())
    place = image.find(b"x" * 4096)
    image[place + 5000] ^= 1
    path.write_bytes(image)
    machine = qemu(*drive(path))
    assert machine.wait_for(LOADER_ERROR)
    machine.wait_for("m0: block 1")


def test_a_bad_block_comes_from_the_other_slot(make_image, qemu, tmp_path):
    image = Image(make_image())
    image.flip(image.kernel_segments(A)[0].offset("middle"))
    machine = qemu(*drive(image.save(tmp_path / "damaged.img")))
    machine.wait_for(SECOND_COPY)
    machine.wait_for(ENDS)


def test_another_kernel_in_the_other_slot_is_the_last_resort(make_image, qemu, tmp_path):
    """Its blocks cannot stand in for slot A's, and what slot A's attempt took of memory is free again for it."""
    image = Image(make_image())
    image.bytes[image.kernel_hash(B)] ^= 1
    image.seal_header(A)
    image.flip(image.kernel_segments(A)[0].offset("middle"))
    machine = qemu(*drive(image.save(tmp_path / "damaged.img")))
    machine.wait_for(re.compile("Slot A: .* is damaged"))
    machine.wait_for(ENDS)


@pytest.mark.parametrize("virtual", [0, 0x18000, 0x20000, 0xB8000, 0x800000000000, 0xFFFF800000400000, 0xFFFFC0000000F000])
def test_an_address_that_the_loader_needs_is_refused(make_image, qemu, virtual):
    machine = qemu(*drive(make_image(virtual=virtual)))
    assert machine.wait_for(LOADER_ERROR)[1] == "31"
    machine.wait_for("the kernel wants the address")


@pytest.mark.parametrize("physical", [0xA0000, 0x7FE0000, 0x40000000])
def test_a_place_that_is_not_free_is_refused(make_image, qemu, physical):
    machine = qemu(*drive(make_image(physical=physical)))
    assert machine.wait_for(LOADER_ERROR)
    machine.wait_for("which is not free here")
