"""What the host's tools want to know of a linked kernel: its functions, the number of its build, source lines.

Uses nm and addr2line, of binutils or LLVM.
"""

import re
import struct
import subprocess

CLASS_64 = 2
PT_LOAD = 1
PROGRAM_HEADER = struct.Struct("<IIQQQQQQ")


class KernelElf:
    def __init__(self, path, nm="nm"):
        self.path = path
        self._nm = nm
        self._file = path.read_bytes()
        if self._file[:4] != b"\x7fELF" or self._file[4] != CLASS_64:
            raise ValueError(f"{path} is no 64-bit ELF file")
        self.symbols = {}  # name: addresses, for static functions may share a name
        for line in self._run(nm, path).splitlines():
            fields = line.split()
            if len(fields) == 3:
                self.symbols.setdefault(fields[2].split(".")[0], []).append(int(fields[0], 16))
        self.start = self.symbols["linker_image_start"][0]
        self.text_end = self.symbols["linker_text_end"][0]
        self.build = struct.unpack("<I", self._read(self.symbols["symbol_build"][0], 4))[0]

    def _run(self, tool, *arguments, given=None):
        return subprocess.run([tool, *arguments], input=given, check=True, stdout=subprocess.PIPE, text=True).stdout

    def _read(self, address, size):
        offset, = struct.unpack_from("<Q", self._file, 32)
        entry_size, count = struct.unpack_from("<HH", self._file, 54)
        for i in range(count):
            kind, _, at, virtual, _, in_file, _, _ = PROGRAM_HEADER.unpack_from(self._file, offset + i * entry_size)
            if kind == PT_LOAD and virtual <= address and address + size <= virtual + in_file:
                return self._file[at + address - virtual :][:size]
        raise ValueError(f"{self.path} has nothing at {address:x}")

    def lines(self, addresses):
        """(file, line) for each address; None where that is not known."""
        tool = re.sub(r"nm(?=[^/]*$)", "addr2line", str(self._nm))
        said = self._run(tool, "-e", self.path, given="".join(f"{address:x}\n" for address in addresses))
        return [place(line) for line in said.splitlines()]


def place(line):
    """What addr2line says of an address: FILE:LINE, perhaps more, and question marks or 0 for what it does not know.

    Paths of C files begin with "./"; before those of assembly stands the directory, and two slashes.
    """
    match = re.match(r"(?:.*//)?(?:\./)*(.+):(\d+)", line)
    return (match[1], int(match[2])) if match and int(match[2]) and match[1] != "??" else None
