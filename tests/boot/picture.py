"""What a graphics screen shows, read back as text: each cell is looked up among the glyphs of the video ROM's font."""

ROM = 0xC0000
ROM_SIZE = 0x10000
WIDTH, HEIGHT = 8, 16
CAPITAL_A = bytes([0, 0, 0x10, 0x38, 0x6C, 0xC6, 0xC6, 0xFE, 0xC6, 0xC6, 0xC6, 0xC6, 0, 0, 0, 0])  # as IBM drew it
UNKNOWN = "\ufffd"


def rom_font(rom):
    """{glyph: character} of the 8x16 font in a video ROM. Of two that look alike the first counts; a blank is a blank."""
    start = rom.index(CAPITAL_A) - ord("A") * HEIGHT
    font = {bytes(HEIGHT): " "}
    for code in [*range(32, 127), *range(128, 256)]:
        glyph = rom[start + code * HEIGHT : start + (code + 1) * HEIGHT]
        font.setdefault(glyph, bytes([code]).decode("cp437"))
    return font


def read_ppm(data):
    """(width, height, bytes of red, green and blue)."""
    kind, size, most, pixels = data.split(b"\n", 3)
    width, height = map(int, size.split())
    assert (kind, most, len(pixels)) == (b"P6", b"255", width * height * 3)
    return width, height, pixels


def pack(bits, width):
    """A glyph's bytes: each row of `width` bits fills whole ones."""
    rows = [bits[at : at + width].ljust(-(-width // 8) * 8, "0") for at in range(0, len(bits), width)]
    return b"".join(int(row, 2).to_bytes(len(row) // 8, "big") for row in rows)


class Picture:
    def __init__(self, ppm, font, cell=(WIDTH, HEIGHT)):
        self.width, self.height, self._pixels = read_ppm(ppm)
        self._font = font
        self._cell = cell
        self._seen = {}  # cells that were looked up: all their pixels, and what they are
        self.columns, self.rows = self.width // cell[0], self.height // cell[1]

    def character(self, column, row):
        """(character, foreground, background); of a blank both colours are the background's."""
        width, height = self._cell
        at = (row * height * self.width + column * width) * 3
        line = self.width * 3
        cell = b"".join([self._pixels[at + y * line : at + y * line + width * 3] for y in range(height)])
        if cell not in self._seen:
            self._seen[cell] = self._recognize(cell)
        return self._seen[cell]

    def _recognize(self, cell):
        pixels = [cell[at : at + 3] for at in range(0, len(cell), 3)]
        colours = sorted(set(pixels), key=pixels.count)
        for foreground, background in ((colours[0], colours[-1]), (colours[-1], colours[0])):
            bits = ["1" if foreground != background and pixel == foreground else "0" for pixel in pixels]
            glyph = pack("".join(bits), self._cell[0])
            if len(colours) < 3 and glyph in self._font:
                return self._font[glyph], foreground, background
        return UNKNOWN, b"", b""

    def lines(self):
        """The rows without trailing blanks, and without the empty rows at the end."""
        lines = [
            "".join(self.character(column, row)[0] for column in range(self.columns)).rstrip()
            for row in range(self.rows)
        ]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def __contains__(self, text):
        return text in str(self)

    def __str__(self):
        return "\n".join(self.lines())
