"""Kernels in C that are not Cairn's: compiled far from it, with nothing of it but include/boot."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KERNELS = ROOT / "tests" / "boot" / "kernels"
INCLUDE = ROOT / "include" / "boot"
TOOLS = {**os.environ, "PATH": f"{ROOT / 'build/toolchain/bin'}:{os.environ['PATH']}"}
FLAGS = (
    "-std=gnu11 -O2 -Wall -Wextra -Werror -ffreestanding -fno-pie -fno-stack-protector -mno-red-zone -mgeneral-regs-only "
    "-nostdlib -static -Wl,-e,start"
).split()


def need_compiler(compiler):
    """Skips the test if there is no such compiler, or if it makes no ELF files for x86-64."""
    if not shutil.which(compiler, path=TOOLS["PATH"]):
        pytest.skip(f"there is no {compiler} (tools/setup.sh, for x86_64-elf-gcc make toolchain)")
    machine = subprocess.run([compiler, "-dumpmachine"], env=TOOLS, check=True, capture_output=True, text=True).stdout
    if not re.match(r"x86_64-.*\b(linux|elf)\b", machine):
        pytest.skip(f"{compiler} compiles for {machine.strip()}")


def compile_kernel(name, directory, compiler="gcc", *more):
    """What becomes of kernels/NAME.c, with its linker script if it has one, in a directory of their own: an ELF file's bytes."""
    need_compiler(compiler)
    shutil.copytree(INCLUDE, directory / "include" / "boot")
    for file in KERNELS.glob(f"{name}.*"):
        shutil.copy(file, directory)
    script = directory / f"{name}.ld"
    linked = ["-mcmodel=kernel", f"-Wl,-T,{script.name}"] if script.exists() else []
    command = [compiler, *FLAGS, *linked, *more, "-Iinclude", "-o", f"{name}.elf", f"{name}.c"]
    subprocess.run(command, cwd=directory, env=TOOLS, check=True)
    return (directory / f"{name}.elf").read_bytes()
