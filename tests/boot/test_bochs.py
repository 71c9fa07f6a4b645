"""Bochs, which checks what QEMU lets pass: segment limits, device programming, reserved bits.

What each machine looked like stands in docs/disks.md.
"""

import os
from pathlib import Path

import pytest
from bochs import CPU_32_BIT, CPU_LONG_MODE, LATEST, LEGACY, SHARE
from tables import Table
from words import DRIVE, HELLO, LAST_LINE, LOADER_ERROR, LOADER_ERROR_CPU, NO_LONG_MODE

SEABIOS = Path(os.environ.get("SEABIOS", "/usr/share/seabios/bios.bin"))
BIOSES = {LATEST: SHARE / LATEST, LEGACY: SHARE / LEGACY, "SeaBIOS": SEABIOS}

# BIOS, MiB, CPU. The first three CPUs lack NX and 1 GiB pages, 1 GiB pages, and 1 GiB pages again (Intel's).
MACHINES = [(bios, 64, CPU_LONG_MODE) for bios in BIOSES]
MACHINES += [(LATEST, megs, CPU_LONG_MODE) for megs in (4, 2048)]
MACHINES += [
    (LATEST, 64, cpu)
    for cpu in ("p4_prescott_celeron_336", "athlon64_clawhammer", "core2_penryn_t9600", CPU_32_BIT)
]
NAMES = {machine: f"{machine[0]}, {machine[1]} MiB, {machine[2]}" for machine in MACHINES}
TABLE = Table("disks.md", "Bochs", ["BIOS, memory, CPU", "drive", "read by", "result"], NAMES.values())


def rows():
    for machine, name in NAMES.items():  # the firmware takes ten seconds to count much memory
        yield pytest.param(*machine, id=name, marks=[pytest.mark.campaign] if machine[1] == 2048 else [])


@pytest.mark.table
@pytest.mark.parametrize("bios, megs, cpu", rows())
def test_bochs(bochs, image, bios, megs, cpu):
    if not BIOSES[bios].exists():
        pytest.skip(f"{BIOSES[bios]} is not here (tools/setup.sh)")
    machine = bochs(image, bios=BIOSES[bios], megs=megs, cpu=cpu)
    if cpu == CPU_32_BIT:
        code, words = machine.wait_for(LOADER_ERROR).groups()
        assert code == LOADER_ERROR_CPU and NO_LONG_MODE in words
        machine.wait_for_screen(NO_LONG_MODE)
        TABLE.check(NAMES[bios, megs, cpu], "-", "-", f"error {code}")
        return
    machine.wait_for(LAST_LINE)
    assert HELLO in machine.log()
    machine.type("boot\r")
    number, access, _ = machine.wait_for(DRIVE).groups()
    TABLE.check(NAMES[bios, megs, cpu], f"{number}h", access, "boots")


def test_table_has_these_machines():
    TABLE.check_names()


def test_screen(bochs, image):
    machine = bochs(image)
    last = machine.wait_for(LAST_LINE)[0]
    machine.wait_for_screen(last.strip())
