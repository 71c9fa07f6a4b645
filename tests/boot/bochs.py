"""One run of Bochs without a window: its debugger on one pseudo-terminal, the machine's COM1 on another.

A file would do for COM1, but Bochs buffers it; a terminal delivers each byte at once, so nothing is polled for. The image
is never written to (disk mode volatile).
"""

import os
import re
import signal
import struct
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

from failure import BootFailure
from screen import ADDRESS, COLUMNS, WINDOW, Screen
from streams import Streams
from terminal import raw_terminal

BINARY = os.environ.get("BOCHS", "bochs")
SHARE = Path(os.environ.get("BOCHS_SHARE", "/usr/share/bochs"))
TIMEOUT = float(os.environ.get("CAIRN_TEST_TIMEOUT", 30))  # seconds until a machine counts as hung

LATEST = "BIOS-bochs-latest"
LEGACY = "BIOS-bochs-legacy"
CPU_LONG_MODE = "corei7_haswell_4770"
CPU_32_BIT = "p3_katmai"

# A small `ips` keeps the BIOS's three guest seconds of waiting short. The display `term` says that it cannot show graphics:
# that is no reason to end.
CONFIGURATION = """\
config_interface: textconfig
display_library: term
cpu: model={cpu}, ips=4000000, reset_on_triple_fault=0
megs: {megs}
romimage: file={bios}
vgaromimage: file={share}/VGABIOS-lgpl-latest
ata0-master: type=disk, path={image}, mode=volatile, journal={directory}/journal
ata1: enabled=0
boot: disk
com1: enabled=1, mode=term, dev={com1}
port_e9_hack: enabled=1
panic: action=fatal, term=report
clock: sync=none, time0=1
sound: driver=dummy
speaker: enabled=0
log: {directory}/bochs.log
"""
DUMP_LINE = re.compile(r">:\s+((?:0x[0-9a-f]{8}\s+)+)")  # of the debugger's command xp

LINE_TAKEN = "\x1b[?2004l"  # the debugger's line editor gives the terminal back

PROBE = """\
display_library: term
romimage: file={share}/{bios}
vgaromimage: file={share}/VGABIOS-lgpl-latest
log: {directory}/log
"""


@cache
def has_several_cpus():
    """Was it built for more than one? Its log says so; `bochs --help features` does not."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "bochsrc").write_text(PROBE.format(share=SHARE, bios=LATEST, directory=directory))
        (directory / "commands").write_text("q\n")
        subprocess.run(
            [BINARY, "-q", "-f", directory / "bochsrc", "-rc", directory / "commands"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={**os.environ, "TERM": "xterm"},
            timeout=TIMEOUT,
        )
        return "SMP support: yes" in (directory / "log").read_text("utf-8", "replace")


class Bochs:
    def __init__(self, directory, image, *, bios=LATEST, cpu=CPU_LONG_MODE, megs=64, commands=("c",), more=""):
        """Starts Bochs. `commands` are what its debugger does before it listens to ask(), `more` is configuration."""
        self.directory = directory
        com1, com1_device = raw_terminal()
        debugger, debugger_device = raw_terminal()
        configuration = directory / "bochsrc"
        configuration.write_text(
            CONFIGURATION.format(
                cpu=cpu, megs=megs, bios=SHARE / bios, share=SHARE, image=image, directory=directory,
                com1=os.ttyname(com1_device),
            ) + more  # fmt: skip
        )
        script = directory / "commands"
        script.write_text("".join(f"{command}\n" for command in commands))
        self.command = [BINARY, "-q", "-unlock", "-f", str(configuration), "-rc", str(script)]
        self._process = subprocess.Popen(
            self.command,
            stdin=debugger_device,
            stdout=debugger_device,
            stderr=debugger_device,
            env={**os.environ, "TERM": "xterm"},
            start_new_session=True,
        )
        os.close(debugger_device)
        self._com1_device = com1_device  # held open, or COM1 would look closed until Bochs opens it
        self._prompts = 1  # the number of the debugger's next prompt
        self._debugger = os.dup(debugger)
        self._com1 = os.dup(com1)
        self.streams = Streams(serial=com1, debugger=debugger)

    # ---- watching ----

    def log(self):
        """Everything COM1 has said so far."""
        return self.streams.text("serial")

    def transcript(self):
        """Everything Bochs and its debugger have said so far, port E9h included."""
        return self.streams.text("debugger")

    def wait_for(self, pattern, timeout=TIMEOUT, start=0):
        """The match of `pattern` on COM1; a BootFailure if it does not come."""
        return self._wait("serial", pattern, timeout, start, "COM1")

    def wait_for_debugger(self, pattern, timeout=TIMEOUT, start=0):
        """The match of `pattern` in the debugger's output; a BootFailure if it does not come."""
        return self._wait("debugger", pattern, timeout, start, "the debugger")

    def _wait(self, stream, pattern, timeout, start, speaker):
        match = self.streams.wait_for(stream, pattern, timeout, start, lambda: self.status is not None)
        if match:
            return match
        why = f"{timeout:g} s passed" if self.status is None else f"Bochs ended with status {self.status}"
        shown = pattern if isinstance(pattern, str) else pattern.pattern
        raise BootFailure(f"{why} and {speaker} never said {shown!r}", self)

    def wait_exit(self, timeout=TIMEOUT):
        """Waits until Bochs ends by itself."""
        deadline = time.monotonic() + timeout
        while self.streams.is_open("debugger") and time.monotonic() < deadline:
            self.streams.read(deadline - time.monotonic())
        try:
            self._process.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            raise BootFailure(f"Bochs still ran after {timeout:g} s", self) from None

    @property
    def status(self):
        return self._process.poll()

    # ---- looking inside ----

    def stop(self):
        """Stops the machine, so that the debugger takes commands.

        Bochs forgets a signal that comes while it has read `c` and not yet begun to run: so it is sent until it is heard.
        """
        deadline = time.monotonic() + TIMEOUT
        while True:
            self._process.send_signal(signal.SIGINT)
            patience = 1 if time.monotonic() < deadline else 0
            if self.streams.wait_for("debugger", prompt(self._prompts), patience, 0, lambda: self.status is not None):
                return
            if not patience or self.status is not None:
                self.wait_for_debugger(prompt(self._prompts), timeout=0)

    def go_on(self):
        """Lets the stopped machine run again."""
        self._type("c")

    def ask(self, command):
        """The debugger's answer to a command while the machine is stopped."""
        start = self.wait_for_debugger(prompt(self._prompts)).end()
        self._type(command)
        end = self.wait_for_debugger(prompt(self._prompts)).start()
        return self.transcript()[start:end]

    def _type(self, command):
        """Until the line was taken, a signal would only discard it."""
        start = len(self.transcript())
        os.write(self._debugger, command.encode() + b"\n")
        self._prompts += 1
        self.wait_for_debugger(LINE_TAKEN, start=start)

    def screen(self):
        """The VGA text screen of the stopped machine, and what was on it before.

        Bochs does not say where in the window the screen begins, so these are all lines of the window.
        """
        dump = self.ask(f"xp /{WINDOW // 4}wx {ADDRESS:#x}")
        words = [int(word, 16) for line in DUMP_LINE.findall(dump) for word in line.split()]
        return Screen(struct.pack(f"<{WINDOW // 4}I", *words), rows=WINDOW // (COLUMNS * 2))

    def wait_for_screen(self, text, timeout=TIMEOUT):
        """Waits until the text screen shows `text`; leaves the machine stopped."""
        deadline = time.monotonic() + timeout
        while True:
            self.stop()
            screen = self.screen()
            if text in screen:
                return screen
            if time.monotonic() > deadline:
                raise BootFailure(f"{timeout:g} s passed and the screen never showed {text!r}, but\n{screen}", self)
            self.go_on()

    # ---- acting ----

    def type(self, text):
        """Sends text to the machine's COM1."""
        os.write(self._com1, text.encode())

    # ---- ending ----

    def report(self):
        """Everything a person needs to see why a run failed."""
        log = self.directory / "bochs.log"
        return "\n".join(
            [
                f"command: {' '.join(self.command)}",
                f"COM1:\n{self.log()}",
                f"debugger:\n{self.transcript()[-4000:]}",
                "bochs.log:\n" + (log.read_text("utf-8", "replace")[-2000:] if log.exists() else "(none)"),
            ]
        )

    def close(self):
        if self.status is None:
            self._process.kill()
            self._process.wait()
        os.close(self._com1_device)
        os.close(self._debugger)
        os.close(self._com1)
        self.streams.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def prompt(number):
    """What the debugger says before it listens; it counts commands from 1."""
    return f"<bochs:{number}> "
