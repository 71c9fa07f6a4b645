"""Kernels that check themselves while they run: the tests in the guest find nothing, and what is wrong on purpose is found."""

import os
import shutil
import subprocess

import pytest
from conftest import ROOT
from qemu import FAILED, TIMEOUT, command_line, drive
from test_guest import check
from words import STOPPED

SLOWLY = 10 * TIMEOUT
COMPILERS = ["gcc", "clang"]

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


@pytest.fixture(scope="module", params=COMPILERS)
def undefined_image(request, build):
    return make(build, request.param, "undefined")


@pytest.fixture(scope="module")
def address_image(build):
    return make(build, "gcc", "address")


def make(build, compiler, sanitizer):
    """The test image with that sanitizer in it."""
    if not shutil.which(compiler):
        pytest.skip(f"there is no {compiler} (tools/setup.sh)")
    folder = build / f"{sanitizer}-{compiler}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "CC"}
    made = subprocess.run(
        ["make", "-j2", f"BUILD={folder}", f"CC={compiler}", f"SANITIZE={sanitizer}", "WERROR=1", f"{folder}/test.img"],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout
    return folder / "test.img"


@pytest.mark.slow
def test_nothing_undefined_in_the_guest_tests(qemu, undefined_image):
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
def test_no_wrong_address_in_the_guest_tests(qemu, address_image):
    check(qemu(*drive(address_image), "-cpu", "max"), SLOWLY)


@pytest.mark.slow
@pytest.mark.parametrize("case", ADDRESS)
def test_wrong_address_is_named(qemu, address_image, case):
    machine = qemu(*drive(address_image), *command_line(f"fault={case}"))
    machine.wait_for(STOPPED)
    assert ADDRESS[case] in machine.log()
    machine.wait_exit()
    assert machine.status == FAILED
