"""Every compiler the build knows makes a system that starts. `make check` builds in the same folders, with no warning."""

import os
import shutil
import subprocess

import pytest
from conftest import ROOT
from qemu import drive
from words import HELLO, LAST_LINE


@pytest.mark.slow
@pytest.mark.parametrize("compiler", ["gcc", "clang", "x86_64-elf-gcc"])
def test_compiler(build, qemu, compiler):
    path = f"{ROOT / 'build/toolchain/bin'}:{os.environ['PATH']}"
    if not shutil.which(compiler, path=path):
        pytest.skip(f"there is no {compiler} (tools/setup.sh, for x86_64-elf-gcc make toolchain)")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "CC"}
    hostcc = "cc" if compiler == "x86_64-elf-gcc" else compiler
    folder = build / f"check-{compiler}"
    made = subprocess.run(
        ["make", "-j2", f"BUILD={folder}", f"CC={compiler}", f"HOSTCC={hostcc}", "WERROR=1", "all"],
        cwd=ROOT, env={**environment, "PATH": path}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout
    machine = qemu(*drive(folder / "cairn.img"))
    machine.wait_for(LAST_LINE)
    assert HELLO in machine.log()
