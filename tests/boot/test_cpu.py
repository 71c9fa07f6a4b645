"""Processors: those with long mode start whatever else they lack, the others are told so on every channel."""

import pytest
from qemu import drive
from words import HELLO, LAST_LINE, LOADER_ERROR, LOADER_ERROR_CPU, NO_LONG_MODE

# Without NX, without 1 GiB pages, without SSE4.2; and with everything.
LONG_MODE = ["qemu64,-nx", "Nehalem", "Opteron_G1", "phenom", "max", "max,-pdpe1gb"]
# Without the CPUID leaf that would tell, and with it but without the bit.
NO_LONG = ["486", "pentium3", "qemu32", "coreduo", "qemu64,-lm,-nx"]


@pytest.mark.parametrize("cpu", LONG_MODE)
def test_long_mode(qemu, image, cpu):
    qemu(*drive(image), "-cpu", cpu).wait_for(LAST_LINE)


@pytest.mark.parametrize("cpu", NO_LONG)
def test_no_long_mode(qemu, image, cpu):
    machine = qemu(*drive(image), "-cpu", cpu)
    code, words = machine.wait_for(LOADER_ERROR).groups()
    assert code == LOADER_ERROR_CPU and NO_LONG_MODE in words
    machine.wait_for_screen(NO_LONG_MODE)
    assert HELLO not in machine.log()
