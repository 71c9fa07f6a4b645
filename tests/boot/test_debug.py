"""The two ways to step through a start, driven by scripts: each stops at every place it names, in order."""

import os
import re
import shutil
import signal
import subprocess

import pytest
from bochs import TIMEOUT
from conftest import ROOT
from terminal import run_on_terminal

SLOT = 1 << 21
PLACES = ["stage1", "stage2_entry", "enter_protected", "enter_long", "long_mode", "kernel_main"]


def addresses(build):
    """Where the places are, by the symbols of stage 2 and the kernel."""
    found = {"stage1": 0x7C00}
    for name in ("stage2.elf", "kernel.elf"):
        lines = subprocess.run(["nm", build / name], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
        found.update((line.split()[-1], int(line.split()[0], 16)) for line in lines if len(line.split()) == 3)
    return [found[place] for place in PLACES]


@pytest.mark.xdist_group("build/bochs")
def test_bochs_stops_everywhere(build, image, bochs, tmp_path):
    """`make bochs`: the script goes on from the first place on; were one missed, the machine would idle for ever."""
    script = tmp_path / "commands"
    script.write_text("c\n" * (len(PLACES) - 1) + "q\n")
    said = run_on_terminal([ROOT / "tools" / "bochs.sh", build, script], TIMEOUT, DISPLAY="")
    stops = re.findall(r"\(0\) Breakpoint \d+, (0x[0-9a-f]+) in", said)
    assert [int(stop, 16) for stop in stops] == addresses(build), said[-4000:]


@pytest.mark.xdist_group("build/bochs")
def test_bochs_finds_a_kernel_at_a_random_place(build, image, bochs, tmp_path):
    """`make bochs CMDLINE=`, and by hand what docs/debugging.md says."""
    script = tmp_path / "commands"
    script.write_text("q\n")
    run_on_terminal([ROOT / "tools" / "bochs.sh", build, script], TIMEOUT, DISPLAY="", CMDLINE="")
    start = (build / "bochs" / "commands").read_text().splitlines()[:-1]
    machine = bochs(image, commands=[*start, *["c"] * (len(PLACES) - 2)])

    def number(place):
        low, high = re.findall(r"\b0x([0-9a-f]{8})\b", machine.ask(f"xp /2wx {place:#x}"))
        return int(low, 16), int(high, 16)

    info, _ = number(0x20010)
    low, high = number(info + 0xA0)
    slide = high << 32 | low
    machine.ask(f'ldsym global "{build / "bochs" / "kernel-symbols"}" {slide:#x}')
    machine.ask('lb "kernel_main"')
    assert f"{addresses(build)[-1] + slide:x} (kernel_main+0)" in machine.ask("c")


@pytest.mark.parametrize("words", ["nokaslr", ""])
def test_gdb_stops_everywhere(build, image, words):
    """`make debug`; with a kernel at a random place, too, whose symbols gdb moves when the page tables are there."""
    if not shutil.which(os.environ.get("GDB", "gdb")):
        pytest.skip("gdb is not installed (tools/setup.sh)")
    steps = [word for _ in PLACES for word in ("-ex", "continue", "-ex", 'printf "stopped at %#lx\\n", $pc')]
    session = subprocess.Popen(
        [ROOT / "tools" / "debug.sh", build, "-batch", *steps],
        env={**os.environ, "DISPLAY": "", "WAYLAND_DISPLAY": "", "CMDLINE": words},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        said, _ = session.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        os.killpg(session.pid, signal.SIGTERM)  # which lets the script end its QEMU
        said, _ = session.communicate()
    stops = [int(stop, 16) for stop in re.findall(r"^stopped at (0x[0-9a-f]+)", said, re.MULTILINE)]
    moved = re.search(r"^The kernel is (0x[0-9a-f]+) above", said, re.MULTILINE)
    slide = int(moved[1], 16) if moved else 0
    *loader, kernel = addresses(build)
    assert stops == [*loader, kernel + slide], said[-4000:]
    assert slide % SLOT == 0 and (words == "" or slide == 0)
