"""Kernels that are stored packed, and those that are not: both start, and what does not unpack is refused by name."""

import re
import struct

import pytest
from conftest import built
from gdb import Gdb, symbols
from image import BLOCK, Image
from qemu import TIMEOUT, drive
from words import LAST_LINE, LOADER_ERROR

A, B = 0, 1
DOES_NOT_UNPACK = r"kernel: does not unpack to the \d+ bytes that it should have"
DAMAGED = r"kernel: was read whole and is damaged in memory \(CRC32C [0-9a-f]{8}, not [0-9a-f]{8}\)"


def lie(image, change, *slots):
    """Header A, with all its checks made right, says that the kernel has so many bytes more."""
    for slot in slots:
        at = image.kernel_unpacked_size(slot)
        (size,) = struct.unpack_from("<I", image.bytes, at)
        struct.pack_into("<I", image.bytes, at, size + change)
    image.seal_header(A)


@pytest.mark.parametrize("change", [-1, 1])
def test_another_size_than_said(boot_copy, change):
    """Only a forged image can get there: every block has passed its check."""
    machine = boot_copy(lambda image: lie(image, change, A))
    machine.wait_for(re.compile(f"^Slot A: {DOES_NOT_UNPACK}\n", re.MULTILINE))
    machine.wait_for("by EDD, slot B,")
    machine.wait_for(LAST_LINE)


def test_another_size_in_both_slots(boot_copy):
    code, words = boot_copy(lambda image: lie(image, 1, A, B)).wait_for(LOADER_ERROR).groups()
    assert code == "30" and re.fullmatch(DOES_NOT_UNPACK, words)


def test_no_room_to_unpack(qemu, build, shop):
    """The kernel has its place, but its file, which is larger, none beside it, neither below nor above 1 MiB."""
    parts = {name: built(build / f"{name}.bin") for name in ("stage1", "stage2")}
    kernel = shop.write("large", built(build / "kernel.bin").read_bytes() + bytes(600_000))
    assert shop.run(*shop.arguments("--no-data", kernel=kernel, **parts)).returncode == 0
    code, words = qemu(*drive(shop.image), "-m", "1792K").wait_for(LOADER_ERROR).groups()
    assert code == "23" and words.startswith("not enough memory: no room to unpack the kernel (")


def test_unchanged_and_packed_side_by_side(qemu, build, shop, tmp_path):
    """The packed one in slot B starts; a bad block there leads back to the one in slot A, stored unchanged."""
    parts = {name: built(build / f"{name}.bin") for name in ("stage1", "stage2", "kernel")}
    assert shop.run(*shop.arguments("--no-compress", "--no-data", **parts)).returncode == 0
    other = shop.write("other", parts["kernel"].read_bytes().replace(b"Hello World!", b"Hello Earth!"))
    assert shop.run("update", str(shop.image), "--kernel", str(other)).returncode == 0
    image = Image(shop.image)
    assert [image.kernel_is_packed(slot) for slot in (A, B)] == [False, True]
    machine = qemu(*drive(shop.image))
    machine.wait_for("by EDD, slot B,")
    machine.wait_for("Hello Earth!")
    image.flip(image.kernel(B).start + 3 * BLOCK)
    machine = qemu(*drive(image.save(tmp_path / "damaged.img")))
    machine.wait_for(re.compile("^Slot B: kernel: block 3 at LBA .* is damaged", re.MULTILINE))
    machine.wait_for("by EDD, slot A,")
    machine.wait_for("Hello World!")


@pytest.fixture
def forgetful(qemu, image, build, tmp_path):
    """A machine whose memory does not keep a packed kernel, all of whose blocks were right: when it is about to be unpacked
    for the first time, or each time, what is in memory is changed by `damage`."""
    gdb = Gdb(tmp_path, TIMEOUT)

    def start(damage, times):
        machine = qemu(*drive(image), *gdb.options())
        gdb.accept()
        for _ in range(times):
            gdb.run_to(symbols(build / "stage2.elf")["lz4_unpack"])
            stack = int(re.search(r"\b[ER]SP ?=([0-9a-f]+)", machine.registers())[1], 16)
            block, size = struct.unpack("<II", machine.read_physical(stack + 4, 8))
            assert block < 640 << 10
            damage(gdb, block, size)
            gdb.step()
        gdb.go()
        return machine

    yield start
    gdb.close()


def test_memory_that_changes_a_byte(forgetful, image):
    """It unpacks all the same, to another kernel."""
    layout = Image(image)
    literal = layout.kernel_byte(A, range(0x10000, 0x20000)) - layout.kernel(A).start
    machine = forgetful(lambda gdb, block, size: gdb.write(block + literal, b"\xee"), 1)
    machine.wait_for(re.compile(f"^Slot A: {DAMAGED}\n", re.MULTILINE))
    machine.wait_for("by EDD, slot B,")
    machine.wait_for(LAST_LINE)


def test_memory_that_is_not_there(forgetful):
    """What is read there is what an empty bus says."""

    def forget(gdb, block, size):
        for at in range(0, size, BLOCK):
            gdb.write(block + at, b"\xff" * min(BLOCK // 4, size - at))

    code, words = forgetful(forget, 2).wait_for(LOADER_ERROR).groups()
    assert code == "30" and re.fullmatch(f"{DOES_NOT_UNPACK}|{DAMAGED}", words)
