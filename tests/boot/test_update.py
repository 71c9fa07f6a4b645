"""mkimage update: cut off anywhere, it leaves an image that starts one of the two kernels; and what it refuses."""

import errno
import fcntl
import hashlib
import os
import random
import shutil
import signal
import struct
import subprocess
from pathlib import Path

import parts
import pytest
from conftest import built
from image import BLOCK, FILE, HEADER, HEADER_CRC_OFFSET, KERNEL_SIZE, SECTOR, STAGE2, START_LBA, Image, crc32c, unpack
from qemu import drive
from words import LAST_LINE

MIB = 1 << 20
A, B = 0, 1
FSYNC = (1 << 64) - 1

# Notes each pwrite() and fsync(); from the FAIL_AT'th of them on they do not happen, and end in FAIL_ERROR (or, without one, in
# 0) or by FAIL_SIGNAL.
RECORDER = r"""
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static long number(const char *name)
{
	const char *text = getenv(name);
	return text ? atol(text) : 0;
}

static int fails(void)
{
	static long calls;
	if (!number("FAIL_AT") || ++calls < number("FAIL_AT"))
		return 0;
	if (number("FAIL_SIGNAL"))
		raise((int)number("FAIL_SIGNAL"));
	errno = (int)number("FAIL_ERROR");
	return 1;
}

static void note(uint64_t offset, const void *data, uint64_t size)
{
	uint64_t head[2] = {offset, size};
	int file = open(getenv("RECORD"), O_WRONLY | O_APPEND | O_CREAT, 0666);
	if (write(file, head, sizeof head) < 0 || write(file, data, size) < 0)
		abort();
	close(file);
}

ssize_t pwrite(int file, const void *data, size_t size, off_t offset)
{
	if (fails())
		return errno ? -1 : 0;
	if (number("SHORT") && size > SECTOR)
		size = SECTOR;
	note(offset, data, size);
	return syscall(SYS_pwrite64, file, data, size, offset);
}

int fsync(int file)
{
	if (fails())
		return -1;
	note(-1, "", 0);
	return syscall(SYS_fsync, file);
}
"""


def kernel(number):
    """A kernel that differs from all others, in length, too."""
    segments = [
        parts.load(parts.BASE, bytes([number]) * (9000 + 100 * number), parts.R | parts.X),
        parts.load(parts.BASE + 0x8000, bytes([number]) * 5000, parts.R | parts.W, memory=70000),
    ]
    return parts.elf(segments, parts.BASE + 0x10, kind=parts.ET_EXEC)


OLD, NEW, NEWER = kernel(1), kernel(2), kernel(3)


@pytest.fixture(scope="session")
def recorder(tmp_path_factory):
    if not shutil.which("cc") or os.uname().sysname != "Linux":
        pytest.skip("needs cc, and Linux's LD_PRELOAD")
    directory = tmp_path_factory.mktemp("recorder")
    source, library = directory / "recorder.c", directory / "recorder.so"
    source.write_text(RECORDER)
    subprocess.run(["cc", "-w", "-shared", "-fPIC", f"-DSECTOR={SECTOR}", "-o", library, source], check=True)
    return library


@pytest.fixture
def update(shop, recorder):
    """An image with the kernel OLD in both slots, and a way to update it."""
    shop.write("kernel", OLD)
    shop.build("--no-data")

    def run(contents, path=None, **environment):
        (shop.directory / "record").unlink(missing_ok=True)
        names = {"LD_PRELOAD": recorder, "RECORD": shop.directory / "record", **environment}
        arguments = ["update", str(path or shop.image), "--kernel", str(shop.write("new", contents))]
        return shop.run(*arguments, environment={name: str(value) for name, value in names.items()}, timeout=60)

    run.shop = shop
    run.image = shop.image
    return run


def done(result):
    assert (result.returncode, result.stderr) == (0, ""), result
    return result.stdout


def recorded(directory):
    """What an update wrote: a list for each stretch between two fsyncs, of sectors (offset, bytes)."""
    data = (directory / "record").read_bytes()
    stretches, at = [[]], 0
    while at < len(data):
        offset, size = struct.unpack_from("<QQ", data, at)
        at += 16
        if offset == FSYNC:
            stretches.append([])
            continue
        sectors = range(0, size, SECTOR)
        stretches[-1] += [(offset + sector, data[at + sector : at + min(sector + SECTOR, size)]) for sector in sectors]
        at += size
    assert stretches.pop() == [], "what is written last is not waited for"
    return stretches


def is_whole(header):
    unsigned = header[:HEADER_CRC_OFFSET] + bytes(4) + header[HEADER_CRC_OFFSET + 4 :]
    return struct.unpack_from("<I", header, HEADER_CRC_OFFSET)[0] == crc32c(unsigned)


def starting_kernel(path, header_lba):
    """The bytes of the kernel that the loader finds, or None: read by the rules of include/format/image.h."""
    with Path(path).open("rb") as file:

        def read(lba, size):
            file.seek(lba * SECTOR)
            return file.read(size)

        header = next((h for h in (read(lba, BLOCK) for lba in header_lba) if is_whole(h)), None)
        assert header, "no header is whole"
        preferred = HEADER.unpack_from(header)[9]
        for slot in (preferred, 1 - preferred):
            entry = FILE.unpack_from(header, HEADER.size + STAGE2.size + slot * KERNEL_SIZE)
            contents, table = read(entry[2], entry[1]), read(entry[3], (entry[1] + BLOCK - 1) // BLOCK * 4)
            checks = [crc32c(contents[at : at + BLOCK]) for at in range(0, len(contents), BLOCK)]
            if table == struct.pack(f"<{len(checks)}I", *checks) and crc32c(table) == entry[4]:
                return unpack(contents)[0] if entry[5] else contents
    return None


def write(path, sectors):
    with Path(path).open("r+b", buffering=0) as file:
        for offset, data in sectors:
            file.seek(offset)
            file.write(data)


def states(path, stretches, dice=None, subsets=0):
    """Yields after each sector that is written to the file; with dice also after random choices of a stretch's sectors.

    What a disk keeps of several writes between which nobody waited is any of them.
    """
    for number, sectors in enumerate(stretches):
        before = Path(path).read_bytes()
        for _ in range(subsets):
            kept = dice.sample(sectors, dice.randrange(len(sectors) + 1))
            write(path, kept)
            yield f"stretch {number}, sectors {sorted(offset // SECTOR for offset, _ in kept)}"
            Path(path).write_bytes(before)
        for count, sector in enumerate(sectors):
            yield f"stretch {number}, {count} of {len(sectors)} sectors"
            write(path, [sector])
    yield "the end"


def end(machine):
    machine.query("quit")
    machine.wait_exit()


def last_line(result):
    return result.stdout.splitlines()[-1]


def interrupt_everywhere(update, path, stretches, old, new, dice, subsets):
    """In every state the image starts the old kernel or the new one, never the old one after the new one."""
    header_lba = Image(path).header_lba
    seen = []
    for state in states(path, stretches, dice, subsets):
        found = starting_kernel(path, header_lba)
        assert found in (old, new), state
        if "of" in state:
            seen.append(found)
        verified = update.shop.verify(path)
        assert last_line(verified).startswith(("whole: ", "recoverable: ")), (state, verified.stdout)
        copy = shutil.copy(path, update.shop.directory / "again.img")
        done(update(new, copy))
        assert update.shop.verify(copy).returncode == 0, state
        assert starting_kernel(copy, header_lba) == new, state
    assert seen == sorted(seen, key=lambda contents: contents == new)
    assert found == new


@pytest.fixture
def dice():
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    return random.Random(seed)


def test_cut_off_anywhere(update, dice):
    """Between any two sectors, and with any part of the sectors nobody waited for; then the update is repeated."""
    before = shutil.copy(update.image, update.shop.directory / "before.img")
    assert done(update(NEW)) == "slot B holds the new kernel, slot A the one before it\n"
    stretches = recorded(update.shop.directory)
    image = Image(update.image)
    assert [sectors[0][0] // SECTOR for sectors in stretches[1:]] == [image.header_lba[B], image.header_lba[A]]
    assert all(offset >= image.kernel_table(B).start for offset, _ in stretches[0])
    interrupt_everywhere(update, before, stretches, OLD, NEW, dice, subsets=20)


@pytest.mark.parametrize("samples", [3, pytest.param(None, marks=pytest.mark.campaign)])
def test_cut_off_twice(update, dice, samples):
    """An update that was cut off is followed by one to a third kernel, which is cut off as well."""
    before = shutil.copy(update.image, update.shop.directory / "before.img")
    done(update(NEW))
    stretches = recorded(update.shop.directory)
    count = sum(map(len, stretches)) + 1
    chosen = sorted(dice.sample(range(count), samples)) if samples else range(count)
    header_lba = Image(before).header_lba
    for number, _ in enumerate(states(before, stretches)):
        if number not in chosen:
            continue
        middle = shutil.copy(before, update.shop.directory / "middle.img")
        second = shutil.copy(before, update.shop.directory / "second.img")
        old = starting_kernel(before, header_lba)
        done(update(NEWER, middle))
        interrupt_everywhere(update, second, recorded(update.shop.directory), old, NEWER, dice, subsets=0)


def test_calls_that_fail(update):
    """From the nth write or fsync on nothing works, or the program is killed: a sentence, and an image that starts."""
    before = update.image.read_bytes()
    header_lba = Image(update.image).header_lba
    for call in range(1, 7):
        for error in (errno.EIO, errno.ENOSPC):
            result = update(NEW, FAIL_AT=call, FAIL_ERROR=error)
            assert (result.returncode, result.stdout) == (1, ""), call
            assert result.stderr.startswith(f"mkimage: {update.image}: ")
            assert result.stderr.endswith(f"{os.strerror(error)}\n")
            assert starting_kernel(update.image, header_lba) == (OLD if call < 6 else NEW)
            update.image.write_bytes(before)
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
            assert update(NEW, FAIL_AT=call, FAIL_SIGNAL=int(number)).returncode == -number
            assert last_line(update.shop.verify()).startswith("recoverable: " if 1 < call < 6 else "whole: ")
            update.image.write_bytes(before)
    assert last_line(update.shop.verify()).startswith("whole: ")
    done(update(NEW, FAIL_AT=7, FAIL_ERROR=errno.EIO))  # there is no seventh
    assert starting_kernel(update.image, header_lba) == NEW


def test_writes_that_write_little(update):
    """pwrite() may take only a part of what it is given."""
    done(update(NEW, SHORT=1))
    assert update.shop.verify().returncode == 0


def test_a_disk_that_takes_nothing(update):
    """No error and no byte written: nobody tries for ever."""
    before = update.image.read_bytes()
    result = update(NEW, FAIL_AT=1)
    assert result.returncode == 1
    assert result.stderr.endswith(" cannot be written: no more bytes are taken\n")
    assert update.image.read_bytes() == before


# ---- what stays and what changes ----


def test_only_the_slot_and_the_headers_change(update):
    """Of a disk larger than the image nothing else is touched either."""
    with update.image.open("ab") as file:
        file.write(os.urandom(3 * MIB))
    before = update.image.read_bytes()
    done(update(NEW))
    after, image = update.image.read_bytes(), Image(update.image)
    assert len(after) == len(before)
    slot = image.kernel_table(B).start
    allowed = [(image.header(A).start, BLOCK), (image.header(B).start, BLOCK), (slot, image.kernel(B).end - slot + BLOCK)]
    kept = bytearray(after)
    for start, size in allowed:
        kept[start : start + size] = before[start : start + size]
    assert kept == before


def test_slots_take_turns(update):
    said = [done(update(kernel(number))) for number in (2, 3, 4)]
    assert said == [f"slot {new} holds the new kernel, slot {old} the one before it\n" for new, old in ("BA", "AB", "BA")]
    report = update.shop.verify().stdout
    assert f"slot A: sha256 {hashlib.sha256(kernel(3)).hexdigest()}\n" in report
    assert f"slot B: sha256 {hashlib.sha256(kernel(4)).hexdigest()}\n" in report
    assert report.endswith("whole: it starts the kernel in slot B\n")


def test_the_kernel_that_is_there_already(update):
    done(update(NEW))
    before = update.image.read_bytes()
    assert done(update(NEW)) == "slot B holds this kernel already\n"
    assert recorded_nothing(update)
    assert update.image.read_bytes() == before
    assert done(update(OLD)) == "slot A holds the new kernel, slot B the one before it\n"  # the way back


def test_the_way_back_writes_only_headers(update):
    """The kernel before may be the only one that works: while the image still prefers another, nothing touches it."""
    done(update(NEW))
    (update.shop.directory / "record").unlink()
    assert done(update(OLD)) == "slot A holds the new kernel, slot B the one before it\n"
    image = Image(update.image)
    places = [[offset for offset, _ in sectors] for sectors in recorded(update.shop.directory)]
    assert [offsets[0] for offsets in places] == [image.header_lba[slot] * SECTOR for slot in (B, A)]
    assert starting_kernel(update.image, image.header_lba) == OLD
    assert update.shop.verify().returncode == 0


def recorded_nothing(update):
    return not (update.shop.directory / "record").exists()


def test_damage_that_is_replaced(update):
    """A slot that cannot start is the one to write to; headers are made whole."""
    done(update(NEW))
    image = Image(update.image)
    image.flip(image.kernel(B).offset("middle"))
    image.flip(image.header(A).offset("last"))
    image.save(update.image)
    assert last_line(update.shop.verify()).startswith("recoverable: it starts the kernel in slot A;")
    assert done(update(NEWER)) == "slot B holds the new kernel, slot A the one before it\n"
    assert update.shop.verify().returncode == 0


def test_largest_kernel_of_a_slot(update):
    """A slot of 1 MiB: 4 KiB of checks, the rest is for the file. What does not fit changes nothing."""
    before = update.image.read_bytes()
    largest = NEW + random.Random(1).randbytes(MIB - BLOCK - len(NEW))  # of no use to pack
    result = update(largest + b"x")
    new = update.shop.directory / "new"
    assert result.stderr == f"mkimage: {new}: is too large: with its checks it takes 1028 KiB, slot B has 1024\n"
    assert result.returncode == 1 and update.image.read_bytes() == before
    done(update(largest))
    assert update.shop.verify().returncode == 0


def test_slots_have_room_for_twice_the_kernel(shop):
    shop.write("kernel", OLD.ljust(5 * MIB, b"x"))
    shop.build("--no-data")
    arguments = ["update", str(shop.image), "--kernel", str(shop.write("new", NEW.ljust(10 * MIB, b"x")))]
    done(shop.run(*arguments))
    assert shop.verify().returncode == 0


def test_a_slot_that_the_configuration_names(update):
    """What is started stays as it is at every moment, also where it is not the preferred one; and it is told."""
    done(update(NEW))
    configured = update.shop.run("config", str(update.image), "-", input="kernel = other\n")
    assert configured.returncode == 0
    assert last_line(update.shop.verify()) == "whole: it starts the kernel in slot A"
    before = shutil.copy(update.image, update.shop.directory / "before.img")
    (update.shop.directory / "record").unlink()
    said = "slot B holds the new kernel, slot A the one before it\n"
    assert done(update(NEWER)) == said + "the configuration starts the one in slot A: mkimage config changes that\n"
    for state in states(before, recorded(update.shop.directory)):
        assert "it starts the kernel in slot A" in last_line(update.shop.verify(before)), state
    report = update.shop.verify().stdout
    assert f"slot A: sha256 {hashlib.sha256(OLD).hexdigest()}\n" in report
    assert f"slot B: sha256 {hashlib.sha256(NEWER).hexdigest()}\n" in report
    assert report.endswith("whole: it starts the kernel in slot A\n")
    said = "slot A holds the new kernel, slot B the one before it\n"
    assert done(update(OLD)) == said + "the configuration starts the one in slot B: mkimage config changes that\n"
    assert update.shop.verify().stdout.endswith("whole: it starts the kernel in slot B\n")


# ---- what is refused ----

DAMAGE = {
    "boot sector": (lambda image: 100, "boot sector: code: crc32c is "),
    "stage 2 A": (lambda image: image.stage2_rest(A).start, "stage 2 A: block 2 at LBA 2072: crc32c is "),
    "stage 2 B": (lambda image: image.stage2_head(B).start, "stage 2 B: block 0 at LBA "),
    "configuration": (lambda image: image.config.start, "configuration A: not a configuration"),
}


@pytest.mark.parametrize("part", DAMAGE)
def test_damage_that_is_not_replaced(update, part):
    where, reason = DAMAGE[part]
    image = Image(update.image)
    image.flip(where(image))
    before = image.save(update.image).read_bytes()
    result = update(NEW)
    assert result.returncode == 1
    assert result.stderr.startswith(f"mkimage: {update.image}: {reason}")
    assert result.stderr.endswith("; only kernels and headers can be replaced\n")
    assert update.image.read_bytes() == before


def test_two_damaged_kernels(update):
    image = Image(update.image)
    for slot in (A, B):
        image.flip(image.kernel(slot).offset("first"))
    before = image.save(update.image).read_bytes()
    result = update(NEW)
    assert result.returncode == 1
    assert "both kernels are damaged (kernel A: block 0 at LBA " in result.stderr
    assert update.image.read_bytes() == before
    assert last_line(update.shop.verify()) == "broken: nothing says that it starts"


def test_things_that_are_no_image(update):
    shop = update.shop
    noise = shop.write("noise", os.urandom(3 * MIB))
    pipe = shop.directory / "pipe"
    os.mkfifo(pipe)
    cases = {
        shop.directory / "missing": "No such file or directory",
        shop.directory / "stage2": "is too short for an image",
        shop.directory: "Is a directory",
        pipe: "is neither a file nor a disk",
        Path("/dev/null"): "is neither a file nor a disk",
        noise: "header A: not an image header",
    }
    for path, reason in cases.items():
        result = update(NEW, path)
        assert (result.returncode, result.stdout, result.stderr) == (1, "", f"mkimage: {path}: {reason}\n")
    shop.refuse(
        f"{shop.image}: is the kernel and the image at once", "update", str(shop.image), "--kernel", str(shop.image)
    )


def test_an_image_cut_off_before_slot_b(update):
    os.truncate(update.image, Image(update.image).header(B).start)
    result = update(NEW)
    assert result.returncode == 1
    assert f"mkimage: {update.image}: boot sector: partition 1 ends at LBA " in result.stderr


BAD_KERNEL = {
    "text": (b"#!/bin/sh\n" * 50, "not an ELF file"),
    "truncated": (NEW[:-5000], "the ELF file is cut off before the end of a segment"),
    "relocation": (parts.kernel(relocation=parts.R_X86_64_64), "a relocation is not of type R_X86_64_RELATIVE"),
    "writable code": (parts.elf([parts.load(parts.BASE, b"\xf4", 7)], parts.BASE), "a segment is writable and executable"),
    "empty": (b"", "is empty"),
    "huge": (NEW.ljust(30 * MIB + 1, b"x"), f"is too large: {30 * MIB + 1} bytes, the limit is {30 * MIB}"),
}


@pytest.mark.parametrize("case", BAD_KERNEL)
def test_bad_kernel(update, case):
    contents, reason = BAD_KERNEL[case]
    before = update.image.read_bytes()
    result = update(contents)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"mkimage: {update.shop.directory / 'new'}: {reason}\n"
    assert update.image.read_bytes() == before


COMMAND_LINES = {
    "update: needs an image and --kernel FILE": [[], ["IMAGE"], ["--kernel", "x"]],
    "--kernel: needs a value": [["IMAGE", "--kernel"], ["IMAGE", "--kernel", ""]],
    "--kernel: given twice": [["IMAGE", "--kernel", "x", "--kernel", "x"]],
    "IMAGE: given twice": [["IMAGE", "IMAGE", "--kernel", "x"]],
    "--module: unknown option; mkimage --help lists them": [["IMAGE", "--module", "x=y"]],
}


@pytest.mark.parametrize("reason", COMMAND_LINES, ids=map(str, range(len(COMMAND_LINES))))
def test_bad_command_line(update, reason):
    for words in COMMAND_LINES[reason]:
        given = [str(update.image) if word == "IMAGE" else word for word in words]
        update.shop.refuse(reason, "update", *given)


def test_image_that_somebody_else_has_open(update):
    """Who locks it as mkimage and QEMU do: then two would write."""
    with update.image.open("r+b") as file:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        result = update(NEW)
    assert (result.returncode, result.stderr) == (1, f"mkimage: {update.image}: is in use by another program\n")
    done(update(NEW))


def test_image_that_qemu_runs_from(update, qemu):
    machine = qemu("-S", *drive(update.image), snapshot=False)
    result = update(NEW)
    assert (result.returncode, result.stderr) == (1, f"mkimage: {update.image}: is in use by another program\n")
    end(machine)
    done(update(NEW))


def test_image_one_may_not_write_to(public_shop):
    public_shop.write("kernel", OLD)
    public_shop.build("--no-data")
    public_shop.image.chmod(0o444)
    new = public_shop.write("new", NEW)
    public_shop.refuse(
        f"{public_shop.image}: Permission denied", "update", str(public_shop.image), "--kernel", str(new),
        **public_shop.identity,
    )  # fmt: skip


def test_on_a_block_device(update):
    try:
        attach = subprocess.run(["losetup", "--show", "-f", update.image], capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("losetup is not installed")
    if attach.returncode:
        pytest.skip("this machine lets nobody make a block device of a file")
    device = attach.stdout.strip()
    try:
        done(update(NEW, device))
        assert update.shop.verify(device).returncode == 0
    finally:
        subprocess.run(["losetup", "-d", device], check=True)
    assert last_line(update.shop.verify()) == "whole: it starts the kernel in slot B"


# ---- what starts ----

HELLO_OLD, HELLO_NEW = "Hello World!", "Hello Earth!"


@pytest.fixture
def real(build, image, shop, recorder):
    """The image as it is delivered, and what updating it to a kernel with another greeting writes."""
    shutil.copy(image, shop.image)
    kernel = built(build / "kernel.bin").read_bytes()
    assert kernel.count(HELLO_OLD.encode()) == 1
    shop.write("new", kernel.replace(HELLO_OLD.encode(), HELLO_NEW.encode()))
    before = shutil.copy(shop.image, shop.directory / "before.img")
    environment = {"LD_PRELOAD": str(recorder), "RECORD": str(shop.directory / "record")}
    done(shop.run("update", str(shop.image), "--kernel", str(shop.directory / "new"), environment=environment))
    return before, shop.image, recorded(shop.directory)


def greeting(machine):
    machine.wait_for(LAST_LINE)
    found = [hello for hello in (HELLO_OLD, HELLO_NEW) if hello in machine.log()]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("all_states", [False, pytest.param(True, marks=pytest.mark.campaign)])
def test_what_starts_after_a_cut(real, qemu, all_states):
    """The loader starts the old kernel or the new one, in every state (or in one of each kind, and at the borders)."""
    before, _, stretches = real
    borders, at = {0}, 0
    for sectors in stretches:
        borders |= {at + len(sectors) // 2, at + len(sectors)}
        at += len(sectors)
    seen = []
    for number, _ in enumerate(states(before, stretches)):
        if all_states or number in borders:
            machine = qemu(*drive(before))
            seen.append(greeting(machine))
            end(machine)
    assert seen == sorted(seen, reverse=True)  # World before Earth
    assert seen.count(HELLO_OLD) >= 4 and seen.count(HELLO_NEW) >= 2
    print(f"{len(seen)} states started, {seen.count(HELLO_OLD)} with the old kernel")


def test_new_kernel_in_slot_b(real, qemu):
    """That it comes from slot B is said, and is nothing to warn of."""
    machine = qemu(*drive(real[1]))
    assert greeting(machine) == HELLO_NEW
    assert "by EDD, slot B," in machine.log()
    assert "Loader: " not in machine.log()


DAMAGED = {"kernel": lambda image: image.kernel_segments(B)[0], "table": lambda image: image.kernel_table(B)}


@pytest.mark.parametrize("part", DAMAGED)
def test_new_kernel_is_damaged(real, qemu, part):
    """The old one starts, with a note, and no block of the one is taken for one of the other."""
    image = Image(real[1])
    image.flip(DAMAGED[part](image).offset("middle"))
    machine = qemu(*drive(image.save(real[1])))
    assert greeting(machine) == HELLO_OLD
    log = machine.log()
    assert log.startswith("Slot B: kernel: ") and "by EDD, slot A," in log
    assert "taken from" not in log and "Loader: this kernel is the one in slot A, because the one in slot B is damaged.\n" in log
