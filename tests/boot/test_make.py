"""The Makefile empties and fills only a folder that is its own."""

import subprocess

import pytest
from conftest import ROOT


def make(*arguments):
    return subprocess.run(["make", "-C", ROOT, *arguments], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("build", ["", ".", "/", "kernel", "tests/boot", "~/build", "a b"])
def test_refuses_a_folder_that_is_not_for_building(build):
    result = make("-n", "clean", f"BUILD={build}")
    assert result.returncode != 0
    assert "BUILD" in result.stderr
    assert "rm -rf" not in result.stdout


def test_leaves_a_folder_of_others_alone(tmp_path):
    theirs = tmp_path / "theirs"
    theirs.write_text("precious")
    result = make("clean", f"BUILD={tmp_path}")
    assert result.returncode != 0
    assert "was not made by this Makefile" in result.stderr
    assert theirs.read_text() == "precious"
