"""Graphics modes: the one that was asked for or the closest, with what was said on it; else text, and a reason."""

import subprocess

import pytest
from image import Image
from in_guest import total
from qemu import BINARY, command_line, drive
from words import HELLO, LAST_LINE, STOPPED

LOADER = "Cairn loader: "


def cards():
    """The video cards this QEMU has."""
    shown = subprocess.run([BINARY, "-vga", "help"], capture_output=True, text=True, check=True).stdout
    return [line.split()[0] for line in shown.splitlines() if line]


@pytest.fixture
def start(qemu, image):
    """Boots with a command line to the end of the start."""

    def boot(words, *options):
        machine = qemu(*drive(image), *command_line(words), *options)
        machine.wait_for(LAST_LINE)
        machine.wait_until_halted()
        return machine

    return boot


def expect_log(machine, picture):
    """The picture ends with what COM1 said, colours aside, as far as it has rows; long lines are broken."""
    said = []
    for line in machine.log().splitlines():
        said += [line[at : at + picture.columns].rstrip() for at in range(0, len(line) or 1, picture.columns)]
    shown = picture.lines()
    assert len(shown) > 10
    assert shown == said[-len(shown) :]


@pytest.mark.parametrize(
    "words, size",
    [
        ("video=1024x768x32", (1024, 768)),
        ("video=800x600x16", (800, 600)),
        ("video=640x480x24", (640, 480)),
        ("video=1280x1024", (1280, 1024)),
    ],
)
def test_shows_what_was_said(start, words, size):
    machine = start(words)
    picture = machine.picture()
    assert (picture.width, picture.height) == size
    expect_log(machine, picture)


@pytest.mark.parametrize(
    "card, size",
    [
        ("VGA,edid=on,xres=1440,yres=900", (1440, 900)),
        ("VGA,edid=on,xres=1366,yres=768", (1280, 768)),  # there is no such mode: the largest that fits
        ("VGA,edid=on,xres=640,yres=480", (640, 480)),
        ("VGA,edid=off", (1024, 768)),
    ],
)
def test_size_of_the_display(start, card, size):
    """`auto` is what the display says of itself, or what every display has."""
    picture = start("video=auto", "-vga", "none", "-device", card).picture()
    assert (picture.width, picture.height) == size


def test_display_that_lies(boot_behind):
    machine = boot_behind("EDID_LIES", *command_line("video=auto"))
    machine.wait_for(LAST_LINE)
    machine.wait_until_halted()
    picture = machine.picture()
    assert (picture.width, picture.height) == (1024, 768)


def test_colours(start):
    machine = start("video=800x600x16")
    picture = machine.picture()
    rows = picture.lines()
    title = next(row for row, line in enumerate(rows) if HELLO in line)
    _, foreground, background = picture.character(0, title)
    assert background == bytes(3) and min(foreground) > 240
    _, foreground, _ = picture.character(0, next(row for row, line in enumerate(rows) if line.startswith("CPU")))
    assert 150 < min(foreground) and max(foreground) < 190


@pytest.mark.parametrize("words", ["quiet", "video=text", "video=nonsense", "video=", "video=0x0x0"])
def test_text(start, words):
    machine = start(words)
    assert machine.wait_for(LAST_LINE)[0].strip() in machine.screen()
    assert (": no graphics" in machine.log()) == (words not in ("quiet", "video=text"))
    if ": no graphics" in machine.log():
        assert f"{words} is not text, auto or like 1024x768x32: no graphics\n" in machine.log()
    assert LOADER in machine.screen()


def test_closest(start):
    machine = start("video=9999x700x32")
    assert "There is no mode 9999x700x32; the closest is " in machine.log()
    picture = machine.picture()
    assert picture.width > 1024
    assert "There is no mode 9999x700x32" in picture


@pytest.mark.parametrize("card", ["std", "cirrus", "vmware", "qxl", "virtio"])
def test_cards(start, card):
    if card not in cards():
        pytest.skip(f"this QEMU has no -vga {card}")
    machine = start("video=auto", "-vga", card)
    picture = machine.picture()
    assert (picture.width, picture.height) == ((1280, 800) if card == "std" else (1024, 768))
    expect_log(machine, picture)


def test_without_a_card(start):
    machine = start("video=auto", "-vga", "none")
    assert "video=auto needs a video BIOS with VBE 2.0: no graphics\n" in machine.log()


def test_little_memory(start):
    machine = start("video=auto", "-m", "4")
    expect_log(machine, machine.picture())


def test_fault_is_shown(qemu, test_image):
    """The same report as on COM1, drawn where nothing can be relied on."""
    machine = qemu(*drive(test_image), *command_line("fault=null video=auto"), "-no-shutdown", debug_devices=False)
    machine.wait_for(STOPPED)
    picture = machine.wait_for_picture(STOPPED.strip())
    assert picture.lines()[-3:] == machine.log().splitlines()[-3:]


@pytest.mark.parametrize(
    "way, words",
    [
        ("VBE_REFUSES", "fails: no graphics"),
        ("VBE_RAM", "finds no mode that suits: no graphics"),
        ("VBE_ENDLESS", "finds no mode that suits: no graphics"),
    ],
)
def test_bad_bios(boot_behind, way, words):
    machine = boot_behind(way, *command_line("video=auto"))
    machine.wait_for_screen(machine.wait_for(LAST_LINE)[0].strip())
    assert f"video=auto {words}\n" in machine.log()


def test_next_mode(boot_behind):
    machine = boot_behind("VBE_ONCE", *command_line("video=1024x768x32"))
    machine.wait_for(LAST_LINE)
    machine.wait_until_halted()
    assert "The video BIOS refuses mode 144h, 1024x768x32\n" in machine.log()
    picture = machine.picture()
    assert (picture.width, picture.height) == (1024, 768)
    assert "The video BIOS refuses mode 144h" in picture


def test_bochs(bochs, test_image, tmp_path):
    """Whose debugger cannot look into the framebuffer: the guest does."""
    copy = Image(test_image)
    copy.set_command_line("test=framebuffer video=auto")
    machine = bochs(copy.save(tmp_path / "copy.img"))
    assert total(machine) == (2, 0, 0)
