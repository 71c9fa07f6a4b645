"""The commands that tools/debug.gdb adds to gdb. That both debuggers stop everywhere is test_debug.py's."""

import os
import re
import shutil

import pytest
from conftest import ROOT
from qemu import TIMEOUT
from terminal import run_on_terminal


def test_commands(build, image):
    if not shutil.which(os.environ.get("GDB", "gdb")):
        pytest.skip("gdb is not installed (tools/setup.sh)")
    # In real mode, and in the kernel with what the loader said on the screen.
    steps = ["delete 2-5", "continue", "code", "continue", "backtrace", "registers", "screen"]
    said = run_on_terminal(
        [ROOT / "tools" / "debug.sh", build, "-batch", *(word for step in steps for word in ("-ex", step))],
        TIMEOUT, DISPLAY="", WAYLAND_DISPLAY="",
    )  # fmt: skip
    assert re.search(r"^0x0+7c00: .*\bjmp\b", said, re.MULTILINE), said
    assert re.search(r"^#0 .*kernel_main .* at kernel/main\.c:\d+\b", said, re.MULTILINE), said
    assert re.search(r"\bCR3=0*[1-9a-f]", said, re.MULTILINE), said
    assert re.search(r"^Cairn loader: ", said, re.MULTILINE), said
