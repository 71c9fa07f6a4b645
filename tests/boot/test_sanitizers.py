"""Kernels that check themselves while they run: the tests in the guest find nothing, and what is wrong on purpose is found."""

import shutil

import pytest
from qemu import FAILED, TIMEOUT, command_line, drive
from test_black_box import SILENT, Person
from test_guest import check
from variant import make_variant
from words import STOPPED

SLOWLY = 10 * TIMEOUT
SANITIZERS = {"gcc": "undefined address", "clang": "undefined"}

# What tests/kernel/undefined.c does: what must be said of it.
UNDEFINED = {
    "add": "a signed sum is too large",
    "mul": "a signed product is too large",
    "shift": "a shift by",
    "divide": "a quotient too large",
    "index": "an index outside its array",
    "align": "is no address of an object of that type",
    "bool": "holds no value of its type",
}

# What tests/kernel/address.c does, likewise.
ADDRESS = {
    "freed_frame": "Address error: reading 1 byte at ",
    "freed_frames": "Address error: writing 8 bytes at ",
    "past_block": "1 byte past the end of a 13-byte block allocated by read_past_block",
    "before_block": "8 bytes before a 100-byte block allocated by write_before_block",
    "freed_block": "8 bytes into a freed 40-byte block allocated by read_freed_block",
}


@pytest.fixture(scope="module", params=SANITIZERS)
def undefined_image(request, build):
    return make(build, request.param)


@pytest.fixture(scope="module")
def address_image(build):
    return make(build, "gcc")


def make(build, compiler):
    """The test image with the sanitizers in it that this compiler has."""
    if not shutil.which(compiler):
        pytest.skip(f"there is no {compiler} (tools/setup.sh)")
    variables = [f"CC={compiler}", f"SANITIZE={SANITIZERS[compiler]}"]
    return make_variant(build, f"sanitized-{compiler}", *variables, "test.img") / "test.img"


@pytest.mark.slow
def test_nothing_is_found_in_the_guest_tests(qemu, undefined_image):
    check(qemu(*drive(undefined_image), "-cpu", "max"), SLOWLY)


@pytest.mark.slow
@pytest.mark.parametrize("case", UNDEFINED)
def test_undefined_behaviour_is_named(qemu, undefined_image, case):
    machine = qemu(*drive(undefined_image), *command_line(f"fault=undefined_{case}"))
    machine.wait_for(STOPPED)
    assert "Panic: Undefined behaviour at tests/kernel/undefined.c:" in machine.log()
    assert UNDEFINED[case] in machine.log()
    machine.wait_exit()
    assert machine.status == FAILED


@pytest.mark.slow
def test_nothing_is_found_in_a_post_mortem(qemu, undefined_image):
    """The black box is read and written by both runs: a kernel that finds fault with that would not come back to its prompt."""
    person = Person(qemu(*drive(undefined_image), *command_line("page=off"), reboots=True))
    assert SILENT.search(person.type("fault triple"))
    previous = person.type("log previous")
    assert "Command: fault triple" in previous and "Cairn loader: " in previous


@pytest.mark.slow
@pytest.mark.parametrize("case", ADDRESS)
def test_wrong_address_is_named(qemu, address_image, case):
    machine = qemu(*drive(address_image), *command_line(f"fault={case}"))
    machine.wait_for(STOPPED)
    assert ADDRESS[case] in machine.log()
    machine.wait_exit()
    assert machine.status == FAILED
