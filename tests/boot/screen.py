"""The VGA text screen as a test sees it: 80 x 25 cells of character and attribute in the window of 32 KiB at B8000h.

The CRT controller knows at which cell of the window the screen begins: whoever scrolls by that leaves the rest alone.
"""

ADDRESS = 0xB8000
COLUMNS = 80
ROWS = 25
WINDOW = 0x8000
CRTC_INDEX, CRTC_DATA = 0x3D4, 0x3D5
CRTC_START = (0xC, 0xD)  # high byte, low byte


class Screen:
    def __init__(self, window, start=0, rows=ROWS):
        """`window` is the memory, `start` the number of the screen's first cell."""
        line = COLUMNS * 2
        memory = window[start * 2 : start * 2 + rows * line]
        self.rows = [memory[at : at + line : 2].decode("cp437") for at in range(0, rows * line, line)]
        self.attributes = [memory[at + 1 : at + line : 2] for at in range(0, rows * line, line)]

    def lines(self):
        """The rows without trailing blanks, and without the empty rows at the end."""
        lines = [row.replace("\0", " ").rstrip() for row in self.rows]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def __contains__(self, text):
        return text in str(self)

    def __str__(self):
        return "\n".join(self.lines())
