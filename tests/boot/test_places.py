"""Where a kernel that can be moved is put: anywhere, each start somewhere else, and nobody can tell from one the other."""

import math
import re
from collections import Counter

import pytest
from qemu import PASSED, Qemu, command_line, drive
from somebody import kernel, places
from words import PROMPT

SLOT = 1 << 21
BASE = 0xFFFFFFFF80000000
VIRTUAL_SLOTS = 1023  # 2 GiB but for the last
PHYSICAL_SLOTS = 63  # of 128 MiB: all but the lowest; the last ends where the BIOS's tables begin
LOWEST = 0x110000  # the place of those that are not put anywhere


def chi_square(numbers, slots, bins):
    """How far the numbers 0 .. slots-1 are from being equally likely, in `bins` bins of neighbours."""
    found, sizes = [0] * bins, [0] * bins
    for number in numbers:
        found[number * bins // slots] += 1
    for number in range(slots):
        sizes[number * bins // slots] += 1
    expected = [size * len(numbers) / slots for size in sizes]
    return sum((f - e) ** 2 / e for f, e in zip(found, expected, strict=True))


def limit(bins):
    """What the above exceeds once in a million times by chance (Wilson and Hilferty)."""
    degrees = bins - 1
    part = 2 / (9 * degrees)
    return degrees * (1 - part + 4.753 * math.sqrt(part)) ** 3


def start(directory, image, cpu):
    with Qemu(directory, *drive(image), "-cpu", cpu, "-m", "128") as machine:
        physical, virtual, _ = places(machine)
        machine.wait_exit()
        assert machine.status == PASSED
    assert physical % SLOT == virtual % SLOT == 0
    return physical // SLOT - 1, (virtual - BASE) // SLOT


def check_figures(drawn, slots, bins, name):
    square, times, count = chi_square(drawn, slots, bins), Counter(drawn), len(drawn)
    distinct = len(times)
    likely = slots * (1 - (1 - 1 / slots) ** count)
    pairs = sum(n * (n - 1) for n in times.values()) / (count * (count - 1))
    entropy = -math.log2(pairs) if pairs else math.inf
    print(
        f"{name}: {count} starts, {slots} slots ({math.log2(slots):.1f} bits), {distinct} different (by chance {likely:.0f}), "
        f"each {min(times[number] for number in range(slots))} to {max(times.values())} times, "
        f"collision entropy {entropy:.1f} bits, chi-square {square:.1f} in {bins} bins (once in a million above {limit(bins):.1f})"
    )
    assert all(0 <= number < slots for number in drawn)
    assert square < limit(bins)
    assert abs(distinct - likely) <= 5 * math.sqrt(likely)


def check_places(image, directory, starts, bins):
    """Half of the CPUs have RDRAND, half have only clocks."""
    drawn = [start(directory, image, cpu) for _ in range(starts // 2) for cpu in ("qemu64", "max")]
    for cpu, half in (("qemu64", drawn[::2]), ("max", drawn[1::2])):
        check_figures([physical for physical, _ in half], PHYSICAL_SLOTS, bins, f"memory, {cpu}")
        check_figures([virtual for _, virtual in half], VIRTUAL_SLOTS, bins, f"addresses, {cpu}")
    # The upper or the lower half of the one tells nothing of the other's.
    halves = [2 * (2 * p // PHYSICAL_SLOTS) + 2 * v // VIRTUAL_SLOTS for p, v in drawn]
    square = chi_square(halves, 4, 4)
    print(f"both together: chi-square {square:.1f} in 4 bins (once in a million above {limit(4):.1f})")
    assert square < limit(4)


def test_places_are_random(image_of, tmp_path):
    check_places(image_of(kernel()), tmp_path, 24, 2)


@pytest.mark.campaign
def test_places_of_a_thousand_starts(image_of, tmp_path):
    check_places(image_of(kernel()), tmp_path, 1000, 16)


def test_nokaslr(qemu, image):
    machine = qemu(*drive(image), *command_line("nokaslr"))
    machine.wait_for(PROMPT)
    assert "nokaslr" not in machine.log()  # it is a word that the kernel knows
    machine.type("boot\n")
    places_said = machine.wait_for(re.compile(r"^kernel +.+ at ([0-9a-f]+), seen at ([0-9a-f]+)\n", re.MULTILINE))
    assert [int(place, 16) for place in places_said.groups()] == [LOWEST, BASE]


@pytest.mark.parametrize("size", ["4M", "2M"])
def test_little_memory_has_no_slots(image_of, qemu, size):
    """The lowest place, and a random address all the same."""
    machine = qemu(*drive(image_of(kernel())), "-m", size)
    physical, virtual, _ = places(machine)
    assert physical in (LOWEST, SLOT) and virtual % SLOT == 0
