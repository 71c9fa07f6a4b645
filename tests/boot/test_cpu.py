"""Processors: those with long mode start whatever else they lack, the others are told so on every channel.

What each had stands in docs/disks.md.
"""

import pytest
from conftest import put_bios_before
from image import Image
from qemu import drive
from tables import Table
from words import CPU_FEATURES, HELLO, LAST_LINE, LOADER_ERROR, LOADER_ERROR_CPU, NO_LONG_MODE

# What the kernel must see in a CPU, of those features that decide how the loader maps memory.
LONG_MODE = {
    "qemu64,-nx": "",
    "qemu64": "NX",
    "qemu64,-clflush": "NX",
    "kvm64": "NX",
    "Opteron_G1": "NX",
    "Conroe": "NX",
    "core2duo": "NX",
    "Penryn": "NX",
    "Nehalem": "NX",
    "phenom": "NX, 1 GiB pages",
    "Opteron_G5": "NX, 1 GiB pages",
    "IvyBridge": "NX, SMEP",
    "Haswell": "NX, SMEP",
    "Skylake-Client": "NX, SMEP, SMAP",
    "max,-pdpe1gb": "NX, SMEP, SMAP",
    "EPYC": "NX, 1 GiB pages, SMEP, SMAP",
    "max": "NX, 1 GiB pages, SMEP, SMAP",
}
# Why the loader refuses: no CPUID leaf that would tell of long mode, that leaf without the bit, or a part missing that
# every 64-bit CPU has. QEMU's 486 does have CPUID.
NO_LEAF, NO_BIT = "no leaf 80000001h", "leaf 80000001h without the bit"
REFUSED = {
    "486": (NO_LEAF, NO_LONG_MODE),
    "pentium": (NO_LEAF, NO_LONG_MODE),
    "pentium3": (NO_LEAF, NO_LONG_MODE),
    "qemu32": (NO_BIT, NO_LONG_MODE),
    "kvm32": (NO_BIT, NO_LONG_MODE),
    "athlon": (NO_BIT, NO_LONG_MODE),
    "qemu64,-lm,-nx": (NO_BIT, NO_LONG_MODE),
    "coreduo": (f"NX; {NO_BIT}", NO_LONG_MODE),
    "n270": (f"NX; {NO_BIT}", NO_LONG_MODE),
    "qemu64,-sse2": ("no SSE2", "this CPU has no SSE2"),
    "qemu64,-pge": ("no global pages", "this CPU has no PGE"),
}
# The others are of a kind that is already among these.
ALWAYS = ["qemu64,-nx", "qemu64,-clflush", "Nehalem", "Opteron_G1", "phenom", "Skylake-Client", "max,-pdpe1gb", "max"]
ALWAYS += ["486", "pentium3", "qemu32", "coreduo", "qemu64,-lm,-nx", "qemu64,-sse2"]

SEEN = ["NX", "1 GiB pages", "SMEP", "SMAP"]
TABLE = Table("disks.md", "CPUs", ["`-cpu`", "has", "result"], [f"`{cpu}`" for cpu in (*LONG_MODE, *REFUSED)])


def rows(names):
    return [pytest.param(name, marks=[] if name in ALWAYS else [pytest.mark.campaign]) for name in names]


@pytest.mark.table
@pytest.mark.parametrize("cpu", rows(LONG_MODE))
def test_long_mode(qemu, image, cpu):
    machine = qemu(*drive(image), "-cpu", cpu)
    machine.wait_for(LAST_LINE)
    has = [feature.strip() for feature in CPU_FEATURES.search(machine.log())[1].split(",")]
    seen = ", ".join(feature for feature in SEEN if feature in has)
    assert seen == LONG_MODE[cpu]
    TABLE.check(f"`{cpu}`", f"long mode, {seen}".strip(", "), "boots")


@pytest.mark.table
@pytest.mark.parametrize("cpu", rows(REFUSED))
def test_refused(qemu, image, cpu):
    machine = qemu(*drive(image), "-cpu", cpu)
    kind, sentence = REFUSED[cpu]
    code, words = machine.wait_for(LOADER_ERROR).groups()
    assert code == LOADER_ERROR_CPU and sentence in words
    machine.wait_for_screen(sentence)
    assert HELLO not in machine.log()
    TABLE.check(f"`{cpu}`", kind, f"error {code}: {words.rstrip()}")


# mov ecx, 1A0h; rdmsr; mov eax, edx; and al, 4; add al, '0'; mov dx, 3F8h; out dx, al; jmp $
SAY_WHETHER_NX_IS_HIDDEN = bytes.fromhex("b9a0010000 0f32 89d0 2404 0430 66baf803 ee ebfe")


@pytest.mark.parametrize("cpu, said", [("Skylake-Client", "0"), ("EPYC", "4")])
def test_firmware_that_hides_nx(first_instruction, qemu, tmp_path, cpu, said):
    """QEMU keeps the bit and hides nothing; the loader takes it back where the manual of the CPU has it."""
    image = Image(first_instruction(SAY_WHETHER_NX_IS_HIDDEN))
    put_bios_before(image, "HIDES_NX", tmp_path)
    qemu(*drive(image.save(tmp_path / "copy.img")), "-cpu", cpu).wait_for(f"MiB of memory\n{said}")


def test_table_has_these_cpus():
    TABLE.check_names()
