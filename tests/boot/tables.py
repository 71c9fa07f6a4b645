"""Tables in docs/ whose rows are what tests found: checked by every run, written by `make tables`.

A table stands between two comments in its document. A test hands in the row it found; it fails where the document says
something else. Cells hold nothing that differs from run to run.
"""

import os
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
WRITES = bool(os.environ.get("CAIRN_TABLES"))


class Table:
    def __init__(self, document, name, columns, rows):
        """`rows` are the names of the rows, which stand in the first column, in their order."""
        self.path = DOCS / document
        self.name = name
        self.columns = columns
        self.names = list(rows)

    def check(self, *cells):
        """Compares a row with the document's, or writes it there."""
        row = [str(cell) for cell in cells]
        assert len(row) == len(self.columns) and row[0] in self.names
        if WRITES:
            self._write({**self._read(), row[0]: row})
            return
        said = self._read().get(row[0])
        if said != row:
            pytest.fail(
                f"docs/{self.path.name}, table {self.name!r}, says\n  {said}\nbut found was\n  {row}\n"
                "(`make tables` writes what is found)"
            )

    def check_names(self):
        """The document has just these rows, in this order."""
        assert list(self._read()) == self.names, f"`make tables` rewrites docs/{self.path.name}"

    def _parts(self):
        """The document before the table, the table, and the document after it."""
        text = self.path.read_text()
        match = re.search(rf"(?s)(?<=<!-- table {re.escape(self.name)} -->\n).*?(?=<!-- end -->\n)", text)
        assert match, f"docs/{self.path.name} has no place for the table {self.name!r}"
        return text[: match.start()], match[0], text[match.end() :]

    def _read(self):
        lines = [line for line in self._parts()[1].splitlines() if line.startswith("|")][2:]
        rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
        return {row[0]: row for row in rows}

    def _write(self, rows):
        before, _, after = self._parts()
        lines = [self.columns, ["---"] * len(self.columns), *(rows[name] for name in self.names if name in rows)]
        self.path.write_text(before + "".join(f"| {' | '.join(line)} |\n" for line in lines) + after)
