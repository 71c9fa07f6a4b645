"""One machine that starts again and again, with other bytes on its disk each time.

A start costs half of what it costs in a QEMU of its own, because neither QEMU nor the firmware has to start first: the
first boot device is a floppy disk whose sector stops the machine, there a snapshot of it is taken, and each start goes on from
there. The firmware then reads the boot sector of the hard disk as on any other day.
"""

import shutil
import tempfile
from pathlib import Path

from image import SECTOR
from outcome import HANG, LOOK, Start, watch
from qemu import Qemu
from qmp import QmpError

# Tells port 505h (pvpanic) to stop the machine; then INT 18h, for the firmware to go on to the next device.
PAUSE = bytes.fromhex("ba0505 b001 ee cd18").ljust(SECTOR - 2, b"\0") + b"\x55\xaa"
SMALL = ["-m", "16", "-nic", "none"]  # costs the least
FLOPPY_SIZE = 1440 * 1024
STATE_SIZE = 1 << 26


class Rig:
    """`directory` takes the scratch files, at best in memory; `image` are the disk's first bytes, `size` is all of it."""

    def __init__(self, directory, image, size, *options):
        self._directory = directory
        self._disk = directory / "disk.img"
        self._floppy = directory / "floppy.img"
        self._state = directory / "state.qcow2"
        self._image, self._size = bytes(image), size
        self._options = options
        self._floppy.write_bytes(PAUSE.ljust(FLOPPY_SIZE, b"\0"))
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
        self._machine = machine = Qemu(
            directory,
            "-drive", f"format=raw,id=disk,file={self._disk},file.locking=off",
            "-drive", f"if=floppy,format=raw,readonly=on,file={self._floppy}", "-boot", "ac",
            "-device", "pvpanic", "-action", "panic=pause", *SMALL, *self._options,
            snapshot=False, reboots=True,
        )  # fmt: skip
        while machine.query("query-status")["running"]:
            machine.streams.read(LOOK)
        self._job("blockdev-create", options={"driver": "file", "filename": str(self._state), "size": 0})
        machine.query("blockdev-add", **{"driver": "file", "node-name": "file", "filename": str(self._state)})
        self._job("blockdev-create", options={"driver": "qcow2", "file": "file", "size": STATE_SIZE})
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
            return Start(f"QEMU: {error}", kind=HANG)
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
        machine.query("cont")
        start = watch(machine)
        machine.query("stop")
        disk = next(device for device in machine.query("query-blockstats") if device["device"] == "disk")
        start.wrote = disk["stats"]["wr_operations"] > 0
        return start

    def close(self):
        if self._machine:
            self._machine.close()
            self._machine = None


def start_once(*options):
    """One start in a machine of its own."""
    with tempfile.TemporaryDirectory() as directory:
        with Qemu(Path(directory), *options, *SMALL, reboots=True) as machine:
            return watch(machine)
