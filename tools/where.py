#!/usr/bin/env python3
"""where.py BUILD [LOG]: repeats what a kernel of BUILD said (the file LOG, or standard input), with source lines.

Behind each `function+0x12` stands the file and line it was compiled from, as a kernel with the module `lines` says it itself. A report names the number of its kernel's build:
kernel.elf or test.elf, whichever has that number, is asked. Exit status 1 if none of them made the log.
"""

import re
import sys
from pathlib import Path

from kernel_elf import KernelElf

KERNELS = ("kernel.elf", "test.elf")
BUILD = re.compile(r"\(kernel ([0-9a-f]{8}) at ([0-9a-f]{16})\)")
PLACE = re.compile(r"(?:(?P<address>\b[0-9a-f]{16})  )?\b(?P<name>[A-Za-z_]\w*)\+0x(?P<offset>[0-9a-f]+)\b(?! \()")


def nm_of(build):
    tools = build / "tools.mk"
    match = re.search(r"^TARGET_NM := (.+)$", tools.read_text(), re.MULTILINE) if tools.is_file() else None
    return match[1] if match else "nm"


def candidates(kernel, match, slide):
    """Where `name+offset` can be, as linked. A caller's line begins with its address: as linked, and the slide."""
    places = [start + int(match["offset"], 16) for start in kernel.symbols.get(match["name"], [])]
    if match["address"]:
        places = [place for place in places if place + slide == int(match["address"], 16)]
    return places


def annotate(kernel, line, before, slide):
    """The line, with source lines behind its places; the kernel lies `slide` above where it was linked. A caller is where the call is, not where it returns to.

    Only what a trap interrupted is meant to the byte: in a list of callers it stands behind trap_common.
    """
    interrupted = " trap_common+" in before

    def with_lines(match):
        back = 1 if match["address"] and not interrupted else 0
        found = kernel.lines([place - back for place in candidates(kernel, match, slide)])
        text = " or ".join(dict.fromkeys(f"{file}:{number}" for file, number in filter(None, found)))
        return f"{match[0]} ({text})" if text else match[0]

    return PLACE.sub(with_lines, line)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    build = Path(sys.argv[1])
    try:
        log = Path(sys.argv[2]).read_text(errors="replace") if len(sys.argv) == 3 else sys.stdin.read()
    except OSError as error:
        sys.exit(f"where: {sys.argv[2]}: {error.strerror}")
    kernels = {}
    for path in (build / name for name in KERNELS):
        if path.is_file():
            kernel = KernelElf(path, nm_of(build))
            kernels[f"{kernel.build:08x}"] = kernel
    if not kernels:
        sys.exit(f"where: {build} holds no kernel: make builds it")
    said = BUILD.findall(log)
    if not said:
        sys.exit("where: no report in this log names the number of its kernel: (kernel ...)")
    known = [(number, int(start, 16)) for number, start in said if number in kernels]
    if not known:
        sys.exit(f"where: this is of kernel {said[-1][0]}, but {build} holds {' and '.join(kernels)}: build that one again")
    number, start = known[-1]
    kernel = kernels[number]
    before = ""
    for line in log.splitlines():
        print(annotate(kernel, line, before, start - kernel.start))
        before = line


if __name__ == "__main__":
    main()
