"""Every compiler the build knows makes a system that starts. `make check` builds in the same folders, with no warning.

What the build under test was made with has made one already (and again, without a warning, in test_reproducible.py).
"""

import os
import shutil

import pytest
from conftest import ROOT
from qemu import drive
from variant import compiler_of, make_variant
from words import HELLO, LAST_LINE


@pytest.mark.slow
@pytest.mark.parametrize("compiler", ["gcc", "clang", "x86_64-elf-gcc"])
def test_compiler(build, qemu, compiler):
    path = f"{ROOT / 'build/toolchain/bin'}:{os.environ['PATH']}"
    if not shutil.which(compiler, path=path):
        pytest.skip(f"there is no {compiler} (tools/setup.sh, for x86_64-elf-gcc make toolchain)")
    folder = build
    if shutil.which(compiler, path=path) != compiler_of(build):
        hostcc = "cc" if compiler == "x86_64-elf-gcc" else compiler
        folder = make_variant(build, compiler, f"CC={compiler}", f"HOSTCC={hostcc}", "cairn.img", path=path)
    machine = qemu(*drive(folder / "cairn.img"))
    machine.wait_for(LAST_LINE)
    assert HELLO in machine.log()
