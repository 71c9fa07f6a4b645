"""Kernels in C of other people: one says what it was given, one overwrites all memory that is called usable."""

import re

import pytest
from other_kernel import KERNELS, compile_kernel
from parts import ET_EXEC
from qemu import TIMEOUT, drive, memory

COMPILERS = [("gcc", ()), ("clang", ()), ("clang", ("-fuse-ld=lld",))]
MOVABLE = ("-fpie", "-static-pie", "-Wl,--no-dynamic-linker")
VERSION = "boot_info has version 1\n"
USABLE = re.compile(r"^usable memory: (\d+) KiB\n", re.MULTILINE)
OVERWRITTEN = re.compile(r"^overwritten: (\d+) bytes, read again: (\d+) bytes, wrong: (\d+) words\n", re.MULTILINE)
UNCHANGED = "boot_info and modules are as they were\n"
NOTHING_LEFT = "nothing of the loader's is left"
FAULT = re.compile(r"^Cairn error 05: .* exception 06h .* at FFFFFFFF8020[0-9A-F]{4}", re.MULTILINE)
MODULE = bytes(range(256)) * 50
BLACK_BOX = 64  # KiB
E_TYPE = 16  # where the ELF header has it


@pytest.fixture
def kernel(image_of, tmp_path):
    """Makes an image of kernels/NAME.c."""

    def make(name, compiler="gcc", *more, words="", modules=()):
        file = compile_kernel(name, tmp_path / "elsewhere", compiler, *more)
        assert "-static-pie" in more or file[E_TYPE] == ET_EXEC
        return image_of(file, words, modules=modules)

    return make


def test_the_smallest_has_fewer_than_60_lines():
    assert len((KERNELS / "hello.c").read_text().splitlines()) < 60


@pytest.mark.parametrize(("compiler", "more"), [*COMPILERS, ("x86_64-elf-gcc", ()), ("gcc", MOVABLE), ("clang", MOVABLE)])
def test_it_says_what_it_was_given(kernel, qemu, compiler, more):
    image = kernel("hello", compiler, *more, words="words for it", modules=[("first", b"1234"), ("second", MODULE)])
    machine = qemu(*drive(image), "-m", "64")
    usable = int(machine.wait_for(USABLE)[1])
    said = machine.log()
    assert VERSION in said and "words: words for it\n" in said
    assert "module first: 4 bytes\nmodule second: 12800 bytes\n" in said
    assert 63 << 10 < usable + BLACK_BOX < 64 << 10
    # The screen says the same, below what the loader said.
    assert machine.screen().lines() == said.splitlines()


def test_in_bochs(kernel, bochs):
    machine = bochs(kernel("hello", words="in Bochs"))
    usable = machine.wait_for(USABLE)[0]
    assert usable.rstrip() in machine.wait_for_screen("words: in Bochs")


def test_overwriting_in_bochs(kernel, bochs):
    machine = bochs(kernel("overwrite", words="all"), megs=8)
    machine.wait_for(NOTHING_LEFT)
    assert [wrong for _, _, wrong in OVERWRITTEN.findall(machine.log())] == ["0", "0"]


@pytest.mark.parametrize("size", [4, 128, pytest.param(5120, marks=pytest.mark.campaign)])
@pytest.mark.parametrize(("compiler", "more"), COMPILERS[::2])
def test_what_is_usable_is_nobody_elses(kernel, qemu, compiler, more, size):
    image = kernel("overwrite", compiler, *more, words="keep these words", modules=[("kept", MODULE)])
    machine = qemu(*drive(image), *memory(f"{size}M"))
    written, read, wrong = map(int, machine.wait_for(OVERWRITTEN, timeout=TIMEOUT + size / 20).groups())
    machine.wait_for(UNCHANGED)
    assert wrong == 0 and read == written
    assert written > size - 1 << 20
    machine.wait_for(FAULT)


@pytest.mark.parametrize(("compiler", "more"), COMPILERS[::2])
def test_in_the_end_all_memory_but_its_own_is_a_kernels(kernel, qemu, compiler, more):
    """With page tables, a stack and a GDT of its own it overwrites the loader's, too."""
    machine = qemu(*drive(kernel("overwrite", compiler, *more, words="all", modules=[("not_kept", MODULE)])), "-m", "64")
    usable = int(machine.wait_for(OVERWRITTEN)[1])
    start = machine.wait_for(UNCHANGED).end()
    written, read, wrong = map(int, machine.wait_for(OVERWRITTEN, start=start).groups())
    assert wrong == 0 and read == written
    assert written > usable + len(MODULE) + (BLACK_BOX << 10)
    machine.wait_for(NOTHING_LEFT)
    machine.wait_until_stopped()
