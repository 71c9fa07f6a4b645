#!/usr/bin/env python3
"""fetch_trace.py [--seconds S] SERIAL FILE: what the CPUs of a running system do, as a file for a browser's trace viewer.

SERIAL is where the machine's first serial port can be reached: a Unix socket (QEMU: -serial unix:PATH,server,wait=off), HOST:PORT
or a terminal. It types `trace on`, waits S seconds (1), types `trace json` and writes what comes to FILE, after a check: events
that begin and end match, and times ascend. Of wakes that led nowhere, or came from before, no arrow is drawn.
Chromium's developer tools show it: Performance, Load profile.
"""

import argparse
import json
import os
import select
import socket
import sys
import termios
import time
import tty

PROMPT = b"cairn> "
BEGIN, END = '{"displayTimeUnit"', "]}"
PATIENCE = 60  # seconds without a word from the machine, or without a prompt


class TraceError(Exception):
    pass


def connect(where):
    """A file descriptor, and whoever keeps it open."""
    if ":" in where and not os.path.exists(where):
        host, port = where.rsplit(":", 1)
        connection = socket.create_connection((host, int(port)))
        return connection.fileno(), connection
    if os.path.exists(where) and os.path.isfile(where):
        raise TraceError(f"{where} is a file: there is nobody to ask")
    try:
        terminal = os.open(where, os.O_RDWR | os.O_NOCTTY)
    except OSError:
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(where)
        return connection.fileno(), connection
    tty.setraw(terminal, termios.TCSANOW)
    return terminal, None


def read_until(port, mark, again=b""):
    """All that came up to `mark`; `again` is for a prompt: it is typed now and then while nothing comes.

    What is painted again and again is never silent, and no prompt comes: so the whole time counts for that one.
    """
    heard, silent, began = b"", 0, time.monotonic()
    while mark not in heard:
        if again and heard and time.monotonic() - began > PATIENCE:
            raise TraceError(f"no prompt came for {PATIENCE} s: does `top` run?")
        if select.select([port], [], [], 1)[0]:
            piece = os.read(port, 65536)
            if not piece:
                raise TraceError("the machine has closed its serial port")
            heard, silent = heard + piece, 0
            continue
        silent += 1
        if silent > PATIENCE:
            raise TraceError(f"the machine has been silent for {PATIENCE} s")
        if again:
            os.write(port, again)
    return heard


def extract(heard):
    """The JSON text: a line of the log may stand between its lines."""
    lines = heard.decode("utf-8", "replace").replace("\r", "").split("\n")
    starts = [i for i, line in enumerate(lines) if line.startswith(BEGIN)]
    if not starts:
        raise TraceError("the machine did not answer with a trace")
    return "\n".join(line for line in lines[starts[-1] :] if line.startswith(("{", END))) + "\n"


def cpu_of(event):
    return event["tid"] - 1  # what is special to some viewers is not used: process 0, thread 0


def check(trace):
    """Raises a TraceError unless what begins ends, on each track, and times ascend there."""
    opened, last = {}, {}
    for number, event in enumerate(trace["traceEvents"]):
        if event["ph"] == "M":
            continue
        cpu = cpu_of(event)
        if event["ts"] < last.get(cpu, 0):
            raise TraceError(f"event {number}: time goes back on CPU {cpu}")
        last[cpu] = event["ts"]
        if event["ph"] == "B":
            opened.setdefault(cpu, []).append(event["name"])
        elif event["ph"] == "E" and (not opened.get(cpu) or opened[cpu].pop() != event["name"]):
            raise TraceError(f"event {number}: an end without its beginning on CPU {cpu}")
    for cpu, names in opened.items():
        if names:
            raise TraceError(f"{' and '.join(names)} without an end on CPU {cpu}")


def drop_halves(trace):
    """Of an arrow, one end may be lost, or not have come yet; viewers bear no half ones. Clocks of two CPUs may differ."""
    starts = {event["id"]: event["ts"] for event in trace["traceEvents"] if event["ph"] == "s"}
    whole = {
        event["id"]
        for event in trace["traceEvents"]
        if event["ph"] == "f" and starts.get(event["id"], event["ts"] + 1) <= event["ts"]
    }
    trace["traceEvents"] = [event for event in trace["traceEvents"] if event["ph"] not in "sf" or event["id"] in whole]


def parse(text):
    try:
        trace = json.loads(text)
    except ValueError as error:
        raise TraceError(f"this is no JSON: {error}") from None
    check(trace)
    drop_halves(trace)
    return trace


def render(trace):
    """One event a line, for whoever reads it without a viewer."""
    events = ",\n".join(json.dumps(event, separators=(",", ":")) for event in trace["traceEvents"])
    return f'{{"displayTimeUnit":"ns","traceEvents":[\n{events}\n]}}\n'


def fetch(port, seconds):
    read_until(port, PROMPT, again=b"\r")
    os.write(port, b"trace on\r")
    read_until(port, b"are recorded")
    time.sleep(seconds)
    os.write(port, b"trace json\r")
    return extract(read_until(port, f"\n{END}".encode()))


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--seconds", type=float, default=1)
    arguments.add_argument("serial")
    arguments.add_argument("file")
    given = arguments.parse_args()
    try:
        port, keeper = connect(given.serial)
        trace = parse(fetch(port, given.seconds))
    except (OSError, TraceError) as error:
        sys.exit(f"fetch_trace.py: {error}")
    with open(given.file, "w", encoding="utf-8") as file:
        file.write(render(trace))
    cpus = {cpu_of(event) for event in trace["traceEvents"] if "ts" in event}
    arrows = sum(event["ph"] == "f" for event in trace["traceEvents"])
    counts = f"{len(trace['traceEvents'])} events of {len(cpus)} CPU{'s' if len(cpus) != 1 else ''}"
    print(f"{given.file}: {counts}, {arrows} wakes with an arrow")
    if keeper:
        keeper.close()


if __name__ == "__main__":
    main()
