"""BIOSes that promise nothing: a boot sector in front of ours spoils registers, denies calls and invents answers.

Each start either ends at the prompt or names a code.
"""

import re

import pytest
from conftest import built
from gdb import symbols
from qemu import RESET
from words import LAST_LINE, LOADER_ERROR, STAGE1_CHECKSUM, STAGE1_ERROR, STAGE1_READ, any_end

USABLE = re.compile(r"^  ([0-9a-f]{12}) - ([0-9a-f]{12}) .* usable\n", re.MULTILINE)
MIB = 1 << 20


@pytest.mark.parametrize(
    "way",
    [
        "REGISTERS", "NEEDS_IF", "DRIVE", "DRIVE_0", "NO_TRACKS", "CORRECTED", "BOUNDARY", "LIMIT=64", "LONG_ANSWER",
        "LONG_RANGES", "LATE_A20", "LEAKS_TF", "ES_BX",
    ],
)  # fmt: skip
def test_boots_as_if_nothing_were_wrong(boot_behind, way):
    machine = boot_behind(way)
    machine.wait_for(LAST_LINE)
    assert "damaged" not in machine.log() and "repeated" not in machine.log()


def test_control_bits_that_firmware_forgot(boot_behind):
    boot_behind("FIVE_LEVELS", "-cpu", "max").wait_for(LAST_LINE)


@pytest.mark.parametrize("place", ["enter_protected", "long_mode"])
def test_breakpoints_that_firmware_forgot(build, boot_behind, place):
    """Between two modes an exception would be a reset."""
    boot_behind(f"BREAKPOINT={symbols(built(build / 'stage2.elf'))[place]}").wait_for(LAST_LINE)


def test_without_packet_calls(boot_behind):
    machine = boot_behind("NO_EDD")
    machine.wait_for("disk 80h by CHS")
    machine.wait_for(LAST_LINE)


def test_with_packet_calls_that_were_denied(boot_behind):
    machine = boot_behind("DENIES_EDD")
    machine.wait_for("disk 80h by EDD")
    machine.wait_for(LAST_LINE)


def test_packet_calls_that_were_promised(boot_behind):
    machine = boot_behind("BROKEN_EDD")
    machine.wait_for("disk 80h by CHS")
    machine.wait_for(LAST_LINE)


def test_neither_packet_calls_nor_geometry(boot_behind):
    assert boot_behind("NO_EDD NO_TRACKS").wait_for(STAGE1_ERROR)[1] == STAGE1_READ


@pytest.mark.parametrize("way", ["ODD_READS", "FAILS=5", "FAILS=4 NO_TRACKS"])
def test_reads_that_have_to_be_repeated(boot_behind, way):
    machine = boot_behind(way)
    machine.wait_for(LAST_LINE)
    assert "repeated" in machine.log() and "damaged" not in machine.log()


@pytest.mark.parametrize("way, note", [("LIMIT=32", "1 disk read was repeated"), ("LIMIT=8", "3 disk reads were repeated")])
def test_the_size_that_works_is_kept(boot_behind, way, note):
    machine = boot_behind(way)
    machine.wait_for(LAST_LINE)
    assert note in machine.log() and "damaged" not in machine.log()


def test_a_read_that_needs_a_reset(boot_behind):
    boot_behind("NEEDS_RESET").wait_for(LAST_LINE)


def test_reads_of_one_sector_at_a_time(boot_behind):
    machine = boot_behind("LIMIT=1")
    machine.wait_for(LAST_LINE)
    assert "5 disk reads were repeated" in machine.log()


def test_reads_that_do_nothing(boot_behind):
    assert boot_behind("LAZY").wait_for(STAGE1_ERROR)[1] == STAGE1_CHECKSUM


def test_one_read_that_does_nothing(boot_behind):
    machine = boot_behind("LAZY_ONCE")
    machine.wait_for("Image header copy A at LBA 2048: damaged")
    machine.wait_for(LAST_LINE)


def test_a20_by_port_92(boot_behind):
    machine = boot_behind("A20_OFF")
    machine.wait_for("A20 opened by port 92h")
    machine.wait_for(LAST_LINE)


def test_a20_is_turned_off_again(boot_behind):
    machine = boot_behind("A20_FALLS")
    machine.wait_for("The BIOS turned address line 20 off again\n")
    machine.wait_for(LAST_LINE)
    assert "damaged" not in machine.log()


@pytest.mark.parametrize(
    "way, source", [("ONLY_E801", "AX=E801h"), ("ONLY_88", "AH=88h"), ("LOSES_SMAP", "AX=E801h")]
)
def test_older_ways_to_ask_for_memory(boot_behind, way, source):
    machine = boot_behind(way, "-m", "32")
    machine.wait_for(source)
    machine.wait_for(LAST_LINE)


def test_no_memory_map_at_all(boot_behind):
    assert boot_behind("NO_MAP").wait_for(LOADER_ERROR)[1] == "22"


def test_memory_map_without_order(boot_behind):
    machine = boot_behind("UNSORTED", "-m", "32")
    machine.wait_for(LAST_LINE)
    usable = [(int(first, 16), int(last, 16)) for first, last in USABLE.findall(machine.log())]
    assert usable == sorted(usable) and usable[-1][1] < 0x1FE0000
    for reserved in (0x9FC00, 0xF0000, 0x500000):
        assert not any(first <= reserved <= last for first, last in usable)
    assert sum(last + 1 - first for first, last in usable) > 24 * MIB


def test_memory_map_without_end(boot_behind):
    machine = boot_behind("ENDLESS", "-m", "32")
    machine.wait_for("The firmware's memory map repeats itself without end")
    machine.wait_for(LAST_LINE)


def test_no_memory_where_the_black_box_would_be(boot_behind):
    machine = boot_behind("TAKEN", "-m", "16")
    machine.wait_for("No room for the black box")
    machine.wait_for(LAST_LINE)
    assert " black box\n" not in machine.log() and "Boot: " in machine.log()


def test_memory_that_is_not_there(boot_behind):
    machine = boot_behind("MISSING", "-m", "16")
    machine.wait_for("The firmware calls 1000000 to ")
    machine.wait_for(LAST_LINE)
    usable = [(int(first, 16), int(last, 16)) for first, last in USABLE.findall(machine.log())]
    assert 15 * MIB < usable[-1][1] < 16 * MIB


# ---- the end of a start that fails, on such a machine ----


def both_copies(part):
    """Flips a bit of the part in both copies."""

    def damage(image):
        for slot in (0, 1):
            image.flip(part(image, slot).offset("middle"))

    return damage


def test_stage_1_fails_behind_calls_that_spoil_registers(boot_behind):
    machine = boot_behind("REGISTERS", damage=both_copies(lambda image, slot: image.stage2_head(slot)))
    assert machine.wait_for(STAGE1_ERROR)[1] == STAGE1_CHECKSUM


def test_stage_2_fails_while_the_screen_shows_another_page(boot_behind):
    machine = boot_behind("PAGE_1", damage=both_copies(lambda image, slot: image.header(slot)))
    machine.wait_for("Press a key")
    machine.wait_for_screen("Cairn error 11")


def test_stage_2_fails_behind_calls_that_spoil_registers(boot_behind):
    machine = boot_behind("REGISTERS NO_NEXT", damage=both_copies(lambda image, slot: image.header(slot)))
    assert machine.wait_for(LOADER_ERROR)[1] == "11"
    machine.wait_for("Press a key")
    machine.type(" ")
    machine.wait_exit()
    assert machine.ending() == RESET
