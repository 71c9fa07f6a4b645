"""Pseudo-terminals: for programs that want one, or that only then write line by line."""

import os
import pty
import signal
import subprocess
import time
import tty

from streams import Streams


def raw_terminal():
    """Both ends of a pseudo-terminal that passes bytes through unchanged: ours, and the device."""
    ours, device = pty.openpty()
    tty.setraw(device)
    return ours, device


def run_on_terminal(command, timeout, **environment):
    """Runs a command to its end and returns what it said; after `timeout` seconds it is killed, with all it started."""
    ours, device = raw_terminal()
    process = subprocess.Popen(
        command,
        stdin=device,
        stdout=device,
        stderr=device,
        env={**os.environ, "TERM": "xterm", **environment},
        start_new_session=True,
    )
    os.close(device)
    streams = Streams(output=ours)
    deadline = time.monotonic() + timeout
    while streams.is_open("output") and time.monotonic() < deadline:
        streams.read(deadline - time.monotonic())
    output = streams.text("output")
    streams.close()
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
    return output
