"""The heap, used wrongly: what is said of it by the kernel as it is delivered, and by one that guards every block."""

import pytest
from qemu import FAILED, command_line, drive
from test_guest import check
from variant import make_variant
from words import STOPPED

# What tests/kernel/heap_misuse.c and kernel/mm/memory_faults.c do: what must be said of it.
GUARDED = {
    "overrun": ["wrote outside of a block", "3 bytes past the end of a 64-byte block allocated by make_block+"],
    "underrun": ["wrote outside of a block", "2 bytes before a 64-byte block allocated by make_block+"],
    "dangling": ["wrote to freed memory", "5 bytes into a freed 64-byte block allocated by make_block+", "freed by drop_block+"],
    "twice": ["freed again", "a freed 64-byte block allocated by make_block+", ", freed by drop_block+"],
    "foreign": ["was freed, but is no block of the heap", "free_foreign+"],
    "follow": ["General protection (exception 13)", "dfdfdfdfdfdfdfdf: what the heap fills freed memory with", "follow+"],
    "leaks": ["     3       300  make_block+"],
    "describe": ["That is 12 bytes into a 64-byte block allocated by make_block+"],
}
UNGUARDED = {
    "twice": ["The block of 64 bytes at", "was freed twice", "drop_block+"],
    "foreign": ["was freed, but is no block of the heap", "drop_block+"],
    "frame": ["was freed, but is no block of the heap: RAM at", "in a block of 8 KiB, allocated by free_frame+"],
    "describe": ["That is 12 bytes into a 64-byte block of the heap."],
}


@pytest.fixture(scope="module")
def guarded_image(build):
    """The test image of a debug build."""
    return make_variant(build, "debug", "DEBUG=1", "test.img") / "test.img"


def test_guest_tests_with_guards(qemu, guarded_image):
    check(qemu(*drive(guarded_image)))


def test_guards_with_little_memory(qemu, guarded_image):
    check(qemu(*drive(guarded_image), "-m", "4M", *command_line("test=heap")))


def check_misuse(qemu, image, name, words):
    machine = qemu(*drive(image), *command_line(f"fault={name}"))
    machine.wait_for(STOPPED)
    for word in words:
        assert word in machine.log()
    machine.wait_exit()
    assert machine.status == FAILED


@pytest.mark.parametrize("name", GUARDED)
def test_misuse_with_guards(qemu, guarded_image, name):
    check_misuse(qemu, guarded_image, name, GUARDED[name])


@pytest.mark.parametrize("name", UNGUARDED)
def test_misuse(qemu, test_image, name):
    check_misuse(qemu, test_image, name, UNGUARDED[name])
