#!/usr/bin/env python3
"""psf_font.py FONT.psf OUT.c: a console font (PSF 1 or 2, perhaps in gzip) as C source for the kernel.

The formats: `man 4 psf` has the numbers; both are a header, the glyphs, and perhaps a table of the characters each
glyph stands for. Without a table glyphs are taken to be in the order of code page 437.
"""

import gzip
import struct
import sys
from pathlib import Path

PSF1_MAGIC, PSF2_MAGIC = b"\x36\x04", b"\x72\xb5\x4a\x86"
PSF1_512, PSF1_TABLES = 1, 2 | 4
PSF2 = struct.Struct("<4s7I")
PSF2_HAS_TABLE = 1
WIDTH_MAX, HEIGHT_MAX, GLYPHS_MAX = 32, 64, 32767


class FontError(Exception):
    pass


def read_table1(data):
    """Characters of each glyph: 16-bit numbers, FFFFh ends a glyph, what follows FFFEh are sequences."""
    words = struct.unpack(f"<{len(data) // 2}H", data[: len(data) // 2 * 2])
    glyph, skipping = [], False
    for word in words:
        if word == 0xFFFF:
            yield glyph
            glyph, skipping = [], False
        elif word == 0xFFFE:
            skipping = True
        elif not skipping:
            glyph.append(word)


def read_table2(data):
    """The same in UTF-8, where FFh ends a glyph and what follows FEh are sequences."""
    for glyph in data.split(b"\xff")[:-1]:
        try:
            yield [ord(character) for character in glyph.split(b"\xfe")[0].decode()]
        except UnicodeDecodeError:
            raise FontError("its table of characters is not UTF-8") from None


def read_psf1(data):
    if len(data) < 4:
        raise FontError("its header is not whole")
    mode, height = data[2], data[3]
    count = 512 if mode & PSF1_512 else 256
    table = read_table1(data[4 + count * height :]) if mode & PSF1_TABLES else None
    return 8, height, count, data[4 : 4 + count * height], table


def read_psf2(data):
    if len(data) < PSF2.size:
        raise FontError("its header is not whole")
    _, version, start, flags, count, size, height, width = PSF2.unpack_from(data)
    if version != 0:
        raise FontError(f"PSF 2 of version {version}, where 0 is known")
    if size != (width + 7) // 8 * height:
        raise FontError(f"a glyph of {width}x{height} pixels has {size} bytes")
    end = start + count * size
    return width, height, count, data[start:end], read_table2(data[end:]) if flags & PSF2_HAS_TABLE else None


def read_font(data):
    """(width, height, glyphs, {character: glyph} or None)."""
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError) as error:
            raise FontError(f"in gzip, but {error}") from None
    if data[:4] == PSF2_MAGIC:
        width, height, count, glyphs, table = read_psf2(data)
    elif data[:2] == PSF1_MAGIC:
        width, height, count, glyphs, table = read_psf1(data)
    else:
        raise FontError("not a PSF font")
    if not (4 <= width <= WIDTH_MAX and 6 <= height <= HEIGHT_MAX):
        raise FontError(f"glyphs of {width}x{height} pixels; from 4x6 to {WIDTH_MAX}x{HEIGHT_MAX} can be drawn")
    if not 0 < count <= GLYPHS_MAX:
        raise FontError(f"it has {count} glyphs")
    size = (width + 7) // 8 * height
    if len(glyphs) != count * size:
        raise FontError(f"it ends after {len(glyphs) // size} of {count} glyphs")
    characters = {}
    for number, glyph in enumerate(table or []):
        if number >= count:
            raise FontError("its table has more glyphs than the font")
        for character in glyph:
            characters.setdefault(character, number)
    if table is None and count < 256:
        raise FontError(f"without a table of characters it needs 256 glyphs, and has {count}")
    if table is not None and not {ord(" "), ord("?")} <= characters.keys():
        raise FontError("it has no blank or no question mark")
    return width, height, glyphs, characters if table is not None else None


def lines(items, per_line):
    for at in range(0, len(items), per_line):
        yield "\t" + " ".join(items[at : at + per_line])


def source(width, height, glyphs, characters):
    size = (width + 7) // 8 * height
    yield '#include "drivers/font.h"\n'
    yield "static const uint8_t glyphs[] = {"
    yield from lines([f"{byte}," for byte in glyphs], 24)
    yield "};\n"
    if characters is not None:
        yield "static const struct character_entry characters[] = {"
        yield from lines([f"{{{c}, {characters[c]}}}," for c in sorted(characters)], 8)
        yield "};\n"
    yield 'static const struct font font __attribute__((used, section(".fonts"), aligned(8))) = {'
    yield f"\t.width = {width}, .height = {height}, .row_bytes = {(width + 7) // 8}, .glyph_bytes = {size},"
    yield f"\t.glyph_count = {len(glyphs) // size}, .glyphs = glyphs,"
    if characters is not None:
        yield f"\t.character_count = {len(characters)}, .characters = characters,"
    yield "};"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.splitlines()[0])
    font, out = Path(sys.argv[1]), Path(sys.argv[2])
    try:
        text = "\n".join(source(*read_font(font.read_bytes()))) + "\n"
    except (OSError, FontError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        sys.exit(f"FONT={font}: {why}")
    out.write_text(text)


if __name__ == "__main__":
    main()
