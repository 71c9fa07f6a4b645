"""What the CPUs did: `trace`, and tools/fetch_trace.py, which fetches it."""

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from qemu import TIMEOUT, drive
from words import CPUS_RUN, PROMPT

TOOLS = Path(__file__).resolve().parents[2] / "tools"
sys.path.append(str(TOOLS))

import fetch_trace  # noqa: E402

IN_USE = re.compile(r"^in use +(\d+) ", re.MULTILINE)
RING_FRAMES = 20
SHOWN = re.compile(r"^ +\d+\.\d{6} +(\d+)  (runs|sleeps|wakes|interrupt|its end) *(\S.*)?$", re.MULTILINE)


def fetch(serial, file):
    """The events, and how many CPUs the tool says they are of."""
    command = [sys.executable, TOOLS / "fetch_trace.py", "--seconds", "0.3", serial, file]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=3 * TIMEOUT).stdout
    cpus = re.fullmatch(rf"{re.escape(str(file))}: \d+ events of (\d) CPUs?, \d+ wakes with an arrow\n", said)[1]
    return json.loads(file.read_text())["traceEvents"], int(cpus)


def test_a_machine_that_paints_for_ever_is_given_up(monkeypatch):
    monkeypatch.setattr(fetch_trace, "PATIENCE", 0)
    machine, here = socket.socketpair()
    with machine, here:
        machine.sendall(b"a picture of top\r\n")
        with pytest.raises(fetch_trace.TraceError, match="^no prompt came for 0 s: does `top` run"):
            fetch_trace.fetch(here.fileno(), 0)


def frames_in_use(machine):
    start = len(machine.log())
    machine.type("mem\r")
    return int(machine.wait_for(IN_USE, start=start)[1])


def test_no_memory_for_all_is_memory_for_none(qemu, image):
    """Some CPUs have their ring by then, and give it back."""
    machine = qemu(*drive(image), "-m", "3M", "-smp", "8")
    machine.wait_for(CPUS_RUN, 4 * TIMEOUT)
    before = frames_in_use(machine)
    machine.type("trace on\r")
    machine.wait_for("There is no memory for it.\n")
    assert frames_in_use(machine) < before + RING_FRAMES
    machine.type("trace\r")
    machine.wait_for("Nothing was recorded: `trace on` begins.\n")


def test_it_is_fetched_for_a_browser(qemu, image, tmp_path):
    """From two CPUs, over the serial port of a machine that runs."""
    serial = tmp_path / "serial"
    qemu(*drive(image), "-smp", "2", "-serial", f"unix:{serial},server=on,wait=off")
    for _ in range(20):  # the second CPU comes when the first has nothing else to do
        events, cpus = fetch(serial, tmp_path / "trace.json")
        if cpus == 2:
            break
    assert cpus == 2
    began = {(fetch_trace.cpu_of(event), event["name"]) for event in events if event["ph"] == "B"}
    assert began >= {(0, "executor"), (0, "idle"), (0, "source 4"), (1, "call"), (1, "idle")}
    assert any(event["ph"] == "i" and event["name"] == "wake executor" for event in events)
    check_arrows(events)


def check_arrows(events):
    """Each leads from a wake to the very switch to who was woken."""
    before, wakes, woken = None, {}, 0
    for event in events:
        if event["ph"] == "s":
            assert before["ph"] == "i" and before["ts"] == event["ts"]
            wakes[event["id"]] = before["name"]
        if event["ph"] == "f":
            assert before["ph"] == "B" and before["ts"] == event["ts"]
        before = event
    for event, after in zip(events, events[1:], strict=False):
        if after["ph"] == "f":
            assert wakes[after["id"]] == f"wake {event['name']}"
            woken += 1
    assert woken == len(wakes) > 0


def test_the_latest_at_the_monitor(qemu, image):
    machine = qemu(*drive(image))
    machine.wait_for(PROMPT)
    machine.type("trace\r")
    before = machine.wait_for("Nothing was recorded: `trace on` begins.\n")
    machine.type("trace on\r")
    begins = machine.wait_for(re.compile(r"are recorded: the latest \d+ of each CPU\.\ncairn> "), start=before.end())
    machine.type("cpus\r")
    asked = machine.wait_for(re.compile(r"^CPU  APIC.*?cairn> ", re.MULTILINE | re.DOTALL), start=begins.end())
    machine.type("trace 2000\r")
    table = machine.wait_for(re.compile(r"in seconds  CPU\n(.*?)cairn> ", re.DOTALL), start=asked.end())[1]
    events = SHOWN.findall(table)
    assert len(events) == len(table.splitlines())
    assert {"runs", "sleeps", "wakes", "interrupt", "its end"} == {event[1] for event in events}
    times = [float(line.split()[0]) for line in table.splitlines()]
    assert times == sorted(times)


def event(phase, when, cpu=0, **more):
    return {"ph": phase, "pid": 1, "tid": cpu + 1, "ts": when, "name": "x", **more}


@pytest.mark.parametrize(
    ("events", "complaint"),
    [
        ([event("B", 2), event("E", 1)], "time goes back on CPU 0"),
        ([event("E", 1)], "an end without its beginning on CPU 0"),
        ([event("B", 1), event("B", 1, 3), event("E", 2)], "x without an end on CPU 3"),
        ([event("B", 1), event("E", 2, name="y")], "an end without its beginning on CPU 0"),
    ],
)
def test_what_does_not_match_is_refused(events, complaint):
    with pytest.raises(fetch_trace.TraceError, match=complaint):
        fetch_trace.check({"traceEvents": events})


def test_half_an_arrow_is_none():
    begins, ends = event("s", 1, id=1), event("f", 2, 1, id=1)
    backwards = [event("s", 5, id=2), event("f", 4, 1, id=2)]
    trace = {"traceEvents": [begins, event("s", 3, id=3), ends, event("f", 4, 1, id=4), *backwards]}
    fetch_trace.drop_halves(trace)
    assert trace["traceEvents"] == [begins, ends]


def test_lines_of_the_log_are_no_part_of_it():
    heard = b'cairn> trace json\r\n{"displayTimeUnit":"ns","traceEvents":[\r\nA mouse.\r\n{"ph":"M"}\r\n]}\r\ncairn> '
    assert fetch_trace.parse(fetch_trace.extract(heard)) == {"displayTimeUnit": "ns", "traceEvents": [{"ph": "M"}]}
