"""mkimage write: which disks it refuses, what it asks, what it leaves behind when it cannot go on; and what is handed out."""

import contextlib
import errno
import os
import shutil
import signal
import subprocess

import pexpect
import pytest
from conftest import ROOT
from image import BLOCK, SECTOR, Image

MIB = 1 << 20
GPT_SIZE = 33 * SECTOR

# From the FAIL_AT'th pwrite() or fsync() on they end in FAIL_ERROR, or one of them by FAIL_SIGNAL; reading the byte BAD_BYTE of
# the file called TARGET finds another one. O_DIRECT is for disks; pread() of the image is left alone.
SABOTEUR = r"""
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
	calls++;
	if (number("FAIL_SIGNAL") && calls == number("FAIL_AT"))
		raise((int)number("FAIL_SIGNAL"));
	errno = (int)number("FAIL_ERROR");
	return errno && number("FAIL_AT") && calls >= number("FAIL_AT");
}

ssize_t pwrite(int file, const void *data, size_t size, off_t offset)
{
	return fails() ? -1 : syscall(SYS_pwrite64, file, data, size, offset);
}

int fsync(int file)
{
	return fails() ? -1 : syscall(SYS_fsync, file);
}

ssize_t pread(int file, void *data, size_t size, off_t offset)
{
	ssize_t taken = syscall(SYS_pread64, file, data, size, offset);
	struct stat here, target;
	off_t bad = number("BAD_BYTE") - offset;

	if (getenv("BAD_BYTE") && bad >= 0 && bad < taken && fstat(file, &here) == 0 &&
	    stat(getenv("TARGET"), &target) == 0 && here.st_ino == target.st_ino)
		((char *)data)[bad] ^= 1;
	return taken;
}
"""


@pytest.fixture(scope="session")
def saboteur(tmp_path_factory):
    if not shutil.which("cc") or os.uname().sysname != "Linux":
        pytest.skip("needs cc, and Linux's LD_PRELOAD")
    directory = tmp_path_factory.mktemp("saboteur")
    source, library = directory / "saboteur.c", directory / "saboteur.so"
    source.write_text(SABOTEUR)
    subprocess.run(["cc", "-w", "-shared", "-fPIC", "-o", library, source], check=True)
    return library


@pytest.fixture
def target(shop):
    """A file to write to, larger than the image, with the end of another system's partition table."""
    shop.build("--no-data")
    path = shop.directory / "target"
    contents = bytearray(os.urandom(shop.image.stat().st_size + 2 * MIB))
    contents[510:512] = b"\x55\xaa"
    contents[-SECTOR : -SECTOR + 8] = b"EFI PART"
    path.write_bytes(contents)
    return path


def write(shop, target, *options, **more):
    return shop.run("write", str(shop.image), str(target), *options, **more)


def refused(result, reason):
    assert result.returncode == 1, result
    assert reason in result.stderr, result.stderr
    assert "Traceback" not in result.stderr and result.stderr.startswith("mkimage: ")


def written_is_right(image, before, after):
    """The image, then what was there, then 33 sectors of zeros where the old partition table was."""
    assert len(after) == len(before)
    assert after[: len(image)] == image
    assert after[len(image) : -GPT_SIZE] == before[len(image) : -GPT_SIZE]
    assert after[-GPT_SIZE:] == bytes(GPT_SIZE)


# ---- what is written ----


def test_everything_is_written_and_nothing_else(shop, target):
    before = target.read_bytes()
    result = write(shop, target, "--file", "--yes")
    assert (result.returncode, result.stderr) == (0, "")
    assert "An old partition table (GPT) at its end is removed.\n" in result.stdout
    assert f"each of {shop.image.stat().st_size} bytes was read back and is right" in result.stdout
    written_is_right(shop.image.read_bytes(), before, target.read_bytes())
    assert shop.verify(target).returncode == 0


def test_a_target_as_large_as_the_image(shop, target):
    """What stands at its end is the image's."""
    os.truncate(target, shop.image.stat().st_size)
    assert write(shop, target, "--file", "--yes").returncode == 0
    assert target.read_bytes() == shop.image.read_bytes()


# ---- the question ----


def ask(shop, target, *answers):
    child = pexpect.spawn(str(shop.mkimage), ["write", str(shop.image), str(target), "--file"], timeout=20, encoding="utf-8")
    for answer in answers:
        child.expect("All that is on it will be lost. To write .* to it, type target: ")
        child.send(answer)
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus, child.before


def test_the_right_answer(shop, target):
    status, said = ask(shop, target, "target\n")
    assert status == 0
    assert "writing      [################################] 100%" in said
    assert "reading back [################################] 100%" in said
    assert target.read_bytes().startswith(shop.image.read_bytes())


@pytest.mark.parametrize("answer", ["\n", "yes\n", "y\n", "Target\n", "target \n", "targetx\n", "\x04"])
def test_other_answers(shop, target, answer):
    before = target.read_bytes()
    status, said = ask(shop, target, answer)
    assert status == 1
    assert "nothing was written" in said
    assert target.read_bytes() == before


def test_without_a_terminal(shop, target):
    before = target.read_bytes()
    refused(write(shop, target, "--file", stdin=subprocess.DEVNULL), "there is no terminal to ask on")
    refused(write(shop, target, "--file", input="target\n"), "there is no terminal to ask on")
    command = '"$0" write "$1" "$2" --file < /dev/null'  # the question would be seen, the answer is no person's
    said = pexpect.run(f"sh -c '{command}' {shop.mkimage} {shop.image} {target}", timeout=20)
    assert b"there is no terminal to ask on" in said
    assert target.read_bytes() == before


# ---- what goes wrong ----


@pytest.mark.parametrize("closed", ["<&- >&-", "<&- 2>&-", "<&- >&- 2>&-"])
def test_closed_standard_files(shop, target, closed):
    """What is opened does not take their places: what is said would be written to it."""
    command = f'"$0" write "$1" "$2" --file --yes {closed}'
    result = subprocess.run(["sh", "-c", command, shop.mkimage, shop.image, target])
    assert result.returncode == (1 if " >&-" in closed else 0)  # that nothing could be said is an error, too
    assert target.read_bytes().startswith(shop.image.read_bytes())


@pytest.fixture
def sabotage(shop, target, saboteur):
    def run(preexec_fn=None, **environment):
        names = {"LD_PRELOAD": saboteur, "TARGET": target, **environment}
        environment = {name: str(value) for name, value in names.items()}
        return write(shop, target, "--file", "--yes", environment=environment, preexec_fn=preexec_fn)

    return run


def starts_nothing(target):
    assert target.read_bytes()[:BLOCK] == bytes(BLOCK)


# 1, 2: the first block and its fsync; 3: the old partition table; 4..: a MiB each; then fsync, the first block, fsync.
@pytest.mark.parametrize("ways", [{"FAIL_ERROR": errno.EIO}, {"FAIL_SIGNAL": int(signal.SIGINT)}, {"FAIL_SIGNAL": int(signal.SIGTERM)}])
def test_cut_off_while_writing(shop, target, sabotage, ways):
    reason = os.strerror(errno.EIO) if "FAIL_ERROR" in ways else "interrupted"
    before = target.read_bytes()
    for call, byte in ((4, 0), (5, MIB)):
        if "FAIL_SIGNAL" in ways:
            byte += MIB  # what was begun is done
        target.write_bytes(before)
        result = sabotage(FAIL_AT=call, **ways)
        refused(result, f"writing stopped at byte {byte}: {reason}; what was on it is lost and nothing starts from it now")
        starts_nothing(target)


def test_a_signal_that_is_ignored(shop, target, sabotage):
    """Who says nohup wants it written when the terminal is closed."""
    result = sabotage(FAIL_AT=5, FAIL_SIGNAL=int(signal.SIGHUP), preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    assert (result.returncode, result.stderr) == (0, "")
    assert target.read_bytes().startswith(shop.image.read_bytes())


def test_the_first_and_the_last_write(shop, target, sabotage):
    refused(sabotage(FAIL_AT=1, FAIL_ERROR=errno.EIO), "stopped at byte 0: Input/output error; its first block may be damaged")
    chunks = -(-shop.image.stat().st_size // MIB)
    refused(sabotage(FAIL_AT=4 + chunks, FAIL_ERROR=errno.EIO), f"stopped at byte {shop.image.stat().st_size}: ")
    starts_nothing(target)
    result = sabotage(FAIL_AT=4 + chunks, FAIL_ERROR=errno.EIO)  # there is no old partition table any more
    refused(result, "all but its first block is right, so do not rely on it")


@pytest.mark.parametrize("byte", [1, 5000, MIB, 3 * MIB - 1])
def test_what_is_read_back_differs(shop, target, sabotage, byte):
    result = sabotage(BAD_BYTE=byte)
    wanted = 0 if byte < BLOCK else shop.image.read_bytes()[byte]
    refused(result, f"reading back stopped at byte {byte}: {wanted ^ 1:02X} is there, {wanted:02X} was written")
    starts_nothing(target)


# ---- what is refused ----


def test_refusals(shop, target):
    small = shop.write("small", bytes(shop.image.stat().st_size - SECTOR))
    pipe = shop.directory / "pipe"
    os.mkfifo(pipe)
    cases = [
        (target, [], "is a file and no disk; with --file it is written to all the same"),
        (small, ["--file"], "is too small: "),
        (shop.write("empty", b""), ["--file"], "is too small: 0 bytes"),
        (pipe, [], "is no disk"),
        (pipe, ["--file"], "is not a regular file"),
        ("/dev/null", [], "is no disk"),
        (shop.directory, [], "is no disk"),
        ("/dev/no such disk", [], "No such file or directory"),
        (shop.image, ["--file"], "is the image and the disk at once"),
        (target, ["--fil"], "unknown option"),
    ]
    for path, options, reason in cases:
        refused(write(shop, path, *options, "--yes"), reason)


def test_an_image_that_is_damaged(shop, target):
    image = Image(shop.image)
    image.flip(image.kernel(1).offset("middle"))
    image.save(shop.image)
    before = target.read_bytes()
    refused(write(shop, target, "--file", "--yes"), "it is not written to a disk")
    refused(shop.run("write", str(shop.directory / "kernel"), str(target), "--file", "--yes"), "is too short for an image")
    assert target.read_bytes() == before


def test_the_disk_of_this_system(shop):
    """Asked for without --yes and without a terminal, so that nothing can happen if it is not refused."""
    shop.build("--no-data")
    source = subprocess.run(["findmnt", "-no", "SOURCE", "/"], capture_output=True, text=True).stdout.strip()
    if not source.startswith("/dev/") or not os.path.exists(source):
        pytest.skip("the root of this system is on no block device")
    refused(write(shop, source, "--force-fixed", stdin=subprocess.DEVNULL), "holds the system that is running")


# ---- a block device ----


@contextlib.contextmanager
def attached(path):
    if not shutil.which("losetup") or os.geteuid() != 0:
        pytest.skip("only the administrator makes a block device of a file")
    made = subprocess.run(["losetup", "--find", "--show", str(path)], capture_output=True, text=True)
    if made.returncode:
        pytest.skip("this machine lets nobody make a block device of a file")
    device = made.stdout.strip()
    try:
        yield device
    finally:
        subprocess.run(["losetup", "-d", device], check=True)


@pytest.fixture
def loop(target):
    """The target as a block device."""
    with attached(target) as device:
        yield device


def test_a_block_device(shop, target, loop):
    before = target.read_bytes()
    refused(write(shop, loop, "--yes"), "is neither removable nor on USB, so it may be built in; --force-fixed writes to it")
    refused(write(shop, loop, "--force-fixed", stdin=subprocess.DEVNULL), "there is no terminal to ask on")
    assert target.read_bytes() == before
    result = write(shop, loop, "--yes", "--force-fixed")
    assert (result.returncode, result.stderr) == (0, "")
    subprocess.run(["sync", loop], check=True)
    written_is_right(shop.image.read_bytes(), before, target.read_bytes())


def test_the_image_as_a_block_device(shop, target):
    """A disk that the image is on: nothing is lost, and nothing is said to be right that is not."""
    target.write_bytes(shop.image.read_bytes())
    before = target.read_bytes()
    with attached(target) as device:
        refused(shop.run("write", str(target), device, "--yes", "--force-fixed"), "is the disk that the image is on")
    assert target.read_bytes() == before


def test_two_questions_for_what_may_be_built_in(shop, target, loop):
    for second, status in (("target", 1), ("overwrite", 0)):
        arguments = ["write", str(shop.image), loop, "--force-fixed"]
        child = pexpect.spawn(str(shop.mkimage), arguments, timeout=20, encoding="utf-8")
        child.expect("to it, type loop[0-9]+: ")
        child.sendline(os.path.basename(loop))
        child.expect("It may be built into this computer .* type overwrite: ")
        child.sendline(second)
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == status


def test_a_mounted_block_device(shop, loop):
    """Also when it is mounted where this process cannot see it: then only the kernel knows."""
    folder = shop.directory / "folder"
    folder.mkdir()
    if subprocess.run(["mkfs.ext2", "-q", "-F", loop], capture_output=True).returncode:
        pytest.skip("no mkfs.ext2")
    if subprocess.run(["mount", loop, folder], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount anything")
    try:
        refused(write(shop, loop, "--yes", "--force-fixed"), f"is mounted at {folder}; unmount it first")
    finally:
        subprocess.run(["umount", folder], check=True)
    script = f"mount {loop} {folder} && echo mounted && read x"
    hidden = subprocess.Popen(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", script],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert hidden.stdout.readline() == "mounted\n"
        refused(write(shop, loop, "--yes", "--force-fixed"), "the kernel gives it to nobody else")
    finally:
        hidden.communicate("\n")


# ---- what is handed out ----


def test_dist(build, tmp_path):
    version = (ROOT / "VERSION").read_text().strip()
    for _ in range(2):  # the second one replaces the first
        made = subprocess.run([ROOT / "tools/make_dist.sh", build, version, tmp_path / "dist"], capture_output=True, text=True)
        assert (made.returncode, made.stderr) == (0, "")
    names = [f"cairn-{version}{end}" for end in ("-kernel.elf", "-stage2.elf", ".img")]
    assert sorted(path.name for path in (tmp_path / "dist").iterdir()) == ["SHA256SUMS", *names]
    checked = subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=tmp_path / "dist", capture_output=True, text=True)
    assert (checked.returncode, checked.stdout) == (0, "".join(f"{name}: OK\n" for name in names))
    assert (tmp_path / "dist" / f"cairn-{version}.img").read_bytes() == (build / "cairn.img").read_bytes()
    shutil.rmtree(tmp_path / "dist")
