#!/usr/bin/env python3
"""Tasks on the host beside the design of "Writing an OS in Rust": in Rust, with its own libraries, and written in C."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("CAIRN_BUILD", "build")
CRATES = Path("/usr/share/cargo/registry")  # where Debian's packages put them
CARGO = [
    *("cargo", "build", "--release", "--offline", "--quiet", "--target-dir", BUILD / "bench" / "cargo"),
    *("--config", 'source.crates-io.replace-with="debian"', "--config", f'source.debian.directory="{CRATES}"'),
]
ROWS = [
    ("spawn", "spawn, run and end"),
    ("wake_1", "wake and poll, 1 task"),
    ("wake_1000", "wake and poll, 1000 tasks"),
    ("keystroke_1", "keystroke: push, wake, poll, pop; 1 task"),
    ("keystroke_1000", "keystroke, 1000 tasks"),
    ("await", "await of what is ready"),
    ("duplicate_wake", "a wake of who is woken already"),
    ("timer", "a timer deleted and added, among 1000"),
    ("bytes", "bytes per task, waiting for one thing"),
]


def figures(program):
    """{name: value} of what a program prints."""
    said = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    return {name: float(value) for name, value in (line.split(": ") for line in said.splitlines())}


def rust_figures():
    """Those in Rust, or why there are none."""
    if not shutil.which("cargo"):
        return "cargo is not here"
    if not (CRATES / "crossbeam-queue-0.3.8").exists() or not (CRATES / "futures-util-0.3.21").exists():
        return "the libraries are not here (tools/setup.sh installs them, on Debian)"
    made = subprocess.run(CARGO, cwd=ROOT / "tests/bench/reference", capture_output=True, text=True)
    if made.returncode:
        return f"cargo could not build it: {made.stderr.strip()}"
    return figures(BUILD / "bench" / "cargo" / "release" / "reference")


def main():
    ours = figures(BUILD / "bench" / "async")
    rust = rust_figures()
    version = subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.split("(")[0].strip() if isinstance(rust, dict) else ""
    print("\nTasks, on the host, in nanoseconds (the best of 200 runs); beside the reference's design, and how many times ours")
    print(f"{'':42}{'ours':>8}{'in Rust':>16}{'in C':>16}")
    for name, text in ROWS:
        line = f"{text:42}{ours[f'ours {name}']:8.1f}"
        for value in (rust.get(name) if isinstance(rust, dict) else None, ours.get(f"c {name}")):
            ratio = value and f"{value / ours[f'ours {name}']:.1f}x"
            line += f"{value:9.1f} {ratio:>6}" if value else f"{'-':>16}"
        print(line)
    if isinstance(rust, dict):
        print(f"in Rust: {version}, crossbeam-queue 0.3.8, futures-util 0.3.21; it has no timers, and a wake of who is woken takes a place in its queue")
    else:
        print(f"in Rust: NOT RUN: {rust}")


main()
