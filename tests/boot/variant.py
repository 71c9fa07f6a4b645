"""The same sources built in another way: with another compiler, with a sanitizer, with guards."""

import fcntl
import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OF_OUR_OWN_MAKE = ("MAKE", "MFLAGS")  # what `make test` hands down is not for this make


def compiler_of(build):
    """What the kernel in that folder was compiled by: a path."""
    return re.search(r"^TARGET_CC := (.*)$", (build / "tools.mk").read_text(), re.MULTILINE)[1]


def make_variant(build, name, *arguments, path=None):
    """Makes arguments (variables, and targets relative to the folder) in a folder of its own, which is returned.

    Tests that share a variant may be in different processes of pytest-xdist, each with fixtures of its own: one makes it,
    the others wait and find it made. Two makes in one folder would run what the other is just linking.
    """
    folder = build / f"check-{name}"  # neither the Makefile nor a test that copies the build looks into these
    variables = [argument for argument in arguments if "=" in argument]
    # As `make check` names it: files that know their dependencies by another name would not be made again.
    known_as = folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder
    targets = [argument if argument == "all" else known_as / argument for argument in arguments if "=" not in argument]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OF_OUR_OWN_MAKE)}
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = subprocess.run(
            ["make", "-j2", f"BUILD={known_as}", "WERROR=1", *variables, *targets],
            cwd=ROOT, env={**environment, "PATH": path or environment["PATH"]},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
    assert made.returncode == 0, made.stdout
    return folder
