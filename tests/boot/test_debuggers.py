"""The debuggers that `make bochs` and `make debug` start stop at every stage, with its name."""

import os
import re
import shutil
import signal
import subprocess

import pytest
from bochs import BINARY as BOCHS
from conftest import ROOT

PLACES = ["stage1", "stage2_entry", "enter_protected", "enter_long", "long_mode", "kernel_main"]
TIMEOUT = float(os.environ.get("CAIRN_TEST_TIMEOUT", 30))


def output_of(*command):
    """What a script says that is run without a display and without a person."""
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment["TERM"] = "xterm"
    run = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip
    # If it waits for a stop that does not come: TERM lets debug.sh end its QEMU, Bochs only hears KILL.
    for seconds, end in ((TIMEOUT, signal.SIGTERM), (5, signal.SIGKILL), (None, None)):
        try:
            said, _ = run.communicate(timeout=seconds)
            break
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, end)
    return said.decode("utf-8", "replace")


def test_bochs(build, image, tmp_path):
    if not shutil.which(BOCHS):
        pytest.skip("Bochs is not installed (tools/setup.sh)")
    commands = tmp_path / "commands"
    commands.write_text("c\n" * (len(PLACES) - 1) + "q\n")
    said = output_of("tools/bochs.sh", build, commands)
    stops = re.findall(r"Breakpoint (\d+), 0x.*\n.*\n.*\((\w+)\+0\): ", said)
    assert stops == [(str(number), place) for number, place in enumerate(PLACES, 1)], said


def test_gdb(build, image):
    if not shutil.which("gdb"):
        pytest.skip("gdb is not installed (tools/setup.sh)")
    at_each = ["-ex", "continue", "-ex", "stepi"]
    said = output_of("tools/debug.sh", build, "-batch", *at_each * len(PLACES), "-ex", "backtrace", "-ex", "screen")
    assert re.findall(r"^Breakpoint (\d+), ", said, re.MULTILINE) == [str(n) for n in range(1, len(PLACES) + 1)], said
    for place in PLACES[1:]:
        assert re.search(rf"^Breakpoint \d+, .*\b{place} \(", said, re.MULTILINE), said
    assert re.search(r"^#0 .*kernel_main .* at kernel/main\.c:\d+$", said, re.MULTILINE), said
    assert re.search(r"^Cairn loader", said, re.MULTILINE), said  # the text screen, read out of memory
