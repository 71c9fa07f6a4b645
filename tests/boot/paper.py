"""COM1 as a person at a terminal sees it: an endless roll of paper on which the cursor can go back up.

It knows the sequences that the monitor's line editor uses, and no others: what is not among them is a failure.
"""

import re

SEQUENCE = re.compile(r"\x1b\[([\d;]*)([A-Za-z])")
BEGUN = re.compile(r"\x1b(\[[\d;]*)?")


class Paper:
    def __init__(self, text, columns=None):
        """With `columns` long lines go on in the next row."""
        self.columns = columns
        self.rows, self.row, self.column = [[]], 0, 0
        at = 0
        while at < len(text):
            if text[at] == "\x1b":
                sequence = SEQUENCE.match(text, at)
                if BEGUN.fullmatch(text, at):
                    break  # the rest is on its way
                assert sequence, f"not a sequence: {text[at : at + 10]!r}"
                self._obey(sequence[2], sequence[1])
                at = sequence.end()
            else:
                self._put(text[at])
                at += 1

    def _put(self, character):
        if character == "\n":
            self.row, self.column = self.row + 1, 0
            if self.row == len(self.rows):
                self.rows.append([])
        elif character == "\r":
            self.column = 0
        elif character == "\b":
            self.column = max(self.column - 1, 0)
        elif character != "\a":
            if self.column == self.columns:
                self._put("\n")
            row = self.rows[self.row]
            row += " " * (self.column + 1 - len(row))
            row[self.column] = character
            self.column += 1

    def _obey(self, letter, parameters):
        number = int(parameters) if parameters.isdigit() else 1
        if letter == "A":
            self.row = max(self.row - number, 0)
        elif letter == "B":
            self.row = min(self.row + number, len(self.rows) - 1)
        elif letter == "C":
            self.column += number
        elif letter == "D":
            self.column = max(self.column - number, 0)
        elif letter in "JK":
            del self.rows[self.row][self.column :]
            if letter == "J":
                del self.rows[self.row + 1 :]
        elif letter != "m":
            raise AssertionError(f"no such sequence is used: {letter}")

    def lines(self):
        """The rows without trailing blanks, and without the empty rows at the end."""
        lines = ["".join(row).rstrip() for row in self.rows]
        while lines and not lines[-1]:
            lines.pop()
        return lines
