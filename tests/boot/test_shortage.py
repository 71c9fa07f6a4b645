"""Each allocation of the start refused in turn: the kernel goes on without, or stops and says what it has no memory for."""

import re

import pytest
from qemu import Qemu, command_line, drive
from words import LAST_LINE, STOPPED

REFUSED = re.compile(r"^Refused: (\S+) for (\S+)\n", re.MULTILINE)
PANIC = re.compile(r"^Panic: .*\b(memory|room)\b.*\n", re.MULTILINE)
LEFT = re.compile(r"^Left: (\d+) frames free, (\d+) blocks in use\n", re.MULTILINE)
END = re.compile(f"{LAST_LINE.pattern}|{STOPPED}", re.MULTILINE)


def start(directory, test_image, shortage):
    """What the start says if that allocation gets nothing. A random place for the kernel would move a frame or two."""
    with Qemu(directory, *drive(test_image), *command_line(f"nokaslr shortage={shortage}")) as machine:
        machine.wait_for(END)
        return machine.log()


def left(log):
    """How many frames are free, and how many blocks of the heap nobody has."""
    frames, blocks = map(int, LEFT.search(log).groups())
    return frames, -blocks


@pytest.mark.parametrize("kind", ["frames", "blocks", "moves"])
def test_each_allocation_of_the_start(tmp_path, test_image, kind):
    undisturbed = left(start(tmp_path, test_image, f"{kind}:0"))
    callers = []
    while refused := REFUSED.search(log := start(tmp_path, test_image, f"{kind}:{len(callers) + 1}")):
        callers.append(refused.group(2))
        if LAST_LINE.search(log):
            assert all(now >= then for now, then in zip(left(log), undisturbed)), f"memory was lost:\n{log}"
        else:
            assert PANIC.search(log) and log.endswith(STOPPED), log
    assert callers, "nothing was refused"
    print(f"{len(callers)} allocations, each refused in a start of its own:", *callers)
