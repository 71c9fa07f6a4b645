"""The image starts from every kind of disk a PC's firmware can read."""

import pytest
from image import SECTOR
from qemu import drive
from words import LAST_LINE, STAGE1_ERROR

# How the disk is attached: drive properties, then further options.
KINDS = {
    "ide": ({"if": "ide"}, []),
    "ahci": ({}, ["-M", "q35"]),
    "virtio": ({"if": "virtio"}, []),
    "usb-xhci": ({"if": "none", "id": "d"}, ["-device", "qemu-xhci", "-device", "usb-storage,drive=d,removable=on"]),
    "usb-ehci": ({"if": "none", "id": "d"}, ["-device", "usb-ehci", "-device", "usb-storage,drive=d"]),
    "nvme": ({"if": "none", "id": "d"}, ["-device", "nvme,drive=d,serial=1"]),
    "nvme-4096": (
        {"if": "none", "id": "d"},
        ["-device", "nvme,drive=d,serial=1,logical_block_size=4096,physical_block_size=4096"],
    ),
    "scsi": ({"if": "none", "id": "d"}, ["-device", "virtio-scsi-pci", "-device", "scsi-hd,drive=d"]),
    "floppy-no-edd": ({"if": "floppy"}, []),
}


@pytest.mark.parametrize("kind", KINDS)
def test_disk(qemu, image, kind):
    properties, options = KINDS[kind]
    qemu(*drive(image, **properties), *options).wait_for(LAST_LINE)


def test_second_disk(qemu, image, blank):
    """An empty disk in front of ours."""
    machine = qemu(
        *drive(blank, **{"if": "ide", "index": 0}),
        *drive(image, **{"if": "none", "id": "ours"}),
        "-device", "ide-hd,drive=ours,bus=ide.0,unit=1,bootindex=1",
    )  # fmt: skip
    machine.wait_for(LAST_LINE)


def test_boot_sector_finds_its_disk(qemu, image, tmp_path):
    """A firmware that names the wrong disk: the boot sector comes from a floppy that holds nothing else."""
    floppy = tmp_path / "floppy.img"
    floppy.write_bytes(image.open("rb").read(SECTOR).ljust(1440 * 1024, b"\0"))
    machine = qemu(*drive(floppy, **{"if": "floppy"}), *drive(image), "-boot", "a")
    machine.wait_for(LAST_LINE)


def test_boot_sector_alone(qemu, image, tmp_path):
    """No disk holds the rest: code and status, then a key passes the turn to the next device."""
    disk = tmp_path / "sector.img"
    disk.write_bytes(image.open("rb").read(SECTOR).ljust(4 << 20, b"\0"))
    machine = qemu(*drive(disk))
    error = machine.wait_for(STAGE1_ERROR)[0]
    machine.wait_for_screen(error)
    assert error in machine.e9()
    machine.press("ret")
    machine.wait_for_screen("No bootable device")


@pytest.fixture
def blank(tmp_path):
    path = tmp_path / "blank.img"
    path.write_bytes(bytes(4 << 20))
    return path
