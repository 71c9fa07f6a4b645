"""What `make run` starts, without a display: the screen in a terminal, else the serial port, and how one leaves."""

import os

import pexpect
import pytest
from conftest import ROOT
from words import HELLO, PROMPT

TIMEOUT = float(os.environ.get("CAIRN_TEST_TIMEOUT", 30))


@pytest.fixture
def run(image, tmp_path):
    """Starts tools/run.sh on a terminal of its own."""
    (tmp_path / "cairn.img").symlink_to(image)
    children = []

    def start(command, **environment):
        inherited = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
        child = pexpect.spawn(
            "sh", ["-c", command.format(run="tools/run.sh", image=tmp_path / "cairn.img")], cwd=str(ROOT),
            env={**inherited, "QEMUFLAGS": "-snapshot", **environment}, dimensions=(25, 80), timeout=TIMEOUT,
        )  # fmt: skip
        children.append(child)
        return child

    yield start
    for child in children:
        child.close(force=True)


def test_in_a_terminal(run, tmp_path):
    child = run("exec {run} {image}", TERM="xterm")
    child.expect_exact("Alt-2")  # how to leave is said first
    child.expect_exact(HELLO)
    child.send("\x1b2")
    child.expect_exact("(qemu)")
    child.sendline("quit")
    child.expect(pexpect.EOF)
    assert child.wait() == 0
    assert HELLO in (tmp_path / "serial.log").read_text()


def test_on_the_serial_port(run):
    child = run("exec {run} {image} | cat", TERM="xterm", MEM="64", SMP="2")
    child.expect_exact("Ctrl-C")
    child.expect_exact(HELLO)
    child.expect(r"Memory: 63\.\d MiB")
    child.sendintr()
    child.expect(pexpect.EOF)


def test_starts_over(run):
    child = run("exec {run} {image} | cat", TERM="dumb")
    child.expect_exact(PROMPT)
    child.send("fault triple\r")
    child.expect_exact("The last run ended")
    child.expect_exact(PROMPT)
    child.sendintr()
    child.expect(pexpect.EOF)


def test_only_once(run):
    first = run("exec {run} {image} | cat", TERM="dumb")
    first.expect_exact(HELLO)
    second = run("exec {run} {image}", TERM="dumb")
    second.expect_exact("running already")
    second.expect(pexpect.EOF)
    assert second.wait() == 1
