"""Bochs, which checks what QEMU lets pass: segment limits, device programming, reserved bits."""

import pytest
from bochs import CPU_32_BIT, LATEST, LEGACY
from words import HELLO, LAST_LINE, NO_LONG_MODE


@pytest.mark.parametrize("bios", [LATEST, LEGACY])
def test_bios(bochs, image, bios):
    machine = bochs(image, bios=bios)
    machine.wait_for(LAST_LINE)
    assert HELLO in machine.log()


@pytest.mark.parametrize("megs", [4, 2048])
def test_memory(bochs, image, megs):
    bochs(image, megs=megs).wait_for(LAST_LINE)


# Without NX and 1 GiB pages, without 1 GiB pages.
@pytest.mark.parametrize("cpu", ["p4_prescott_celeron_336", "athlon64_clawhammer", "core2_penryn_t9600"])
def test_cpu(bochs, image, cpu):
    bochs(image, cpu=cpu).wait_for(LAST_LINE)


def test_no_long_mode(bochs, image):
    machine = bochs(image, cpu=CPU_32_BIT)
    machine.wait_for(NO_LONG_MODE)
    machine.wait_for_screen(NO_LONG_MODE)


def test_screen(bochs, image):
    machine = bochs(image)
    last = machine.wait_for(LAST_LINE)[0]
    machine.wait_for_screen(last.strip())
