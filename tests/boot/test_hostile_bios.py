"""BIOSes that promise nothing: a boot sector in front of ours spoils registers, denies calls and invents answers."""

import pytest
from words import LAST_LINE, LOADER_ERROR


@pytest.mark.parametrize("way", ["REGISTERS", "DRIVE", "CORRECTED", "LATE_A20"])
def test_boots_as_if_nothing_were_wrong(boot_behind, way):
    machine = boot_behind(way)
    machine.wait_for(LAST_LINE)
    assert "damaged" not in machine.log() and "repeated" not in machine.log()


def test_without_packet_calls(boot_behind):
    machine = boot_behind("NO_EDD")
    machine.wait_for("disk 80h by CHS")
    machine.wait_for(LAST_LINE)


def test_with_packet_calls_that_were_denied(boot_behind):
    machine = boot_behind("DENIES_EDD")
    machine.wait_for("disk 80h by EDD")
    machine.wait_for(LAST_LINE)


def test_a20_by_port_92(boot_behind):
    machine = boot_behind("A20_OFF")
    machine.wait_for("A20 opened by port 92h")
    machine.wait_for(LAST_LINE)


@pytest.mark.parametrize("way, source", [("ONLY_E801", "AX=E801h"), ("ONLY_88", "AH=88h")])
def test_older_ways_to_ask_for_memory(boot_behind, way, source):
    machine = boot_behind(way, "-m", "32")
    machine.wait_for(source)
    machine.wait_for(LAST_LINE)


def test_no_memory_map_at_all(boot_behind):
    assert boot_behind("NO_MAP").wait_for(LOADER_ERROR)[1] == "22"
