"""One run of QEMU: started with literal options, watched on COM1 and through QMP, always cleaned up.

COM1 is QEMU's standard output, QMP an inherited socket pair, so nothing has to be polled for and nothing is left behind.
Images are never written to (-snapshot), and a reset ends the run (-no-reboot): that is how a triple fault is noticed.
"""

import ctypes
import os
import re
import shlex
import socket
import subprocess
import time

from failure import BootFailure
from picture import HEIGHT, ROM, ROM_SIZE, WIDTH, Picture, rom_font
from qmp import Qmp, QmpError
from screen import ADDRESS, CRTC_DATA, CRTC_INDEX, CRTC_START, WINDOW, Screen
from streams import Streams

BINARY = os.environ.get("QEMU", "qemu-system-x86_64")
TIMEOUT = float(os.environ.get("CAIRN_TEST_TIMEOUT", 30))  # seconds until a machine counts as hung

DEBUG_EXIT = ["-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
PASSED = 33  # process status when a guest writes 10h to port F4h
FAILED = 35  # and 11h

KEY_REGISTERS = re.compile(r"^(?:RIP|EIP|CR0|CS |R[AS]|EA|ES[I]).*$", re.MULTILINE)

RESET = "reset"
SHUTDOWN = "shutdown"


def drive(image, **options):
    """The option that attaches a raw image as the stated command does, with more properties after it."""
    extra = "".join(f",{key}={value}" for key, value in options.items())
    return ["-drive", f"format=raw,file={str(image).replace(',', ',,')}{extra}"]


def command_line(text):
    """The option that replaces the command line of the image."""
    return ["-fw_cfg", f"name=opt/org.cairn/cmdline,string={text.replace(',', ',,')}"]


def memory(size):
    """The options for so much memory ("6G"), sparse: the host gives only the pages that are touched."""
    return ["-m", size, "-object", f"memory-backend-ram,id=ram,size={size},reserve=off", "-machine", "memory-backend=ram"]


class Qemu:
    def __init__(self, directory, *options, debug_devices=True, snapshot=True, reboots=False):
        """Starts QEMU. `directory` takes its scratch files.

        `debug_devices` adds ports E9h (see e9()) and F4h. `snapshot` keeps writes away from every image; where it cannot
        be used, the drives must say so themselves. With `reboots` a reset is one, and does not end the run.
        """
        self.directory = directory
        self._e9 = directory / "e9.log"
        self._e9_start = 0  # what lies before was forgotten
        ours, theirs = socket.socketpair()
        self.command = [
            BINARY, *options, *(DEBUG_EXIT if debug_devices else []),
            "-display", "none", "-serial", "stdio", *([] if reboots else ["-no-reboot"]), *(["-snapshot"] if snapshot else []),
        ]  # fmt: skip
        watching = [
            "-monitor", "none", "-chardev", f"socket,id=qmp,fd={theirs.fileno()}", "-mon", "chardev=qmp,mode=control",
            *(["-debugcon", f"file:{self._e9}"] if debug_devices else []),
        ]  # fmt: skip
        self._errors = (directory / "qemu.err").open("w+b")
        self._process = subprocess.Popen(
            [*self.command, *watching],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        self.streams = Streams(serial=os.dup(self._process.stdout.fileno()))
        self._process.stdout.close()
        self._qmp = None
        self._thread = None  # of processor 0
        try:
            self._qmp = Qmp(ours, TIMEOUT)
        except (OSError, QmpError):
            ours.close()
            self.wait_exit()
            raise BootFailure("QEMU did not start", self) from None

    # ---- watching ----

    @property
    def pid(self):
        return self._process.pid

    def log(self):
        """Everything COM1 has said so far."""
        return self.streams.text("serial")

    def e9(self):
        """Everything port E9h has said so far."""
        return self._e9.read_bytes()[self._e9_start :].decode("utf-8", "replace").replace("\r\n", "\n")

    def forget(self):
        """Forgets what was said and what happened so far, for a stopped machine that is about to start anew."""
        while self.streams.read(0):
            pass
        self.streams.forget("serial")
        self._e9_start = self._e9.stat().st_size
        self._qmp.events.clear()

    def wait_for(self, pattern, timeout=TIMEOUT, start=0):
        """The match of `pattern` on COM1; a BootFailure if it does not come, as soon as that is sure."""
        match = self.streams.wait_for("serial", pattern, timeout, start, self._is_stopped)
        if match:
            return match
        if not self.streams.is_open("serial"):
            self.wait_exit()
            why = f"the machine ended ({self.ending()})"
        elif self._is_stopped():
            why = "every processor stands in HLT with interrupts off"
        else:
            why = f"{timeout:g} s passed"
        raise BootFailure(f"{why} and COM1 never said {shown(pattern)}", self)

    def wait_exit(self, timeout=TIMEOUT):
        """Waits until the machine ends by itself; see ending() and status()."""
        deadline = time.monotonic() + timeout
        while self.streams.is_open("serial") and time.monotonic() < deadline:
            self.streams.read(deadline - time.monotonic())
        try:
            self._process.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            raise BootFailure(f"the machine still ran after {timeout:g} s", self) from None
        if self._qmp:
            self._qmp.drain()

    @property
    def status(self):
        """QEMU's exit status once it has ended: PASSED, FAILED, 0 for a reset or shutdown; None while it runs."""
        return self._process.poll()

    def ending(self):
        """How the machine ended: RESET, SHUTDOWN, or words with the exit status."""
        for event in self._qmp.events if self._qmp else []:
            if event["event"] == "SHUTDOWN" and event["data"]["reason"].endswith("-reset"):
                return RESET
            if event["event"] == "SHUTDOWN" and event["data"]["reason"] == "guest-shutdown":
                return SHUTDOWN
        return f"exit status {self.status}"

    def was_reset(self):
        """Whether the machine has reset itself."""
        self._qmp.execute("query-status")  # what happened comes before the answer
        return any(event["event"] == "RESET" and event["data"]["guest"] for event in self._qmp.events)

    def human(self, command):
        """What QEMU's monitor for people says to a command."""
        return self._qmp.human(command)

    def registers(self):
        """What all processors hold, in QEMU's words."""
        return self._qmp.human("info registers -a")

    def wait_until_stopped(self, timeout=TIMEOUT):
        """Waits until every processor stands in HLT with interrupts off."""
        deadline = time.monotonic() + timeout
        while not self._is_stopped():
            if time.monotonic() > deadline:
                raise BootFailure(f"{timeout:g} s passed and the processors still ran", self)
            self.streams.read(0.02)

    def _is_stopped(self):
        """Whether no processor will ever run again: all in HLT with interrupts off."""
        try:
            registers = self.registers()
        except QmpError:
            return False
        halted = re.findall(r"HLT=(\d)", registers)
        flags = re.findall(r"E?R?FL=([0-9a-f]+)", registers)
        return bool(halted) and all(h == "1" for h in halted) and not any(int(f, 16) & 0x200 for f in flags)

    # ---- looking inside ----

    def query(self, command, **arguments):
        """The answer to a command of QEMU's machine protocol."""
        return self._qmp.execute(command, **arguments)

    def provoke(self, command, **arguments):
        """The same for what may be the machine's end: QEMU can be gone before it answers."""
        try:
            self.query(command, **arguments)
        except QmpError:
            self.wait_exit()

    def wait_until_halted(self, timeout=TIMEOUT):
        """Waits until processor 0 waits in HLT: what it had to do and say is done."""
        deadline = time.monotonic() + timeout
        while "HLT=1" not in self._qmp.human("info registers"):
            if time.monotonic() > deadline:
                raise BootFailure(f"{timeout:g} s passed and the processor was never idle", self)

    def read_physical(self, address, size):
        return self._save("pmemsave", address, size)

    def read_virtual(self, address, size):
        """Memory as processor 0 sees it now."""
        return self._save("memsave", address, size)

    def _save(self, command, address, size):
        try:
            return self._memory(command, address, size)
        except QmpError as error:
            raise BootFailure(f"cannot read the machine's memory: {error}", self) from None

    def _memory(self, command, address, size):
        path = self.directory / "memory.bin"
        self._qmp.execute(command, val=address, size=size, filename=str(path))
        return path.read_bytes()

    def screen(self):
        """The VGA text screen as it is now."""
        running = self._qmp.execute("query-status")["running"]
        if running:
            self._qmp.execute("stop")  # or the machine would write to the register that is selected here
        try:
            return Screen(self._memory("pmemsave", ADDRESS, WINDOW), self._screen_start())
        finally:
            if running:
                self._resume()

    def _resume(self):
        """Goes on, unless the guest ended the machine (a reset under -no-shutdown) in the moment it was stopped."""
        try:
            self._qmp.execute("cont")
        except QmpError:
            if self._qmp.execute("query-status")["status"] != "shutdown":
                raise

    def _screen_start(self):
        """At which cell of the window the screen of the stopped machine begins."""

        def port(number):
            return int(self._qmp.human(f"i/b {number:#x}").split("=")[1], 16)

        selected = port(CRTC_INDEX)
        start = 0
        for register in CRTC_START:
            self._qmp.human(f"o/b {CRTC_INDEX:#x} {register:#x}")
            start = start << 8 | port(CRTC_DATA)
        self._qmp.human(f"o/b {CRTC_INDEX:#x} {selected:#x}")
        return start if start < WINDOW // 2 else 0  # there may be no such chip

    def wait_for_screen(self, text, timeout=TIMEOUT):
        """Waits until the text screen shows `text`, for when COM1 says nothing to wait for."""
        deadline = time.monotonic() + timeout
        while text not in (screen := self.screen()):
            if time.monotonic() > deadline:
                raise BootFailure(f"{timeout:g} s passed and the screen never showed {text!r}", self)
            self.streams.read(0.05)
        return screen

    def picture(self, font=None, cell=(WIDTH, HEIGHT)):
        """The graphics screen as it is now, in the video ROM's font or in another of that size."""
        path = self.directory / "screen.ppm"
        self._qmp.execute("screendump", filename=str(path))
        return Picture(path.read_bytes(), font or rom_font(self.read_physical(ROM, ROM_SIZE)), cell)

    def wait_for_picture(self, text, timeout=TIMEOUT):
        """Waits until the graphics screen shows `text`."""
        deadline = time.monotonic() + timeout
        while text not in (picture := self.picture()):
            if time.monotonic() > deadline:
                raise BootFailure(f"{timeout:g} s passed and the screen never showed {text!r}, but\n{picture}", self)
            self.streams.read(0.05)
        return picture

    def screendump(self, path):
        """Writes what a person would see as a PNG picture."""
        self._qmp.execute("screendump", filename=str(path), format="png")

    def cpu_seconds(self):
        """Processor time QEMU has used so far, all threads, user and system."""
        clock = ctypes.c_int()
        error = ctypes.CDLL(None).clock_getcpuclockid(self.pid, ctypes.byref(clock))
        if error:
            raise OSError(error, os.strerror(error))
        return time.clock_gettime(clock.value)

    def processor_seconds(self):
        """Processor time that went into the machine's processor 0, and not into what QEMU does besides."""
        if not self._thread:
            self._thread = self._qmp.execute("query-cpus-fast")[0]["thread-id"]
        with open(f"/proc/{self.pid}/task/{self._thread}/schedstat") as schedstat:
            return int(schedstat.read().split()[0]) / 1e9

    def disk_reads(self):
        """How many reads all disks have served."""
        return sum(device["stats"]["rd_operations"] for device in self._qmp.execute("query-blockstats"))

    # ---- acting ----

    def type(self, text):
        """Sends text to the machine's COM1."""
        self.type_bytes(text.encode())

    def type_bytes(self, data):
        self._process.stdin.write(data)
        self._process.stdin.flush()

    def press(self, *keys):
        """Presses keys of the PC keyboard together, by QEMU's names ("shift", "a", "ret")."""
        self._qmp.execute("send-key", keys=[{"type": "qcode", "data": key} for key in keys], **{"hold-time": 5})

    # ---- ending ----

    def report(self):
        """Everything a person needs to see why a run failed, and to repeat it."""
        self._errors.seek(0)
        parts = [f"command: {shlex.join(map(str, self.command))}"]
        errors = self._errors.read().decode("utf-8", "replace").strip()
        if errors:
            parts.append(f"QEMU said:\n{errors}")
        if self.status is not None:
            parts.append(f"QEMU ended: {self.ending()}")
        else:
            parts += self._report_inside()
        parts.append(f"COM1:\n{self.log()}")
        return "\n".join(parts)

    def _report_inside(self):
        try:
            registers = KEY_REGISTERS.findall(self._qmp.human("info registers"))
            screen = str(self.screen())
        except (OSError, QmpError):
            return []
        if screen.splitlines()[-5:] == self.log().splitlines()[-5:]:
            screen = "(ends like COM1)"
        return ["registers:\n" + "\n".join(registers), f"screen:\n{screen}"]

    def close(self):
        if self.status is None:
            self._process.kill()
            self._process.wait()
        if self._qmp:
            self._qmp.close()
        self._process.stdin.close()
        self.streams.close()
        self._errors.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def shown(pattern):
    return repr(pattern if isinstance(pattern, str) else pattern.pattern)
