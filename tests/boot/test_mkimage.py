"""mkimage and make_image.sh: what they write, that it is always the same, what they refuse, and that verify sees damage."""

import errno
import hashlib
import os
import random
import re
import resource
import shutil
import signal
import struct
import subprocess
from pathlib import Path

import parts
import pytest
from conftest import ROOT
from image import (
    BLOCK,
    KERNEL_SIZE,
    MBR_PARTITION,
    MBR_PARTITION_OFFSET,
    MBR_PATCH_OFFSET,
    SECTOR,
    START_LBA,
    Image,
    Region,
    crc32c,
)

MIB = 1 << 20
ACTIVE, CAIRN, FAT32 = 0x80, 0xDA, 0x0C
NONE = (0, bytes(3), 0, bytes(3), 0, 0)


def partitions(path):
    with path.open("rb") as file:
        sector = file.read(SECTOR)
    assert sector[510:] == b"\x55\xaa"
    return [MBR_PARTITION.unpack_from(sector, MBR_PARTITION_OFFSET + 16 * i) for i in range(4)]


def chs(lba):
    """Cylinder, head, sector in the usual geometry of 255 heads and 63 sectors; the largest value where it does not reach."""
    cylinder, rest = divmod(lba, 255 * 63)
    if cylinder > 1023:
        return b"\xfe\xff\xff"
    return bytes([rest // 63, (rest % 63 + 1) | cylinder >> 8 << 6, cylinder & 0xFF])


# ---- what is written ----


@pytest.mark.parametrize("options", [(), ("--pad", "9000"), ("--no-data",), ("--no-data", "--pad", "9")])
def test_partition_table(shop, options):
    path = shop.build(*options)
    boot, data, *rest = partitions(path)
    size = path.stat().st_size
    status, first, type_, last, lba, sectors = boot
    assert (status, type_, lba) == (ACTIVE, CAIRN, START_LBA)
    assert (lba + sectors) * SECTOR % MIB == 0
    assert (first, last) == (chs(lba), chs(lba + sectors - 1))
    assert rest == [NONE, NONE]
    end = (lba + sectors) * SECTOR
    if "--no-data" in options:
        assert data == NONE
        assert size == (9 * MIB if "--pad" in options else end)
    else:
        status, first, type_, last, lba, sectors = data
        assert (status, type_, lba * SECTOR) == (0, FAT32, end)
        assert (first, last) == (chs(lba), chs(lba + sectors - 1))
        assert (lba + sectors) * SECTOR == size == (9000 * MIB if "--pad" in options else 64 * MIB)


def test_parts_are_where_the_header_says(shop):
    module = shop.write("words.txt", b"some words\n" * 1000)
    path = shop.build("--cmdline", "one two=3", "--module", f"words={module}")
    image = Image(path)
    kernel = (shop.directory / "kernel").read_bytes()
    for slot in (0, 1):
        header, region, table = image.header(slot), image.kernel(slot), image.kernel_table(slot)
        assert image.bytes[header.start : header.end] == image.bytes[START_LBA * SECTOR :][:BLOCK]
        assert region.size < len(kernel) and image.kernel_file(slot) == kernel
        blocks = [image.bytes[at : min(at + BLOCK, region.end)] for at in range(region.start, region.end, BLOCK)]
        assert struct.unpack_from(f"<{len(blocks)}I", image.bytes, table.start) == tuple(map(crc32c, blocks))
        start = image.stage2_lba[slot] * SECTOR
        stage2 = image.bytes[start : start + image.stage2_size]
        original = parts.stage2()
        assert len(stage2) == 20480
        assert stage2[:12] == original[:12]
        assert struct.unpack_from("<III", stage2, 12) == (len(stage2), *image.header_lba)
        assert stage2[24:] == original[24:].ljust(len(stage2) - 24, b"\0")
        assert image.head_lba[slot] == image.stage2_lba[slot]
        assert struct.unpack_from("<I", image.bytes, MBR_PATCH_OFFSET + 8)[0] == crc32c(stage2[:8192]) ^ 0xFFFFFFFF
    text = b"cmdline=one two=3\n"
    assert image.bytes[image.config.start + 16 :].startswith(text + b"\0")
    assert struct.unpack_from("<I", image.bytes, image.config.start + 4)[0] == len(text)
    report = shop.verify().stdout
    assert hashlib.sha256(kernel).hexdigest() in report
    assert hashlib.sha256(module.read_bytes()).hexdigest() in report


def stored_unchanged(image, slot, kernel):
    region = image.kernel(slot)
    return not image.kernel_is_packed(slot) and image.bytes[region.start : region.end] == kernel


def test_packed_or_not(shop):
    """Packed where it spares reading a block, if nothing is said against it; the SHA-256 is the file's either way."""
    kernel = (shop.directory / "kernel").read_bytes()
    assert all(Image(shop.build()).kernel_is_packed(slot) for slot in (0, 1))
    report = shop.verify()
    assert report.returncode == 0
    assert re.search(rf"^slot A: packed, \d+ bytes of {len(kernel)}$", report.stdout, re.MULTILINE)
    shop.build("--no-compress")
    assert stored_unchanged(Image(shop.image), 0, kernel)
    plain = shop.verify()
    assert plain.returncode == 0 and "packed" not in plain.stdout
    for slot in "AB":
        (digest,) = re.findall(rf"^slot {slot}: sha256 (.*)$", plain.stdout, re.MULTILINE)
        assert digest == hashlib.sha256(kernel).hexdigest() and report.stdout.count(digest) == 2
    for number, (option, is_plain) in enumerate([((), False), (("--no-compress",), True), ((), False)]):
        other = shop.write("other", kernel.replace(b"d" * 9, b"%09d" % number, 1))
        assert shop.run("update", str(shop.image), "--kernel", str(other), *option).returncode == 0
        image, slot = Image(shop.image), 1 - number % 2
        assert stored_unchanged(image, slot, other.read_bytes()) == is_plain
        assert image.kernel_file(slot) == other.read_bytes()
        assert shop.verify().returncode == 0


def test_what_does_not_pack_is_stored_unchanged(shop):
    noise = parts.elf([parts.load(parts.BASE, random.Random(1).randbytes(50000), parts.R | parts.X)], parts.BASE)
    shop.write("kernel", noise)
    assert stored_unchanged(Image(shop.build()), 0, noise)


def test_what_is_not_loaded_is_not_packed(shop):
    """Of a kernel with symbols only the segments are read; packed, all of it would be."""
    with_symbols = parts.kernel() + random.Random(1).randbytes(300000)
    shop.write("kernel", with_symbols)
    assert stored_unchanged(Image(shop.build()), 0, with_symbols)


def test_small_image_fits_a_floppy(shop):
    """What is needed to start lies in the first 1.44 MB, and boot sector code and signature are stage 1's."""
    image = Image(shop.build())
    assert max(image.config.end, image.kernel(0).end) <= 1440 * 1024
    code = bytes(image.bytes[:440])
    patched = slice(MBR_PATCH_OFFSET, MBR_PATCH_OFFSET + 12)
    original = bytearray(parts.stage1()[:440])
    original[patched] = code[patched]
    assert code == original


def test_tiny_stage2_is_padded_to_its_head(shop):
    shop.write("stage2", parts.stage2(24))
    image = Image(shop.build())
    assert image.stage2_size == 8192
    assert shop.verify().returncode == 0


def test_largest_kernel(shop):
    """Stage 1 counts in 16 bits: even behind it the second copy of stage 2 begins below LBA 65536."""
    os.truncate(shop.directory / "kernel", 30 * MIB)
    shop.write("stage2", parts.stage2(65536))
    assert Image(shop.build()).stage2_lba[1] < 65536
    assert shop.verify().returncode == 0


def test_fixed_kernel(shop):
    shop.write("kernel", parts.fixed_kernel())
    shop.build()
    report = shop.verify()
    assert report.returncode == 0
    assert "slot A: preferred, fixed, entry ffffffff80000000" in report.stdout


def test_disk_signature(shop):
    """Never 0, and another for other contents."""

    def signature(*options):
        with shop.build(*options).open("rb") as file:
            return struct.unpack_from("<I", file.read(SECTOR), 440)[0]

    signatures = {signature("--cmdline", str(number)) for number in range(8)}
    assert len(signatures) == 8 and 0 not in signatures


def test_sixteen_modules(shop):
    modules = [shop.write(f"m{number}", os.urandom(number * 1111 + 1)) for number in range(16)]
    shop.build(*(word for path in modules for word in ("--module", f"{path.name}={path}")))
    report = shop.verify()
    assert report.returncode == 0
    for path in modules:
        assert f"{path.name}: sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}\n" in report.stdout


# ---- always the same ----


def test_same_bytes_wherever_and_however_it_is_built(shop, tmp_path_factory):
    module = shop.write("module", b"m" * 5000)
    first = shop.build("--module", f"m={module}", "--cmdline", "x").read_bytes()
    there = tmp_path_factory.mktemp("elsewhere") / "deeper"
    shutil.copytree(shop.directory, there)
    (there / "out.img").unlink()
    (there / "other-name").write_bytes((there / "stage2").read_bytes())
    arguments = "-o out.img --cmdline x --module m=module --kernel ./kernel --stage2 other-name --stage1 stage1".split()
    environment = {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Pacific/Chatham", "HOME": "/nonexistent"}
    result = shop.run(*arguments, environment=environment, cwd=there, umask=0o077)
    assert result.returncode == 0, result.stderr
    assert (there / "out.img").read_bytes() == first
    shutil.rmtree(there)


def test_build_time(shop):
    shop.build(environment={"SOURCE_DATE_EPOCH": "1700000000"})
    assert "built at 1700000000\n" in shop.verify().stdout
    dated = shop.image.read_bytes()
    assert shop.build(environment={"SOURCE_DATE_EPOCH": "1700000000"}).read_bytes() == dated
    assert shop.build().read_bytes() != dated
    assert "built at 0\n" in shop.verify().stdout


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_rights_are_what_the_umask_says(shop, mask):
    assert shop.build(umask=mask).stat().st_mode & 0o777 == 0o666 & ~mask


# ---- what is refused ----

BAD_STAGE1 = {
    "short": (lambda s: s[:511], "is 511 bytes long, not the 512 of a boot sector"),
    "long": (lambda s: s + b"\0", "is too large: 513 bytes, the limit is 512"),
    "unsigned": (lambda s: s[:510] + b"\0\0", "does not end in the signature 55 AA of a boot sector"),
    "partitioned": (
        lambda s: s[:509] + b"\1" + s[510:],
        "has bytes where the disk signature and the partition table go (440 to 509)",
    ),
    "numbered": (
        lambda s: s[:440] + b"\1" + s[441:],
        "has bytes where the disk signature and the partition table go (440 to 509)",
    ),
    "patched": (lambda s: s[:51] + b"\1" + s[52:], "has bytes where the place of stage 2 goes (40 to 51)"),
    "empty": (lambda _: b"", "is empty"),
}
NO_STAGE2 = "not a stage 2: it lacks the magic number at offset 8"
BAD_STAGE2 = {
    "no magic": (lambda s: s.replace(parts.STAGE2_MAGIC, b"CNS3"), NO_STAGE2),
    "short": (lambda s: s[:23], NO_STAGE2),
    "long": (lambda s: s.ljust(65537, b"\0"), "is too large: 65537 bytes, the limit is 65536"),
    "patched": (lambda s: s[:23] + b"\1" + s[24:], "has bytes where the places of the headers go (12 to 23)"),
    "empty": (lambda _: b"", "is empty"),
}


@pytest.mark.parametrize("case", BAD_STAGE1)
def test_bad_stage1(shop, case):
    change, reason = BAD_STAGE1[case]
    path = shop.write("stage1", change(parts.stage1()))
    shop.refuse(f"{path}: {reason}", *shop.arguments())


@pytest.mark.parametrize("case", BAD_STAGE2)
def test_bad_stage2(shop, case):
    change, reason = BAD_STAGE2[case]
    path = shop.write("stage2", change(parts.stage2()))
    shop.refuse(f"{path}: {reason}", *shop.arguments())


def code(address=parts.BASE, size=64, flags=parts.R | parts.X, **more):
    return parts.load(address, b"\xf4" * size, flags, **more)


def data(address, size=64, **more):
    return parts.load(address, b"d" * size, parts.R | parts.W, **more)


BASE = parts.BASE
BAD_KERNEL = {
    "text": (b"#!/bin/sh\n" * 50, "not an ELF file"),
    "tiny": (b"\x7fELF", "too short for an ELF file"),
    "32 bits": (parts.kernel().replace(b"ELF\2", b"ELF\1", 1), "not a 64-bit ELF file"),
    "machine": (parts.elf([code()], BASE, machine=183), "made for another machine than x86-64"),
    "object": (parts.elf([code()], BASE, kind=1), "not an executable ELF file"),
    "truncated": (parts.kernel()[:-4096], "the ELF file is cut off before the end of a segment"),
    "no segment": (parts.elf([], BASE, more=[bytes(56)]), "the ELF file has no loadable segment"),
    "nine segments": (
        parts.elf([code()] + [data(BASE + 4096 * i) for i in range(1, 9)], BASE),
        "the ELF file has more than 8 loadable segments",
    ),
    "overlap": (parts.elf([code(size=5000), data(BASE + 4999)], BASE), "two segments overlap in memory"),
    "order": (parts.elf([data(BASE + 4096), code()], BASE), "the segments are not in ascending order"),
    "one page": (parts.elf([code(), data(BASE + 64)], BASE), "two segments share a page"),
    "entry in data": (
        parts.elf([code(), data(BASE + 4096)], BASE + 4096),
        "the entry point lies in no executable segment",
    ),
    "entry nowhere": (parts.elf([code()], 0), "the entry point lies in no executable segment"),
    "writable code": (parts.elf([code(flags=7)], BASE), "a segment is writable and executable"),
    "interpreter": (
        parts.elf([code()], BASE, more=[struct.pack("<II6Q", parts.PT_INTERP, 4, 0, 0, 0, 0, 0, 1)]),
        "asks for a dynamic linker (PT_INTERP), which a kernel cannot have",
    ),
    "relocation": (
        parts.kernel(relocation=parts.R_X86_64_64),
        "a relocation is not of type R_X86_64_RELATIVE",
    ),
    "much memory": (
        parts.elf([code(memory=(1 << 30) + 1)], BASE),
        "is too large: its segments span more than 1 GiB of memory",
    ),
    "fixed off its page": (
        parts.elf([code(physical=0x100800)], BASE, kind=parts.ET_EXEC),
        "a segment begins elsewhere in its virtual than in its physical page",
    ),
    "empty": (b"", "is empty"),
}


@pytest.mark.parametrize("case", BAD_KERNEL)
def test_bad_kernel(shop, case):
    contents, reason = BAD_KERNEL[case]
    path = shop.write("kernel", contents)
    shop.refuse(f"{path}: {reason}", *shop.arguments())


def test_too_large_files(shop):
    path = shop.write("huge", b"\x7fELF")
    os.truncate(path, 30 * MIB + 1)
    shop.refuse(f"{path}: is too large: {30 * MIB + 1} bytes, the limit is {30 * MIB}", *shop.arguments(kernel=path))
    os.truncate(path, 1024 * MIB + 1)
    limit = f"is too large: {1024 * MIB + 1} bytes, the limit is {1024 * MIB}"
    shop.refuse(f"{path}: {limit}", *shop.arguments("--module", f"m={path}"))


@pytest.mark.parametrize("part", ["stage1", "stage2", "kernel", "module"])
def test_files_that_are_none(shop, part):
    pipe = shop.directory / "pipe"
    os.mkfifo(pipe)
    cases = {
        shop.directory / "missing": "No such file or directory",
        shop.directory / "kernel" / "below": "Not a directory",
        shop.directory: "is a directory",
        pipe: "is not a regular file",
        Path("/dev/null"): "is not a regular file",
    }
    for path, reason in cases.items():
        arguments = (
            shop.arguments("--module", f"m={path}") if part == "module" else shop.arguments(**{part: path})
        )
        shop.refuse(f"{path}: {reason}", *arguments)


def test_unreadable_file(public_shop):
    path = public_shop.directory / "kernel"
    path.chmod(0)
    public_shop.refuse(f"{path}: Permission denied", *public_shop.arguments(), **public_shop.identity)


def test_directory_one_may_not_write_to(public_shop):
    public_shop.directory.chmod(0o555)
    public_shop.refuse(
        f"{public_shop.image}: Permission denied", *public_shop.arguments(), **public_shop.identity
    )
    public_shop.directory.chmod(0o777)


def test_outputs_that_cannot_be(shop):
    missing = shop.directory / "missing" / "out.img"
    shop.refuse(f"{missing}: No such file or directory", *shop.arguments(o=missing))
    shop.refuse(f"{shop.directory}: exists and is not a regular file", *shop.arguments(o=shop.directory))
    shop.refuse("/dev/full: exists and is not a regular file", *shop.arguments(o="/dev/full"))
    kernel = shop.directory / "kernel"
    shop.refuse(f"{kernel}: is an input and the output at once", *shop.arguments(o=kernel))
    link = shop.directory / "link"
    link.symlink_to(kernel)
    shop.refuse(f"{kernel}: is an input and the output at once", *shop.arguments(o=link))


COMMAND_LINES = {
    "--frobnicate: unknown option; mkimage --help lists them": ["--frobnicate"],
    "kernel: unknown option; mkimage --help lists them": ["kernel"],
    "--kern: unknown option; mkimage --help lists them": ["--kern", "x"],
    "--pad: needs a value": ["--pad"],
    "--kernel: given twice": ["--kernel", "x"],
    "--no-data: given twice": ["--no-data", "--no-data"],
    "--cmdline: given twice": ["--cmdline", "", "--cmdline", ""],
    "--pad: 'many' is not a number": ["--pad", "many"],
    "--pad: '-1' is not a number": ["--pad", "-1"],
    "--pad: ' 1' is not a number": ["--pad", " 1"],
    "--pad: '1M' is not a number": ["--pad", "1M"],
    "--pad: 2097152 is too large, the limit is 2097151": ["--pad", "2097152"],
    "--pad: 99999999999999999999 is too large, the limit is 2097151": ["--pad", "99999999999999999999"],
    "--module: 'name' is not of the form NAME=FILE": ["--module", "name"],
    "--module: 'name=' is not of the form NAME=FILE": ["--module", "name="],
    "--module: the name '' is not made of letters, digits, '.', '_' and '-'": ["--module", "=kernel"],
    "--module: the name 'a b' is not made of letters, digits, '.', '_' and '-'": ["--module", "a b=kernel"],
    "--module: the name 'a/b' is not made of letters, digits, '.', '_' and '-'": ["--module", "a/b=kernel"],
    f"--module: the name '{'n' * 32}' is longer than 31 bytes": ["--module", f"{'n' * 32}=kernel"],
    "--module: the name 'twice' is given twice": ["--module", "twice=kernel", "--module", "twice=stage1"],
    "--module: there are more than 16 modules": [w for i in range(17) for w in ("--module", f"m{i}=kernel")],
    "--cmdline: the command line holds a line break or what else is not printable ASCII": ["--cmdline", "one\ntwo"],
    "--cmdline: the command line is longer than 4071 bytes": ["--cmdline", "x" * 4072],
}


@pytest.mark.parametrize("reason", COMMAND_LINES, ids=map(str, range(len(COMMAND_LINES))))
def test_bad_command_line(shop, reason):
    shop.refuse(reason, *shop.arguments(*COMMAND_LINES[reason]))


@pytest.mark.parametrize("option", ["o", "stage1", "stage2", "kernel"])
def test_missing_and_empty_options(shop, option):
    shown = "-o" if option == "o" else f"--{option}"
    shop.refuse(f"{shown}: missing; mkimage --help shows what is needed", *shop.arguments(**{option: None}))
    shop.refuse(f"{shown}: needs a value", *shop.arguments(**{option: ""}))


@pytest.mark.parametrize("value", ["", "soon", "-1", "1e9", "0x10", "17 "])
def test_bad_build_time(shop, value):
    shop.refuse(
        f"SOURCE_DATE_EPOCH: '{value}' is not a number", *shop.arguments(), environment={"SOURCE_DATE_EPOCH": value}
    )


def test_longest_things_that_fit(shop):
    shop.build("--cmdline", "x" * 4071, "--module", f"{'n' * 31}={shop.directory / 'kernel'}")
    assert shop.verify().returncode == 0


def test_help(shop):
    result = shop.run("--help")
    assert (result.returncode, result.stderr) == (0, "")
    for word in ("-o", "--stage1", "--stage2", "--kernel", "--cmdline", "--module", "--no-data", "--pad", "verify"):
        assert word in result.stdout
    with open("/dev/full", "w") as full:
        result = subprocess.run([shop.mkimage, "--help"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert (result.returncode, result.stderr) == (1, "mkimage: standard output: No space left on device\n")


# ---- what is left behind ----


def test_an_old_image_survives_a_refusal(shop):
    old = shop.build().read_bytes()
    shop.write("kernel", b"no kernel")
    assert shop.run(*shop.arguments()).returncode == 1
    assert shop.image.read_bytes() == old


def test_limited_file_size(shop):
    """The write itself fails, half-way through the boot partition (EFBIG): the old image is still there."""

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (MIB + 300 * 1024,) * 2)

    shop.build()
    shop.refuse(f"{shop.image}: File too large", *shop.arguments(), preexec_fn=limit)


def test_full_disk(shop):
    """On a file system of 1 MiB, in a mount namespace of its own."""
    mount = shop.directory / "small"
    mount.mkdir()
    script = 'mount -t tmpfs -o size=1M none "$0" || exit 99; "$@"; status=$?; ls -A "$0"; exit $status'
    command = ["unshare", "-rm", "sh", "-c", script, mount, shop.mkimage, *shop.arguments(o=mount / "out.img")]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode not in (0, 1) or "unshare" in result.stderr:
        pytest.skip("this machine lets nobody mount a small file system")
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr == f"mkimage: {mount / 'out.img'}: No space left on device\n"


INTERPOSED = """
#include <errno.h>
#include <signal.h>

long CALL(void)
{
	if (SIGNAL)
		raise(SIGNAL);
	errno = ERROR;
	return -1;
}
"""


@pytest.fixture
def interposed(shop):
    """Environments in which one call of the C library fails, or is where a signal arrives."""
    if not shutil.which("cc") or os.uname().sysname != "Linux":
        pytest.skip("needs cc, and Linux's LD_PRELOAD")

    def interpose(call, *, number=0, error=0):
        source, library = shop.write("call.c", INTERPOSED.encode()), shop.directory / "call.so"
        values = [f"-DCALL={call}", f"-DSIGNAL={int(number)}", f"-DERROR={int(error)}"]
        subprocess.run(["cc", "-w", "-fno-builtin", "-shared", "-fPIC", *values, "-o", library, source], check=True)
        return {"LD_PRELOAD": str(library)}

    return interpose


@pytest.mark.parametrize("call", ["mkstemp", "fchmod", "pwrite", "ftruncate", "fsync", "close", "rename"])
def test_every_call_that_can_fail(shop, interposed, call):
    environment = interposed(call, error=errno.EIO)
    shop.build()
    shop.refuse(f"{shop.image}: Input/output error", *shop.arguments(), environment=environment)


@pytest.mark.parametrize("call", ["pwrite", "rename"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_while_writing(shop, interposed, number, call):
    """It ends the program as its sender wants, and nothing is left of the image."""
    environment = interposed(call, number=number)
    before = set(shop.directory.iterdir())
    result = shop.run(*shop.arguments(), environment=environment, restore_signals=True)
    assert (result.returncode, result.stdout, result.stderr) == (-number, "", "")
    assert set(shop.directory.iterdir()) == before


# ---- verify ----


@pytest.fixture
def damaged(shop):
    """An image with two modules, and a way to see what verify says with one bit turned over."""
    names = ["one", "two"]
    for name in names:
        shop.write(name, name.encode() * 3000)
    options = [word for name in names for word in ("--module", f"{name}={shop.directory / name}")]
    shop.build("--cmdline", "some words", *options)
    assert shop.verify().returncode == 0

    def verify(offset, bit):
        with shop.image.open("r+b", buffering=0) as file:
            byte = os.pread(file.fileno(), 1, offset)[0]
            os.pwrite(file.fileno(), bytes([byte ^ 1 << bit]), offset)
            result = shop.verify()
            os.pwrite(file.fileno(), bytes([byte]), offset)
        return result

    verify.shop = shop
    verify.image = Image(shop.image)
    return verify


def module_regions(image, number):
    """Table and data of a module, read from header A."""
    at = image.header(0).start + 80 + 88 + 2 * 584 + number * 96
    size, lba, table_lba = struct.unpack_from("<QQQ", image.bytes, at + 32)
    return Region(table_lba * SECTOR, (size + BLOCK - 1) // BLOCK * 4), Region(lba * SECTOR, size)


REGIONS = {
    "boot sector's code": ("boot sector", lambda image: Region(0, 440)),
    "boot sector's tables": ("boot sector", lambda image: Region(440, 72)),
    "header A": ("header A", lambda image: image.header(0)),
    "header B": ("header B", lambda image: image.header(1)),
    "head of stage 2 A": ("stage 2 A", lambda image: image.stage2_head(0)),
    "rest of stage 2 A": ("stage 2 A", lambda image: image.stage2_rest(0)),
    "head of stage 2 B": ("stage 2 B", lambda image: image.stage2_head(1)),
    "rest of stage 2 B": ("stage 2 B", lambda image: image.stage2_rest(1)),
    "table of kernel A": ("kernel A", lambda image: image.kernel_table(0)),
    "kernel A": ("kernel A", lambda image: image.kernel(0)),
    "table of kernel B": ("kernel B", lambda image: image.kernel_table(1)),
    "kernel B": ("kernel B", lambda image: image.kernel(1)),
    "configuration A": ("configuration A", lambda image: Region(image.configs()[0].start, 16 + len("cmdline=some words\n"))),
    "configuration B": ("configuration B", lambda image: Region(image.configs()[1].start, 16 + len("cmdline=some words\n"))),
    "table of module 1": ("module one", lambda image: module_regions(image, 0)[0]),
    "module 2": ("module two", lambda image: module_regions(image, 1)[1]),
}


def states(report):
    """The column `state` of verify's table, by part."""
    lines = re.findall(r"^(\S.*?) +\d+ +\d+ +\d+  [0-9a-f]{8}  (good|WRONG)$", report, re.MULTILINE)
    return dict(lines)


@pytest.mark.parametrize("region", REGIONS)
def test_verify_sees_a_flipped_bit(damaged, region):
    """In the region's first and last byte and at random ones: that part is named, and no other."""
    part, where = REGIONS[region]
    area = where(damaged.image)
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    offsets = [area.start, area.end - 1, *(dice.randrange(area.start, area.end) for _ in range(20))]
    for offset in offsets:
        bit = dice.randrange(8)
        result = damaged(offset, bit)
        assert result.returncode == 1, f"bit {bit} at {offset} went unseen"
        assert re.fullmatch(rf"mkimage: {damaged.shop.image}: \d+ faults?\n", result.stderr)
        found = states(result.stdout)
        wrong = {name for name, state in found.items() if state == "WRONG"}
        assert part in wrong, result.stdout
        # what stage 2's head should be is said in the boot sector: damage there shows here too
        assert wrong <= {part} | ({"stage 2 A", "stage 2 B"} if part == "boot sector" else set()), result.stdout


def test_verify_sees_every_bit_of_the_partition_table(damaged):
    unseen = [(o, b) for o in range(440, 512) for b in range(8) if damaged(o, b).returncode == 0]
    assert unseen == []


def test_verify_with_both_headers_gone(damaged):
    with damaged.shop.image.open("r+b") as file:
        for slot in (0, 1):
            file.seek(damaged.image.header(slot).start)
            file.write(bytes(BLOCK))
    result = damaged.shop.verify()
    assert result.returncode == 1
    assert states(result.stdout) == {"boot sector": "good", "header A": "WRONG", "header B": "WRONG"}


def test_verify_finds_header_b_without_header_a(damaged):
    result = damaged(damaged.image.header(0).start, 0)
    found = states(result.stdout)
    assert found.pop("header A") == "WRONG"
    assert set(found.values()) == {"good"} and "header B" in found and "module two" in found


STAGE2_AT, KERNEL_AT = 80, 80 + 88  # in the header
LIES = {
    "disk signature": (20, "the disk signature is not the header's"),
    "place of header B": (32, None),
    "sectors of the partition": (40, "partition 1 has not the header's"),
    "boot sector's crc32c": (76, "code: crc32c is"),
    "crc32c of stage 2": (STAGE2_AT + 24, "block 0 at LBA 2056: crc32c is"),
    "size of the kernel": (KERNEL_AT + 32, None),
    "kernel's table": (KERNEL_AT + 56, "table: crc32c is"),
    "kernel's unpacked size": (KERNEL_AT + 60, "does not unpack to "),
    "kernel's sha256": (KERNEL_AT + 64, "sha256 is not the header's"),
    "crc32c of the kernel in memory": (KERNEL_AT + 132, "the header describes another kernel than this"),
    "kernel's entry": (KERNEL_AT + 112, "the header describes another kernel than this"),
    "address of a segment": (KERNEL_AT + 136, "the header describes another kernel than this"),
    "file offset of a segment": (KERNEL_AT + 136 + 16, "the header describes another kernel than this"),
}


@pytest.mark.parametrize("lie", LIES)
def test_verify_sees_a_header_that_lies(damaged, lie):
    """A bit of both headers turned over and their own check value made right: the parts tell."""
    offset, fault = LIES[lie]
    image = damaged.image
    for slot in (0, 1):
        image.flip(image.header(slot).start + offset, bit=3)
        image.seal_header(slot)
    result = damaged.shop.verify(image.save(damaged.shop.image))
    assert result.returncode == 1
    assert fault is None or f"    {fault}" in result.stdout


def test_verify_an_image_that_says_it_is_huge(shop):
    """What is not there to be read, in a file that is nearly all holes, takes no memory either."""
    shop.build("--no-data", "--module", f"m={shop.directory / 'kernel'}")
    image = Image(shop.image)
    at, size = 80 + 88 + 2 * KERNEL_SIZE + 32, 1024 * MIB + 1
    for slot in (0, 1):
        header = image.header(slot).start
        struct.pack_into("<Q", image.bytes, header + 40, 4096 * MIB // SECTOR)
        struct.pack_into("<QQQ", image.bytes, header + at, size, 1024 * MIB // SECTOR, 512 * MIB // SECTOR)
        image.seal_header(slot)
    os.truncate(image.save(shop.image), 3072 * MIB)
    little = resource.RLIMIT_AS, (512 * MIB, 512 * MIB)
    result = shop.run("verify", str(shop.image), preexec_fn=lambda: resource.setrlimit(*little))
    assert result.returncode == 1
    assert states(result.stdout)["module m"] == "WRONG"
    assert f"    has more bytes than mkimage puts there, {1024 * MIB}\n" in result.stdout


def test_verify_truncated_images(damaged):
    """Cut anywhere, it is refused; never a crash."""
    path = damaged.shop.image
    boot = damaged.image.partition
    cuts = [0, 511, 512, boot.start, boot.start + BLOCK, path.stat().st_size - 1, *range(boot.end, boot.start, -99999)]
    for cut in sorted(cuts, reverse=True):
        os.truncate(path, cut)
        result = damaged.shop.verify()
        assert result.returncode == 1
        if cut == boot.start + BLOCK:
            assert "    the image ends before LBA 2056 + 20480 bytes\n" in result.stdout


def test_verify_what_is_no_image(shop):
    cases = {
        shop.directory / "missing": "No such file or directory",
        shop.directory / "kernel": "is too short for an image",
    }
    for path, reason in cases.items():
        result = shop.verify(path)
        assert (result.returncode, result.stdout) == (1, "")
        assert result.stderr == f"mkimage: {path}: {reason}\n"
    assert shop.verify(shop.directory).returncode == 1
    noise = shop.write("noise", os.urandom(3 * MIB))
    assert shop.verify(noise).returncode == 1
    assert shop.run("verify").stderr == "mkimage: verify: takes one image\n"


def test_verify_table_is_aligned(shop):
    shop.build("--module", f"a-module-with-a-long-name={shop.directory / 'kernel'}")
    lines = shop.verify().stdout.split("\n\n")[0].splitlines()
    assert lines[0].split() == ["part", "lba", "sectors", "bytes", "crc32c", "state"]
    for line in lines[1:]:
        for column in ("lba", "sectors", "bytes"):
            end = lines[0].index(column) + len(column)
            assert line[end - 1].isdigit() and line[end] == " ", line
        assert line[lines[0].index("state") :] == "good"
    names = list(states("\n".join(lines)))
    assert names[:3] == ["boot sector", "header A", "stage 2 A"]
    assert names[-1] == "module a-module-with-a-long-name"


# ---- make_image.sh ----


@pytest.fixture
def make_image(shop):
    for tool in ("mformat", "mcopy"):
        if not shutil.which(tool):
            pytest.fail(f"{tool} is not installed: run tools/setup.sh")

    def make(output, *more, script=ROOT / "tools" / "make_image.sh", **options):
        files = [shop.directory / name for name in ("stage1", "stage2", "kernel")]
        return subprocess.run(
            [script, shop.mkimage, output, *files, *more], capture_output=True, text=True, **options
        )

    make.shop = shop
    return make


def data_partition(path, target):
    """The FAT32 partition as a file of its own."""
    _, _, _, _, lba, sectors = partitions(path)[1]
    with path.open("rb") as file, target.open("wb") as copy:
        file.seek(lba * SECTOR)
        copy.write(file.read(sectors * SECTOR))
    return target


def test_file_system_is_accepted(make_image):
    shop = make_image.shop
    result = make_image(shop.image, "hello")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    fat = data_partition(shop.image, shop.directory / "fat")
    fsck = shutil.which("fsck.fat", path=f"{os.environ['PATH']}:/sbin:/usr/sbin")
    assert fsck, "fsck.fat is not installed: run tools/setup.sh"
    checked = subprocess.run([fsck, "-n", "-v", fat], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
    assert "32 bit entries" in checked.stdout
    assert int(re.search(r"(\d+) data clusters", checked.stdout)[1]) >= 65525
    text = subprocess.run(["mtype", "-i", fat, "::README.TXT"], capture_output=True, check=True).stdout
    assert b"Cairn" in text and text.count(b"\r\n") == text.count(b"\n")
    label = subprocess.run(["mlabel", "-s", "-i", fat, "::"], capture_output=True, text=True, check=True).stdout
    assert "CAIRN" in label
    boot = fat.open("rb").read(SECTOR)
    _, _, _, _, lba, sectors = partitions(shop.image)[1]
    assert struct.unpack_from("<II", boot, 28) == (lba, sectors)
    assert shop.verify().returncode == 0
    assert "configuration: cmdline=hello\n" in shop.verify().stdout


def root_directory(fat):
    """The entries of a FAT32's root directory, as far as its first cluster holds them."""
    reserved, copies, fat_sectors = struct.unpack_from("<HB19xI", fat, 14)
    start = (reserved + copies * fat_sectors) * SECTOR
    entries = [fat[at : at + 32] for at in range(start, start + SECTOR, 32)]
    return [entry for entry in entries if entry[0]]


def test_file_system_is_always_the_same(make_image):
    """From elsewhere, and whenever: no clock and no chance gets into it."""
    shop = make_image.shop
    first, second = shop.directory / "first.img", shop.directory / "second.img"
    assert make_image(first).returncode == 0
    environment = {**os.environ, "TZ": "Pacific/Chatham", "LC_ALL": "tr_TR.UTF-8"}
    assert make_image("second.img", cwd=shop.directory, umask=0o077, env=environment).returncode == 0
    assert first.read_bytes() == second.read_bytes()
    fat = data_partition(first, shop.directory / "fat").read_bytes()
    assert struct.unpack_from("<I", fat, 67)[0] == 0x0CA12000
    first_day = (0, 1 << 5 | 1)
    for entry in root_directory(fat):
        assert struct.unpack_from("<HH", entry, 22) == first_day
        assert struct.unpack_from("<HHH", entry, 14) in [(*first_day, first_day[1]), (0, 0, 0)]


def test_nothing_is_left_of_an_image_that_failed(make_image):
    shop = make_image.shop
    assert make_image(shop.image).returncode == 0
    old = shop.image.read_bytes()
    shop.write("kernel", b"no kernel")
    before = set(shop.directory.iterdir())
    result = make_image(shop.image)
    assert result.returncode == 1
    assert result.stderr == f"mkimage: {shop.directory / 'kernel'}: too short for an ELF file\n"
    assert set(shop.directory.iterdir()) == before
    assert shop.image.read_bytes() == old


def test_missing_mtools_are_named(make_image):
    shop = make_image.shop
    tools = shop.directory / "tools"
    tools.mkdir()
    for tool in ("sh", "mktemp", "rm"):
        (tools / tool).symlink_to(shutil.which(tool))
    before = set(shop.directory.iterdir())
    result = make_image(shop.image, env={**os.environ, "PATH": str(tools)})
    assert result.returncode == 1
    assert result.stderr == "make_image.sh: mformat not found, it comes with mtools\n"
    assert set(shop.directory.iterdir()) == before
