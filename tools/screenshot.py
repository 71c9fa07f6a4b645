#!/usr/bin/env python3
"""screenshot.py [OPTION]... [IMAGE [PICTURE]]: boots the image and saves what a person would see.

By default build/cairn.img and docs/images/boot.png. The picture is QEMU's own: 720x400 in text mode.
WORDS replace the command line: with `--words video=auto` it is a picture of the framebuffer. Each LINE is entered at the prompt.
With KEYS it is a picture of the menu when they are typed and it shows TEXT; what LINEs did is then the last run, which ended badly.
The pictures of the tour, the README and the menu are made so:

    tools/screenshot.py
    tools/screenshot.py --words video=auto --type tasks --type 'walk kernel_main' --type 'x kernel_main 64' --type pci \\
        build/cairn.img docs/images/monitor.png
    cp build/cairn.img build/menu.img && build/mkimage config build/menu.img tests/data/menu.cfg
    tools/screenshot.py --keys '' --shows Starts build/menu.img docs/images/menu.png
    tools/screenshot.py --keys '' --words "video=auto keymap=de" --shows Starts build/menu.img docs/images/menu-framebuffer.png
    tools/screenshot.py --keys $'\\e[Be' --shows "Command line of" build/menu.img docs/images/menu-edit.png
    tools/screenshot.py --keys m --shows "lines   1-" build/menu.img docs/images/menu-memory.png
    tools/screenshot.py --keys p --shows "lines   1-" --type 'fault panic' build/menu.img docs/images/menu-last-run.png
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests" / "boot"))

from ansi import Ansi  # noqa: E402
from failure import BootFailure  # noqa: E402
from qemu import TIMEOUT, Qemu, command_line, drive  # noqa: E402
from words import LAST_LINE, STOPPED  # noqa: E402

MENU = "What shall be started?"
LAST_ROW = "h help"  # of the menu: when it is there the menu is, and nothing of what was on the screen before


def come_to_prompt(machine, arguments):
    machine.wait_for(LAST_LINE)
    for line in arguments.type:
        said = len(machine.log())
        machine.type(line + "\r")
        machine.wait_for(LAST_LINE, start=said)
    machine.wait_until_halted()


def wait_for_terminal(machine, terminal, text):
    """The menu draws each row for the person first, and then for the terminal."""
    deadline = time.monotonic() + TIMEOUT
    while text not in terminal:
        if time.monotonic() > deadline:
            raise BootFailure(f"the menu never showed {text!r}", machine)
        machine.streams.read(0.02)
        terminal.feed(machine.log())


def come_to_menu(machine, arguments):
    machine.wait_for(MENU)
    for line in arguments.type:
        machine.type("\r")
        machine.wait_for(LAST_LINE)
        machine.type(line + "\r")
        said = machine.wait_for(STOPPED).end()
        machine.query("system_reset")
        machine.wait_for(MENU, start=said)
    terminal = Ansi()
    wait_for_terminal(machine, terminal, LAST_ROW)
    machine.type(arguments.keys)
    wait_for_terminal(machine, terminal, arguments.shows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0].split(": ", 1)[1])
    parser.add_argument("image", nargs="?", type=Path, default=ROOT / "build" / "cairn.img")
    parser.add_argument("picture", nargs="?", type=Path, default=ROOT / "docs" / "images" / "boot.png")
    parser.add_argument("--words")
    parser.add_argument("--type", metavar="LINE", action="append", default=[])
    parser.add_argument("--keys")
    parser.add_argument("--shows", metavar="TEXT", default=MENU)
    arguments = parser.parse_args()
    come = come_to_prompt if arguments.keys is None else come_to_menu
    words = command_line(arguments.words) if arguments.words else []
    image, picture = arguments.image.absolute(), arguments.picture.absolute()
    picture.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        try:
            with Qemu(Path(directory), *drive(image), *words, reboots=True) as machine:
                come(machine, arguments)
                machine.screendump(picture)
        except BootFailure as failure:
            sys.exit(f"{image}: {failure}")
    print(picture)


if __name__ == "__main__":
    main()
