"""The image depends on its sources alone: not on the directory, the language, the time zone or the rights of new files."""

import os
import shutil
import subprocess

import pytest
from conftest import ROOT
from variant import compiler_of

NOT_SOURCES = shutil.ignore_patterns("build", ".git", "__pycache__")


@pytest.mark.slow
def test_same_image_from_another_directory(build, image, test_image, tmp_path):
    copy = tmp_path / "somewhere" / "else"
    shutil.copytree(ROOT, copy, ignore=NOT_SOURCES)
    environment = {
        name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS")
    }
    environment.update(LC_ALL="tr_TR.UTF-8", TZ="Asia/Kathmandu", HOME=str(tmp_path))
    environment["PATH"] = f"{build / 'toolchain' / 'bin'}:{environment['PATH']}"
    made = subprocess.run(
        ["make", "-j2", f"CC={compiler_of(build)}", "BUILD=out", "WERROR=1", "all"],
        cwd=copy, env=environment, umask=0o077, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout
    for original in (image, test_image):
        assert first_difference(original, copy / "out" / original.name) is None
    shutil.rmtree(tmp_path)


def first_difference(path, other):
    """The offset of the first byte that differs, None if there is none."""
    with path.open("rb") as a, other.open("rb") as b:
        offset = 0
        while True:
            left, right = a.read(1 << 20), b.read(1 << 20)
            if left != right:
                return offset + next((i for i, (x, y) in enumerate(zip(left, right)) if x != y), min(len(left), len(right)))
            if not left:
                return None
            offset += len(left)
