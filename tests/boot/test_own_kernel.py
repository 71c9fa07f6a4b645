"""The guide docs/own-kernel.md, gone through in an empty folder: its files written, its commands run, what they show compared."""

import os
import re
import shlex
import shutil
import subprocess

import pytest
from conftest import ROOT
from other_kernel import need_compiler
from qemu import BINARY, TIMEOUT
from streams import Streams

GUIDE = ROOT / "docs" / "own-kernel.md"
BLOCK = re.compile(r"^```(\w*) ?(\S*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SOURCES = ("boot", "include", "kernel", "tests/boot/kernels", "tools", "Makefile", "VERSION")  # what a build looks at


def steps(text):
    """What is to be done: (kind, argument, what it shows, None if that is not told)."""
    blocks = BLOCK.findall(text)
    shows = [after[2] if after[0] == "text" else None for after in [*blocks[1:], ("", "", "")]]
    for (kind, name, content), shown in zip(blocks, shows, strict=True):
        if kind == "sh":
            commands = content.replace("\\\n", "").splitlines()
            yield from (("run", command, None) for command in commands[:-1])
            yield "run", commands[-1], shown
        elif kind != "text":
            assert name, f"a block of {kind or 'nothing'} is no file"
            yield "write", (name, content), None


def pattern(shown):
    """What the guide shows: `...` is anything in a line."""
    return re.compile(re.escape(shown.strip()).replace(re.escape("..."), ".+"), re.MULTILINE)


@pytest.fixture
def folder(tmp_path):
    """An empty folder, but for Cairn's sources."""
    folder = tmp_path / "mine"
    for name in SOURCES:
        source, place = ROOT / name, folder / "cairn" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, place) if source.is_dir() else shutil.copy(source, place)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def environment(tmp_path):
    """That of a person who has just logged in, and whose QEMU opens no window."""
    wrapper = tmp_path / "bin" / "qemu-system-x86_64"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\nexec {shlex.quote(shutil.which(BINARY))} -display none "$@"\n')
    wrapper.chmod(0o755)
    path = f"{wrapper.parent}:{os.environ['PATH']}"
    return {"PATH": path, "HOME": str(tmp_path), "LC_ALL": "C", "PYTHONDONTWRITEBYTECODE": "1"}


def watch(command, shown, folder, environment):
    """Starts a machine, which does not end by itself, until it has said what the guide shows."""
    machine = subprocess.Popen(
        shlex.split(command), cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    )
    streams = Streams(serial=os.dup(machine.stdout.fileno()))
    machine.stdout.close()
    try:
        said = streams.wait_for("serial", pattern(shown), TIMEOUT, 0, lambda: machine.poll() is not None)
        assert said, f"{command} never said\n{shown}but\n{streams.text('serial')}"
    finally:
        machine.kill()
        machine.wait()
        streams.close()


def run(command, shown, folder, environment):
    if command.startswith("qemu-system"):
        assert shown, f"what does {command} show?"
        watch(command, shown, folder, environment)
        return
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=10 * TIMEOUT
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    assert not done.stderr, f"{command}\n{done.stderr}"
    if shown:
        assert pattern(shown).fullmatch(done.stdout.strip()), f"{command}\n{done.stdout}"


def test_the_guide(folder, environment):
    need_compiler("gcc")
    text = GUIDE.read_text()
    prose = BLOCK.sub("", text)
    assert not re.search(r"^( {4}|\t|```)", prose, re.MULTILINE), "a block that nobody runs"
    done = list(steps(text))
    assert sum(step[1].startswith("qemu-system") for step in done if step[0] == "run") >= 3
    for kind, argument, shown in done:
        if kind == "write":
            (folder / argument[0]).write_text(argument[1])
        else:
            run(argument, shown, folder, environment)
