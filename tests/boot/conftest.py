"""Fixtures: where the images are, machines that clean up after themselves, and the log of every machine of a failed test."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

sys.dont_write_bytecode = True

from bochs import BINARY as BOCHS, SHARE as BOCHS_SHARE, Bochs, has_several_cpus  # noqa: E402
from failure import BootFailure  # noqa: E402
from image import SECTOR, Image  # noqa: E402
from parts import machine_code  # noqa: E402
from qemu import BINARY as QEMU, Qemu, drive  # noqa: E402
from workshop import Workshop  # noqa: E402

# Drawn once, before pytest-xdist starts its workers: all of them must know the same tests, and seeds are part of names.
os.environ.setdefault("CAIRN_SEED", str(random.SystemRandom().randrange(1 << 32)))

# Who starts the tests in the background has signals ignored, and programs under test would inherit that.
for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)

ROOT = Path(__file__).resolve().parents[2]
HOSTILE_BIOS = Path(__file__).with_name("hostile.asm")
HOSTILE_BIOS_NEXT = 2047  # the sector it starts the real boot sector from
HOSTILE_BIOS_SIZE = 440


def pytest_collection_modifyitems(config, items):
    """Tests for the campaign are left out of every other run."""
    if os.environ.get("CAIRN_CAMPAIGN"):
        return
    left_out = [item for item in items if item.get_closest_marker("campaign")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A test that failed by an assertion of its own also shows what its machines said."""
    report = (yield).get_result()
    if report.when == "call" and report.failed and not isinstance(call.excinfo.value, BootFailure):
        for machine in getattr(item, "machines", []):
            report.sections.append(("machine", machine.report()))


@pytest.fixture(scope="session")
def build():
    """The directory with everything that was built."""
    return ROOT / os.environ.get("CAIRN_BUILD", "build")


@pytest.fixture(scope="session")
def image(build):
    """The disk image as it is delivered."""
    return built(build / "cairn.img")


@pytest.fixture(scope="session")
def test_image(build):
    """The image whose kernel is the test kernel."""
    return built(build / "test.img")


def built(path):
    assert path.exists(), f"{path} is not there: run make first"
    return path


@pytest.fixture
def machines(request, tmp_path):
    """Starts machines, each in a directory of its own, and ends them with the test."""
    request.node.machines = []

    def start(kind, *arguments, **options):
        directory = tmp_path / f"machine{len(request.node.machines)}"
        directory.mkdir()
        machine = kind(directory, *arguments, **options)
        request.node.machines.append(machine)
        return machine

    yield start
    for machine in request.node.machines:
        machine.close()
        shutil.rmtree(machine.directory)


@pytest.fixture
def qemu(machines):
    """Starts QEMU with literal options; see Qemu."""
    if not shutil.which(QEMU):
        pytest.fail(f"{QEMU} is not installed: run tools/setup.sh")
    return lambda *options, **more: machines(Qemu, *options, **more)


@pytest.fixture
def bochs(machines):
    """Starts Bochs on an image; see Bochs."""
    if not shutil.which(BOCHS) or not BOCHS_SHARE.exists():
        pytest.skip("Bochs is not installed (tools/setup.sh)")

    def start(path, *, cpus=1, more="", **options):
        if cpus > 1:
            if not has_several_cpus():
                pytest.skip("NOT RUN: this Bochs was built for one CPU (its log: SMP support: no)")
            more += f"cpu: count={cpus}\n"
        return machines(Bochs, path, more=more, **options)

    return start


@pytest.fixture
def boot_bochs(bochs, tmp_path):
    """Starts Bochs on a copy of an image that has these words as its command line."""

    def boot(path, words, **more):
        copy = Image(path)
        copy.set_command_line(words)
        return bochs(copy.save(tmp_path / "words.img"), **more)

    return boot


@pytest.fixture
def boot_copy(image, tmp_path, qemu):
    """Boots a copy of the image that `change` has been let loose on."""

    def boot(change, *options):
        copy = Image(image)
        change(copy)
        return qemu(*drive(copy.save(tmp_path / "copy.img")), *options)

    yield boot
    (tmp_path / "copy.img").unlink(missing_ok=True)


@pytest.fixture
def boot_behind(boot_copy, tmp_path):
    """Boots the image behind a BIOS that misbehaves in the named ways, and damaged if that is asked for."""

    def boot(ways, *options, damage=None):
        def change(image):
            if damage:
                damage(image)
            put_bios_before(image, ways, tmp_path)

        return boot_copy(change, *options)

    return boot


def put_bios_before(image, ways, directory):
    """Makes an Image start with the BIOS that misbehaves in the named ways, and then its own boot sector."""
    sector = directory / "hostile.bin"
    subprocess.run(["nasm", "-f", "bin", *(f"-D{way}" for way in ways.split()), "-o", sector, HOSTILE_BIOS], check=True)
    image.bytes[HOSTILE_BIOS_NEXT * SECTOR : (HOSTILE_BIOS_NEXT + 1) * SECTOR] = image.bytes[:SECTOR]
    image.bytes[:HOSTILE_BIOS_SIZE] = sector.read_bytes()


@pytest.fixture
def image_of(build, tmp_path):
    """An image of this kernel, the bytes of an ELF file, with these words as its command line and these (name, content) modules."""

    def make(content, *words, modules=()):
        kernel, image = tmp_path / "kernel.elf", tmp_path / "kernel.img"
        kernel.write_bytes(content)
        command = [build / "mkimage", "-o", image, "--no-data", "--stage1", build / "stage1.bin"]
        command += ["--stage2", build / "stage2.bin", "--kernel", kernel, "--cmdline", " ".join(words)]
        for name, data in modules:
            (tmp_path / name).write_bytes(data)
            command += ["--module", f"{name}={tmp_path / name}"]
        subprocess.run(command, check=True)
        return image

    return make


@pytest.fixture
def first_instruction(image_of):
    """An image whose kernel begins with these bytes."""
    return lambda code: image_of(machine_code(code))


@pytest.fixture(scope="session")
def mkimage(build):
    return built(build / "mkimage")


@pytest.fixture
def shop(mkimage, tmp_path):
    directory = tmp_path / "shop"
    directory.mkdir()
    yield Workshop(mkimage, directory)
    shutil.rmtree(directory)


@pytest.fixture
def public_shop(mkimage):
    """A shop that anybody can work in, and how to be somebody to whom the file system can say no."""
    directory = Path(tempfile.mkdtemp(dir="/tmp"))
    directory.chmod(0o777)
    shop = Workshop(Path(shutil.copy(mkimage, directory / "mkimage")), directory)
    shop.identity = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    yield shop
    shutil.rmtree(directory)
