"""The boot sector that started the machine is compared with what mkimage wrote, and so are headers with what makes sense."""

import struct

import pytest
from gdb import Gdb
from qemu import TIMEOUT, drive
from words import LAST_LINE, LOADER_ERROR

A, B = 0, 1
MESSAGE = 0x36  # a letter of the message, which a boot that goes well never shows
PARAMETERS = 0x1C  # BIOSes write here, in memory
TIMESTAMP = 0xDA  # Windows 95 writes here, on the disk
ON_DISK = "Loader: the boot sector on the disk is not as mkimage wrote it, or cannot be read.\n"
IN_MEMORY = "Loader: the boot sector in memory is not the one on the disk.\n"
PREFERRED_SLOT = 56  # in the header


def test_damaged_on_the_disk(boot_copy):
    machine = boot_copy(lambda image: image.flip(MESSAGE))
    machine.wait_for("Boot sector: on the disk")
    machine.wait_for(LAST_LINE)
    assert ON_DISK in machine.log()


def test_what_windows_writes_is_no_damage(boot_copy):
    machine = boot_copy(lambda image: image.flip(TIMESTAMP))
    machine.wait_for(LAST_LINE)
    assert "oot sector" not in machine.log()


@pytest.mark.parametrize("offset, note", [(MESSAGE, True), (PARAMETERS, False)])
def test_changed_in_memory(qemu, image, tmp_path, offset, note):
    gdb = Gdb(tmp_path, TIMEOUT)
    machine = qemu(*drive(image), *gdb.options())
    gdb.accept()
    gdb.run_to(0x7C00)
    gdb.write(0x7C00 + offset, b"\xa5")
    gdb.go()
    machine.wait_for(LAST_LINE)
    gdb.close()
    assert (IN_MEMORY in machine.log()) == note
    assert ON_DISK not in machine.log()


def forge(image, slot):
    """A slot that is not there, and the right CRC32C."""
    struct.pack_into("<I", image.bytes, image.header(slot).start + PREFERRED_SLOT, 7)
    image.seal_header(slot)


def test_a_whole_header_that_makes_no_sense(boot_copy):
    """The other copy does."""
    machine = boot_copy(lambda image: forge(image, A))
    machine.wait_for("Image header: the preferred slot holds no kernel\nImage header: taken from copy B\n")
    machine.wait_for(LAST_LINE)


def test_neither_header_makes_sense(boot_copy):
    def change(image):
        for slot in (A, B):
            forge(image, slot)

    code, words = boot_copy(change).wait_for(LOADER_ERROR).groups()
    assert code == "11" and "the preferred slot holds no kernel" in words
