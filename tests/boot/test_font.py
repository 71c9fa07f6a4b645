"""Fonts that are built in: what tools/psf_font.py makes of them, how it refuses what is none, and what the screen shows."""

import gzip
import re
import shutil
import struct
import subprocess
import sys

import pytest
from conftest import ROOT
from picture import UNKNOWN, pack
from qemu import command_line, drive
from words import LAST_LINE

TOOL = ROOT / "tools" / "psf_font.py"


def glyph(number, width, height):
    """A picture that no other number has: its bits, over and over."""
    bits = f"{number:016b}1" * (width * height)
    return pack(bits[: width * height], width)


def glyphs(count, width, height):
    """A blank at 0, for the blank; glyph n is for character 32 + n."""
    return bytes((width + 7) // 8 * height) + b"".join(glyph(n, width, height) for n in range(1, count))


def psf2(count=128, width=8, height=16, *, version=0, flags=1, size=None, table=None, cut=None):
    if table is None:
        table = b"".join(chr(32 + n).encode() + b"\xff" for n in range(count))
    size = (width + 7) // 8 * height if size is None else size
    header = b"\x72\xb5\x4a\x86" + struct.pack("<7I", version, 32, flags, count, size, height, width)
    return (header + glyphs(count, width, height) + table)[:cut]


def psf1(mode, height=16):
    count = 512 if mode & 1 else 256
    table = b"".join(struct.pack("<HHHH", 32 + n, 0xFFFE, 0x41, 0xFFFF) for n in range(count))
    return bytes([0x36, 4, mode, height]) + glyphs(count, 8, height) + (table if mode & 2 else b"")


def convert(tmp_path, data):
    """(exit status, what was said, the C source)."""
    font, out = tmp_path / "font.psf", tmp_path / "font.c"
    font.write_bytes(data)
    done = subprocess.run([sys.executable, TOOL, font, out], capture_output=True, text=True)
    return done.returncode, done.stderr, out.read_text() if out.exists() else None


@pytest.mark.parametrize(
    "data, size, count, characters",
    [
        (psf2(), (8, 16), 128, 128),
        (psf2(width=10, height=20), (10, 20), 128, 128),
        (psf2(300, 32, 64), (32, 64), 300, 300),
        (psf2(256, flags=0), (8, 16), 256, 0),
        (psf1(2), (8, 16), 256, 256),
        (psf1(3, 14), (8, 14), 512, 512),
        (psf1(0), (8, 16), 256, 0),
        (gzip.compress(psf1(3)), (8, 16), 512, 512),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else None,
)
def test_good_fonts(tmp_path, data, size, count, characters):
    status, said, source = convert(tmp_path, data)
    assert (status, said) == (0, "")
    for field, value in zip(("width", "height", "glyph_count"), (*size, count)):
        assert f".{field} = {value}," in source
    assert len(re.findall(r"\{\d+, \d+\}", source)) == characters
    stated = bytes(map(int, re.search(r"glyphs\[\] = \{\n(.*?)\};", source, re.DOTALL)[1].replace(",", " ").split()))
    assert stated == glyphs(count, *size)


@pytest.mark.parametrize(
    "data, why",
    [
        (b"", "not a PSF font"),
        (b"\x36\x04\x02", "header is not whole"),
        (b"#!/bin/sh\nexit\n", "not a PSF font"),
        (psf2()[:20], "header is not whole"),
        (psf2(version=1), "version 1"),
        (psf2(size=17), "has 17 bytes"),
        (psf2(width=33), "33x16"),
        (psf2(width=3), "3x16"),
        (psf2(height=65), "8x65"),
        (psf2(count=0), "0 glyphs"),
        (psf2(count=40000, table=b"", flags=0), "40000 glyphs"),
        (psf2(cut=100), "it ends after 4 of 128 glyphs"),
        (psf2(table=b"\xc3\xff"), "not UTF-8"),
        (psf2(table=b"A\xff" * 200), "more glyphs than the font"),
        (psf2(table=b"A\xff"), "no blank or no question mark"),
        (psf2(flags=0), "needs 256 glyphs"),
        (psf1(1)[:1000], "of 512 glyphs"),
        (b"\x1f\x8b\x08\x00", "in gzip, but"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else None,
)
def test_bad_fonts(tmp_path, data, why):
    status, said, source = convert(tmp_path, data)
    assert status == 1 and source is None
    assert said.startswith("FONT=") and why in said and said.count("\n") == 1


def test_no_font(tmp_path):
    done = subprocess.run([sys.executable, TOOL, tmp_path / "none", tmp_path / "out"], capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr == f"FONT={tmp_path}/none: No such file or directory\n"


def test_on_the_screen(build, tmp_path, qemu):
    """A kernel with a font of 16x20 pixels, whose glyphs are looked up in the font itself."""
    font, other = tmp_path / "font.psf", tmp_path / "build"
    font.write_bytes(psf2(width=16, height=20))
    leave = shutil.ignore_patterns("unit", "check-*", "fuzz", "bench", "toolchain", "tests", "test.*")
    shutil.copytree(build, other, ignore=leave)
    as_built = ["WERROR=1"] if "-Werror" in (build / "flags").read_text() else []  # or all would be built again
    subprocess.run(["make", "-s", "-C", ROOT, f"BUILD={other}", f"FONT={font}", *as_built, other / "cairn.img"], check=True)
    machine = qemu(*drive(other / "cairn.img"), *command_line("video=1280x1024x32"))
    machine.wait_for(LAST_LINE)
    machine.wait_until_halted()
    names = {glyph(n, 16, 20): chr(32 + n) for n in range(1, 128)} | {bytes(40): " "}
    picture = machine.picture(names, (16, 20))
    assert picture.lines()[-2:] == [line.rstrip() for line in machine.log().splitlines()[-2:]]
    assert UNKNOWN not in picture
