"""The VGA text screen as a test sees it: 80 x 25 cells of character and attribute at B8000h."""

ADDRESS = 0xB8000
COLUMNS = 80
ROWS = 25
SIZE = COLUMNS * ROWS * 2


class Screen:
    def __init__(self, memory):
        self.rows = [memory[at : at + COLUMNS * 2 : 2].decode("cp437") for at in range(0, SIZE, COLUMNS * 2)]
        self.attributes = [memory[at + 1 : at + COLUMNS * 2 : 2] for at in range(0, SIZE, COLUMNS * 2)]

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
