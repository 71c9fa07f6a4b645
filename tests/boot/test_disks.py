"""The image starts from every kind of disk a PC's firmware can read. What each looked like stands in docs/disks.md."""

import subprocess
from dataclasses import dataclass

import pytest
from image import SECTOR, Image
from qemu import drive
from tables import Table
from words import DRIVE, LAST_LINE, LOADER_ERROR, LOADER_ERROR_CPU, NO_LONG_MODE, STAGE1_ERROR

MIB = 1 << 20
REFUSAL = "No bootable device"  # the firmware's last word
NO_NETWORK = ["-nic", "none"]  # which it would try for ten seconds before that word


@dataclass
class Disk:
    """One way to attach the disk: `options` are QEMU's, where D stands for the image and N for it without an interface."""

    options: str
    media: str = "whole"  # a function of Media
    result: str = "boots"  # or what the firmware says instead
    always: bool = True  # False: only in the campaign


NVME_4096 = "nvme,drive=d,serial=1,logical_block_size=4096,physical_block_size=4096"
SCSI = ["virtio-scsi-pci", "lsi53c895a", "megasas", "mptsas1068", "pvscsi", "am53c974", "dc390"]
SCSI_ALWAYS = ["virtio-scsi-pci", "lsi53c895a"]

DISKS = {
    "stated command": Disk("-drive D"),
    "IDE": Disk("-M pc -drive D,if=ide", always=False),
    "IDE, named device": Disk("-M pc N -device ide-hd,drive=d", always=False),
    "AHCI, q35": Disk("-M q35 -drive D"),
    "AHCI, pc": Disk("-M pc -device ahci,id=a N -device ide-hd,drive=d,bus=a.0"),
    "virtio-blk": Disk("-drive D,if=virtio"),
    "virtio-blk, legacy": Disk("N -device virtio-blk-pci,drive=d,disable-modern=on", always=False),
    "virtio-blk, modern": Disk("N -device virtio-blk-pci,drive=d,disable-legacy=on"),
    "NVMe": Disk("N -device nvme,drive=d,serial=1"),
    "NVMe, blocks of 4096": Disk(f"N -device {NVME_4096}"),
    "USB, UHCI": Disk("-usb N -device usb-storage,drive=d"),
    "USB, EHCI": Disk("-device usb-ehci N -device usb-storage,drive=d"),
    "USB, OHCI": Disk("-device pci-ohci N -device usb-storage,drive=d"),
    "USB, xHCI": Disk("-device qemu-xhci N -device usb-storage,drive=d,removable=on"),
    "USB, xHCI, 16 MiB": Disk("-device qemu-xhci N -device usb-storage,drive=d", "sixteen_mib"),
    "USB, blocks of 4096": Disk(
        "-device qemu-xhci N -device usb-storage,drive=d,logical_block_size=4096,physical_block_size=4096", always=False
    ),
    "USB, UAS": Disk("-device qemu-xhci -device usb-uas,id=u N -device scsi-hd,drive=d,bus=u.0", result=REFUSAL),
    **{
        f"SCSI, {adapter}": Disk(f"-device {adapter} N -device scsi-hd,drive=d", always=adapter in SCSI_ALWAYS)
        for adapter in SCSI
    },
    "SCSI, blocks of 4096": Disk(
        "-device virtio-scsi-pci N -device scsi-hd,drive=d,logical_block_size=4096,physical_block_size=4096",
        result=REFUSAL,
        always=False,
    ),
    "virtio-blk, blocks of 4096": Disk(
        "N -device virtio-blk-pci,drive=d,logical_block_size=4096,physical_block_size=4096", result=REFUSAL, always=False
    ),
    "SD card": Disk("-device sdhci-pci N -device sd-card,drive=d"),
    "floppy, 1.44 MB": Disk("-drive D,if=floppy", "floppy"),
    "floppy, 2.88 MB": Disk("-drive D,if=floppy", "large_floppy", always=False),
    "floppy, 64 MiB": Disk("-drive D,if=floppy"),
    "second disk": Disk("-drive B,if=none,id=b -device ide-hd,drive=b,bus=ide.0,unit=0 N -device ide-hd,drive=d,bus=ide.0,unit=1,bootindex=1"),
    "second disk, not named": Disk(
        "-drive B,if=none,id=b -device ide-hd,drive=b,bus=ide.0,unit=0 N -device ide-hd,drive=d,bus=ide.0,unit=1",
        result=REFUSAL,
        always=False,
    ),
    "3 TiB, IDE": Disk("-drive D,if=ide", "three_tib", always=False),
    "3 TiB, AHCI": Disk("-M q35 -drive D", "three_tib"),
    "3 TiB, virtio-blk": Disk("-drive D,if=virtio", "three_tib", always=False),
    "3 TiB, USB": Disk("-device qemu-xhci N -device usb-storage,drive=d", "three_tib", always=False),
    "1 MB/s": Disk("-drive D,throttling.bps-total=1000000"),
    "CD": Disk("-drive D,media=cdrom", result=REFUSAL),
    "no PCI": Disk("-M isapc -cpu qemu64 -drive D"),
    "no PCI, 486": Disk("-M isapc -cpu 486 -drive D", result=f"error {LOADER_ERROR_CPU}"),
    "no keyboard controller, pc": Disk("-M pc,i8042=off -drive D"),
    "no keyboard controller, q35": Disk("-M q35,i8042=off -drive D", always=False),
    "no VGA": Disk("-vga none -drive D"),
    "4 CPUs": Disk("-smp 4 -drive D"),
    "a slow CPU": Disk("-icount shift=7 -drive D"),
}  # fmt: skip

TABLE = Table("disks.md", "disks", ["disk", "QEMU options", "image", "drive", "read by", "bytes per block", "result"], DISKS)


MEDIA = {
    "whole": "64 MiB",
    "sixteen_mib": "16 MiB, no data",
    "floppy": "cut to 1.44 MB",
    "large_floppy": "cut to 2.88 MB",
    "three_tib": "3 TiB, sparse",
}


class Media:
    """Makes the disks that stand for D."""

    def __init__(self, image, build, directory):
        self.image, self.build, self.path = image, build, directory / "disk.img"

    def whole(self):
        return self.image

    def sixteen_mib(self):
        """A size that is a power of two MiB: SeaBIOS then finds no sectors per track on a stick."""
        parts = {name: self.build / f"{name}.bin" for name in ("stage1", "stage2", "kernel")}
        options = [word for name, file in parts.items() for word in (f"--{name}", file)]
        subprocess.run([self.build / "mkimage", "-o", self.path, *options, "--no-data", "--pad", "16"], check=True)
        assert self.path.stat().st_size == 16 * MIB
        return self.path

    def floppy(self):
        return self._copy(1440 * 1024)

    def large_floppy(self):
        return self._copy(2880 * 1024)

    def three_tib(self):
        return self._copy(3 << 40)

    def _copy(self, size):
        with Image(self.image).save(self.path).open("r+b") as file:
            try:
                file.truncate(size)
            except OSError as error:
                pytest.skip(f"no file of {size} bytes can be made here: {error}")
        return self.path


@pytest.fixture
def media(image, build, tmp_path):
    media = Media(image, build, tmp_path)
    yield media
    media.path.unlink(missing_ok=True)


@pytest.fixture
def blank(tmp_path):
    path = tmp_path / "blank.img"
    path.write_bytes(bytes(4 * MIB))
    return path


def options_of(disk, path, blank):
    """The options of the table as QEMU takes them."""
    words = NO_NETWORK if disk.result == REFUSAL else []
    for word in disk.options.replace("N ", "-drive D,if=none,id=d ").split():
        start, comma, rest = word.partition(",")
        if start in ("D", "B"):
            word = drive(path if start == "D" else blank)[1] + comma + rest
        words = [*words, word]
    return words


def campaign_unless(always):
    return [] if always else [pytest.mark.campaign]


def found(machine, disk):
    """Drive number, kind of calls, bytes per block and what became of it."""
    if disk.result == REFUSAL:
        machine.wait_for_screen(REFUSAL)
        assert machine.log() == "", "something was started"
        return "-", "-", "-", "the firmware cannot"
    if disk.result != "boots":
        code, words = machine.wait_for(LOADER_ERROR).groups()
        assert disk.result == f"error {code}" and NO_LONG_MODE in words
        return "-", "-", "-", disk.result
    machine.wait_for(LAST_LINE)
    machine.type("boot\r")
    number, access, size = machine.wait_for(DRIVE).groups()
    return f"{number}h", access, size, "boots"


@pytest.mark.table
@pytest.mark.parametrize("name", [pytest.param(n, marks=campaign_unless(d.always)) for n, d in DISKS.items()])
def test_disk(qemu, media, blank, name):
    disk = DISKS[name]
    machine = qemu(*options_of(disk, getattr(media, disk.media)(), blank))
    TABLE.check(name, f"`{disk.options}`", MEDIA[disk.media], *found(machine, disk))


def test_table_has_these_disks():
    TABLE.check_names()


# Prints what AH=08h says of drive DL: sectors per track, in port E9h.
GEOMETRY = """
bits 16
org 7C00h
        xor di, di
        mov es, di
        mov ah, 8
        int 13h
        mov al, cl
        and al, 3Fh
        add al, '0'
        out 0E9h, al
        mov al, 10
        out 0E9h, al
        mov al, 10h
        out 0F4h, al
        jmp $
        times 440 - ($ - $$) db 0
"""


def test_sixteen_mib_have_no_sectors_per_track(qemu, media, blank, tmp_path):
    """Or the row above would not show what it is there for."""
    path = media.sixteen_mib()
    (tmp_path / "geometry.asm").write_text(GEOMETRY)
    subprocess.run(["nasm", "-f", "bin", "-o", tmp_path / "geometry.bin", tmp_path / "geometry.asm"], check=True)
    with path.open("r+b") as file:
        file.write((tmp_path / "geometry.bin").read_bytes())
    machine = qemu(*options_of(DISKS["USB, xHCI, 16 MiB"], path, blank))
    machine.wait_exit()
    assert machine.e9() == "0\n"


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
    machine = qemu(*drive(disk), *NO_NETWORK)
    error = machine.wait_for(STAGE1_ERROR)[0]
    machine.wait_for_screen(error)
    assert error in machine.e9()
    machine.press("ret")
    machine.wait_for_screen(REFUSAL)
