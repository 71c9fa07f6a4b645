"""What a terminal shows that understands as much of ECMA-48 as the loader's menu says; anything else is an error."""

import re

COLUMNS, ROWS = 80, 25
PIECE = re.compile(r"\x1b\[(\??)([\d;]*)([A-Za-z])|([\x20-\x7e])|([\r\n])")


class Ansi:
    """The second screen of the terminal, where the menu is; `shown` tells whether it is in front."""

    def __init__(self):
        self.shown = False
        self.cursor_seen = True
        self._at = 0  # of the text that was given so far
        self._clear()

    def _clear(self):
        self.cells = [[(" ", "0")] * COLUMNS for _ in range(ROWS)]
        self.row = self.column = 0
        self.colour = "0"

    def feed(self, text, wanted=None):
        """Takes all that was said from the start on; what it knows already is passed over. Half a sequence waits. And stops
        where it shows `wanted`, which the next piece may wipe out."""
        while self._at < len(text):
            match = PIECE.match(text, self._at)
            if wanted and match and match[3] and wanted in self:
                return
            if not match and not self.shown and text[self._at] != "\x1b":
                self._at += 1  # the kernel says more than that
                continue
            if not match:
                assert text[self._at] == "\x1b" and len(text) - self._at < 16, f"unknown: {text[self._at : self._at + 20]!r}"
                return
            self._at = match.end()
            private, numbers, final, character, line = match.groups()
            if final:
                self._obey(private, numbers, final)
            elif self.shown and character:
                self.cells[self.row][self.column] = character, self.colour
                self.column = min(self.column + 1, COLUMNS - 1)
            elif self.shown:
                raise AssertionError(f"a line ends within the menu: {line!r}")

    def _obey(self, private, numbers, final):
        if (private, numbers) == ("?", "1049"):
            self.shown = final == "h"
            self._clear()
        elif not self.shown:
            return
        elif private:
            value = final == "h"
            if numbers == "25":
                self.cursor_seen = value
            else:
                raise AssertionError(f"mode {numbers}")
        elif final == "H":
            self.row, self.column = (int(number) - 1 for number in numbers.split(";"))
            assert self.row < ROWS and self.column < COLUMNS
        elif final == "m":
            self.colour = numbers
        elif final == "J":
            assert numbers == "2"
            self._clear()
        else:
            raise AssertionError(f"sequence {numbers}{final}")

    def lines(self):
        """The rows without trailing blanks, and without the empty rows at the end."""
        lines = ["".join(character for character, _ in row).rstrip() for row in self.cells]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def row_of(self, colour):
        """The first row that is in this colour from margin to margin."""
        return next((row for row, cells in enumerate(self.cells) if all(cell[1] == colour for cell in cells)), None)

    def __contains__(self, text):
        return self.shown and text in "\n".join(self.lines())
