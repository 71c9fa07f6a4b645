"""One machine that starts again and again, with other bytes on its disk each time, and what became of each start.

A start costs half of what it costs in a QEMU of its own, because neither QEMU nor the firmware has to start first: the
first boot device is a floppy disk whose sector stops the machine, there a snapshot of it is taken, and each start goes on from
there. The firmware then reads the boot sector of the hard disk as on any other day.

Nothing here waits for a time to pass. A start is over when the machine has said one of the words for it, on COM1, port E9h or
the screen; when it was reset; when its processor stands still; or when it has used up many times the processor time of a
good start. Then the machine was told what the host's load cannot change: processor time, not hours.
"""

import re
import shutil
from dataclasses import dataclass

from image import SECTOR
from qemu import Qemu
from qmp import QmpError
from screen import Screen
from words import any_end

# Tells port 505h (pvpanic) to stop the machine; then INT 18h, for the firmware to go on to the next device.
PAUSE = bytes.fromhex("ba0505 b001 ee cd18").ljust(SECTOR - 2, b"\0") + b"\x55\xaa"
FLOPPY = 1440 * 1024

PATIENCE = 0.6  # seconds of processor time without an end: a good start takes 0.1
IDLE = 25  # looks at a processor in HLT, one after the other, 20 ms apart
LOOK = 0.02

NOT_BOOTABLE = "Boot failed: not a bootable disk"  # SeaBIOS, of a sector without 55 AA
NO_DEVICE = "No bootable device"  # and when nothing is left to try

END = any_end()


@dataclass
class Start:
    """What became of one start: the words that ended it, or how it ended without any."""

    end: str  # "words", "refused", "silent", "hang", "reset"
    log: str  # COM1, or where the words were if they were not there
    match: object = None  # of END
    wrote: bool = False  # to the disk


class Rig:
    """`directory` takes the scratch files, at best in memory; `image` are the disk's first bytes, `size` is all of it."""

    def __init__(self, directory, image, size, *options, qemu=Qemu):
        self._directory = directory
        self._disk = directory / "disk.img"
        self._floppy = directory / "floppy.img"
        self._state = directory / "state.qcow2"
        self._image, self._size = bytes(image), size
        self._options = options
        self._qemu = qemu
        self._floppy.write_bytes(PAUSE.ljust(FLOPPY, b"\0"))
        self._machine = None

    def _open(self):
        """A machine that stands in the first boot device, and its snapshot."""
        with self._disk.open("wb") as disk:
            disk.write(self._image)
            disk.truncate(self._size)
        self._state.unlink(missing_ok=True)
        directory = self._directory / "machine"
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        self._machine = machine = self._qemu(
            directory,
            "-drive", f"format=raw,id=disk,file={self._disk},file.locking=off",
            "-drive", f"if=floppy,format=raw,readonly=on,file={self._floppy}", "-boot", "ac",
            "-device", "pvpanic", "-action", "panic=pause", "-m", "16", "-nic", "none", *self._options,
            snapshot=False, reboots=True,
        )  # fmt: skip
        while machine.query("query-status")["running"]:
            machine.streams.read(LOOK)
        self._job("blockdev-create", options={"driver": "file", "filename": str(self._state), "size": 0})
        machine.query("blockdev-add", **{"driver": "file", "node-name": "file", "filename": str(self._state)})
        self._job("blockdev-create", options={"driver": "qcow2", "file": "file", "size": 1 << 26})
        machine.query("blockdev-add", **{"driver": "qcow2", "node-name": "state", "file": "file"})
        self._job("snapshot-save", tag="start", vmstate="state", devices=["state"])

    def _job(self, command, **arguments):
        """Has QEMU do something that takes its time, and waits for it."""
        query = self._machine.query
        query(command, **{"job-id": "job", **arguments})
        while (job := query("query-jobs")[0])["status"] != "concluded":
            pass
        query("job-dismiss", id="job")
        if "error" in job:
            raise QmpError(f"{command}: {job['error']}")

    def start(self, changes):
        """Starts the machine with these bytes on its disk, an {offset: bytes}, and puts the right ones back."""
        if not self._machine:
            self._open()
        with self._disk.open("r+b") as disk:
            for offset, data in changes.items():
                disk.seek(offset)
                disk.write(data)
        try:
            start = self._run()
        except (OSError, QmpError) as error:
            self.close()
            return Start("hang", f"QEMU: {error}")
        if start.wrote:
            self.close()
            return start
        with self._disk.open("r+b") as disk:
            for offset, data in changes.items():
                disk.seek(offset)
                disk.write(self._image[offset : offset + len(data)])
        return start

    def _run(self):
        machine = self._machine
        self._job("snapshot-load", tag="start", vmstate="state", devices=["state"])
        machine.forget()
        used = machine.cpu_seconds()
        machine.query("cont")
        idle = 0
        while True:
            if machine.streams.read(LOOK):
                if match := END.search(machine.log()):
                    return self._over("words", machine.log(), match)
                continue
            if machine.was_reset():
                return self._over("reset", machine.log())
            registers = machine.registers()
            halted = "HLT=1" in registers
            dead = halted and not int(re.search(r"E?R?FL=([0-9a-f]+)", registers)[1], 16) & 0x200
            idle = idle + 1 if halted else 0
            if not dead and idle < IDLE and machine.cpu_seconds() - used < PATIENCE:
                if machine.cpu_seconds() - used < PATIENCE / 3:
                    continue
            elsewhere = f"{machine.e9()}\n{machine.screen()}"
            if match := END.search(elsewhere):
                return self._over("words", elsewhere, match)
            if NOT_BOOTABLE in elsewhere:
                return self._over("refused", elsewhere)
            if NO_DEVICE in elsewhere or idle >= IDLE:
                return self._over("silent", elsewhere)
            if dead or machine.cpu_seconds() - used >= PATIENCE:
                return self._over("hang", elsewhere + registers)

    def _over(self, end, log, match=None):
        self._machine.query("stop")
        statistics = self._machine.query("query-blockstats")
        wrote = any(device["device"] == "disk" and device["stats"]["wr_operations"] for device in statistics)
        return Start(end, log, match, wrote)

    def close(self):
        if self._machine:
            self._machine.close()
            self._machine = None
