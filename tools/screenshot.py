#!/usr/bin/env python3
"""screenshot.py [--words WORDS] [--type LINE]... [IMAGE [PICTURE]]: boots the image and saves what a person would see.

By default build/cairn.img and docs/images/boot.png. The picture is QEMU's own: 720x400 in text mode.
WORDS replace the command line: with `--words video=auto` it is a picture of the framebuffer. Each LINE is entered at the prompt.
The pictures of the tour and the README are made so:

    tools/screenshot.py
    tools/screenshot.py --words video=auto --type tasks --type 'walk kernel_main' --type 'x kernel_main 64' --type pci \\
        build/cairn.img docs/images/monitor.png
"""

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests" / "boot"))

from failure import BootFailure  # noqa: E402
from qemu import Qemu, command_line, drive  # noqa: E402
from words import LAST_LINE  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0].split(": ", 1)[1])
    parser.add_argument("image", nargs="?", type=Path, default=ROOT / "build" / "cairn.img")
    parser.add_argument("picture", nargs="?", type=Path, default=ROOT / "docs" / "images" / "boot.png")
    parser.add_argument("--words")
    parser.add_argument("--type", metavar="LINE", action="append", default=[])
    arguments = parser.parse_args()
    words = command_line(arguments.words) if arguments.words else []
    image, picture = arguments.image.absolute(), arguments.picture.absolute()
    picture.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        try:
            with Qemu(Path(directory), *drive(image), *words) as machine:
                machine.wait_for(LAST_LINE)
                for line in arguments.type:
                    said = len(machine.log())
                    machine.type(line + "\r")
                    machine.wait_for(LAST_LINE, start=said)
                machine.wait_until_halted()
                machine.screendump(picture)
        except BootFailure as failure:
            sys.exit(f"{image}: {failure}")
    print(picture)


if __name__ == "__main__":
    main()
