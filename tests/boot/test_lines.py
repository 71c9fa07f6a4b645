"""Source lines in reports: by the module `lines` in the machine, by `make where` on the host. Both must say the same."""

import os
import re
import subprocess
import sys

import pytest
from conftest import ROOT
from qemu import command_line, drive
from words import STOPPED

CALLER = re.compile(r"^  ([0-9a-f]{16})  (\w+)\+0x[0-9a-f]+", re.MULTILINE)
PROVOKE = "kernel/arch/x86_64/provoke.c"
KINDS = "kernel/core/fault_kinds.c"


def line_of(source, pattern):
    """The number of the only line of the file that has the text."""
    lines = (ROOT / source).read_text().splitlines()
    found = [number for number, line in enumerate(lines, 1) if pattern in line]
    assert len(found) == 1, f"{pattern!r} stands in lines {found}"
    return found[0]


def tool(name, *arguments, given=None):
    return subprocess.run(
        [sys.executable, ROOT / "tools" / name, *arguments],
        input=given, capture_output=True, text=True, timeout=60, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip


@pytest.fixture
def image_with_lines(build, tmp_path):
    """The test kernel's image with the line table of `kernel`."""

    def make(kernel):
        table, image = tmp_path / "table", tmp_path / "lines.img"
        nm = re.search(r"^TARGET_NM := (.+)$", (build / "tools.mk").read_text(), re.MULTILINE)[1]
        made = tool("lines.py", build / f"{kernel}.elf", table, nm)
        assert made.returncode == 0, made.stderr
        parts = [build / name for name in ("stage1.bin", "stage2.bin", "test.bin")]
        subprocess.run(
            [ROOT / "tools" / "make_image.sh", build / "mkimage", image, *parts, "", f"lines={table}"], check=True
        )
        return image

    yield make
    for path in tmp_path.iterdir():
        if path.is_file():
            path.unlink()


def report(qemu, image, kind="page"):
    machine = qemu(*drive(image), *command_line(f"fault={kind}"))
    machine.wait_for(STOPPED)
    machine.wait_exit()
    return machine.log()


def test_the_machine_names_lines(qemu, image_with_lines):
    log = report(qemu, image_with_lines("test"))
    instruction, call = line_of(PROVOKE, 'asm__ volatile("movb $1, (%0)"'), line_of(KINDS, "fault=page")
    assert re.search(rf"  write_null\+0x[0-9a-f]+ \({KINDS}:{call}\)\n", log)
    assert re.search(r"  kernel_main\+0x[0-9a-f]+ \(kernel/main\.c:\d+\)\n", log)
    assert instruction - 3 <= int(re.search(rf"at provoke_write\+0x\w+ \({PROVOKE}:(\d+)\), error code 2, CPU 0", log)[1]) <= instruction


def test_lines_of_another_kernel_are_not_used(qemu, image_with_lines):
    log = report(qemu, image_with_lines("kernel"))
    assert re.search(r"at provoke_write\+0x\w+, error code 2, CPU 0\n", log)
    assert ".c:" not in log


def places(log):
    """The lines that name code, without the addresses, which are others on each start."""
    return [re.sub(r"^  [0-9a-f]{16}  ", "", line) for line in log.splitlines() if re.search(r"\w\+0x", line)]


@pytest.mark.parametrize("kind", ["page", "stack", "sink"])
def test_where(build, qemu, test_image, image_with_lines, tmp_path, kind):
    """To the letter what the machine says itself; and what the machine says itself is not said twice."""
    log = tmp_path / "log"
    log.write_text(report(qemu, test_image, kind))
    said = tool("where.py", build, log)
    assert said.returncode == 0, said.stderr
    by_machine = report(qemu, image_with_lines("test"), kind)
    assert len(re.findall(r"\w+\+0x[0-9a-f]+ \(\S+:\d+\)", by_machine)) >= 4
    assert places(said.stdout) == places(by_machine)
    assert tool("where.py", build, given=by_machine).stdout == by_machine


def test_where_knows_the_build(build, qemu, test_image):
    log = report(qemu, test_image)
    other = tool("where.py", build, given=re.sub(r"\(kernel [0-9a-f]{8} ", "(kernel 00000000 ", log))
    assert other.returncode != 0
    assert "this is of kernel 00000000" in other.stderr
    none = tool("where.py", build, given="Hello World!\n")
    assert none.returncode != 0
    assert "no report" in none.stderr
