"""The menu: opened by a key or for some seconds, on the screen and on COM1 alike, it starts what was chosen; and never hangs."""

import re
import subprocess
import time

import pytest
from ansi import Ansi
from conftest import built
from failure import BootFailure
from image import Image
from qemu import RESET, TIMEOUT, command_line, drive
from words import LAST_LINE

INVERSE = "0;7"
TITLE = "What shall be started?"
SLOW_DISK = {"throttling.iops-total": 100}  # the loader reads for a second or two before it looks at the keyboard
CHOSEN = re.compile(r"^Menu: (.+)\n", re.MULTILINE)
CONFIGURATION = """
# for tests
default = second
modules =
[first]
[second]
cmdline = clock=pit
[third one]
modules = words
kernel = other
"""


class Menu:
    """A machine with its menu, seen by a terminal."""

    def __init__(self, machine):
        self.machine = machine
        self.screen = Ansi()
        self._started = 0  # where in the log

    def look(self, wanted=None):
        self.machine.streams.read(0.02)
        self.screen.feed(self.machine.log(), wanted)
        return self.screen

    def until(self, condition, what, do=lambda: None, wanted=None):
        """Waits for a condition of the terminal's screen; `do` is done again and again until then."""
        deadline = time.monotonic() + TIMEOUT
        while not condition(self.look(wanted)):
            if time.monotonic() > deadline:
                shown = "\n".join(self.screen.lines())
                raise BootFailure(f"the menu never showed {what}, but\n{shown}", self.machine)
            do()

    def wait(self, text, do=lambda: None):
        """Waits until the menu shows `text`, be it for a moment that nobody looked in."""
        self.until(lambda screen: text in screen, repr(text), do, text)

    def open_by(self, press):
        """Has a key of the PC pressed until the menu is there. Before the BIOS listens keys are lost: the machine is to be one with
        a SLOW_DISK, and starts again if the time between that and the loader's question passes without a key all the same."""

        def do():
            press()
            if LAST_LINE.search(self.machine.log(), self._started):
                self._started = len(self.machine.log())
                self.machine.query("system_reset")

        self.wait(TITLE, do)

    def select(self, keys, row):
        self.machine.type(keys)
        self.until(lambda screen: screen.row_of(INVERSE) == row and not screen.cursor_seen, f"row {row} selected")

    def same_on_both(self):
        self.until(lambda screen: self.machine.screen().lines() == screen.lines(), "what the other screen shows")

    def type(self, keys, text):
        """Types, and waits until the menu shows `text`."""
        self.machine.type(keys)
        self.wait(text)

    def end(self):
        """What was chosen, and the machine at the prompt."""
        chosen = self.machine.wait_for(CHOSEN)[1]
        self.machine.wait_for(LAST_LINE, start=self._started)
        return chosen

    def ask(self, question):
        start = len(self.machine.log())
        self.machine.type(f"{question}\r")
        self.machine.wait_for(LAST_LINE, start=start)
        return self.machine.log()[start:]

    def key(self, name, down):
        event = {"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": name}}}
        self.machine.query("input-send-event", events=[event])


def configure(mkimage, path, text):
    subprocess.run([mkimage, "config", path, "-"], input=text, text=True, check=True, timeout=60)
    return path


@pytest.fixture
def entries(qemu, build, mkimage, shop):
    """Starts an image with three entries and two modules, or with another configuration."""

    def start(*options, text=CONFIGURATION, change=None, disk=None, **more):
        names = [word for name in ("words", "more") for word in ("--module", f"{name}={shop.write(name, name.encode())}")]
        files = {part: built(build / f"{part}.bin") for part in ("stage1", "stage2", "kernel")}
        assert shop.run(*shop.arguments(*names, "--no-data", **files)).returncode == 0
        configure(mkimage, shop.image, text)
        if change:
            change(shop.image)
        return Menu(qemu(*drive(shop.image, **(disk or {})), *options, **more))

    return start


def opened(menu):
    """Opens it by a key on COM1, as who sits there does: again and again until something happens."""
    menu.wait(TITLE, lambda: menu.machine.type("."))
    return menu


def test_nobody_asks(entries):
    """The configuration's choice is started, and not a byte of a menu is said."""
    menu = entries()
    menu.machine.wait_for(LAST_LINE)
    assert "\x1b[?1049h" not in menu.machine.log() and "Menu:" not in menu.machine.log()
    assert "module" not in menu.ask("boot")
    assert "(PIT " in menu.machine.log()


def test_both_screens_and_arrows(entries):
    """By COM1: pages, arrows whose bytes come in pieces, the entry with its kernel and module."""
    menu = opened(entries())
    menu.select("", 4)
    for keys, text in (
        ("m", "As the firmware gives it:"), ("\x1b[F", "are free for the kernel."), ("\x1b", TITLE),
        ("l", "  rest of stage 2"), ("q", TITLE),
        ("h", "Up, Down"), ("\x1b", TITLE), ("\x1b[A", "Command line   empty"), ("\x1b[B\x1b[B", "slot B"),
    ):  # fmt: skip
        menu.machine.type(keys[:1])
        menu.machine.type(keys[1:])
        menu.wait(text)
        menu.same_on_both()
    menu.select("", 5)
    menu.wait("Modules        words")
    menu.machine.type("\r")
    assert menu.end() == "third one"
    said = menu.ask("boot")
    assert "kernel slot B" in said and "module         words" in said and "more" not in said
    assert "damaged" not in menu.machine.log().split("1049l")[1].split("used")[0]


def test_editor(entries):
    """A command line for this start; wrapped, edited in the middle, given up."""
    menu = opened(entries())
    menu.type("e", "Command line of second")
    menu.until(lambda screen: screen.cursor_seen and (screen.row, screen.column) == (3, 11), "a cursor")
    menu.type("x" * 80, "x" * 65)
    menu.type("\x1b", TITLE)
    menu.type("e", "clock=pit")
    menu.type("\x15quick nokaslr\x1b[1~X\x1b[3~\x1b[4~\x7f\x7f", "Xuick nokas")
    menu.type("lr\x1b[D\x1b[D\x1b[C ", "Xuick nokasl r")
    menu.type("\x7f\x01", "Xuick nokaslr")
    menu.machine.type("\x1b[3~Q\r")
    assert menu.end() == "second, with another command line"
    assert "Nobody knows these words of the command line: Quick" in menu.machine.log()
    assert "(PIT " not in menu.machine.log()


def test_shift(entries):
    """Held while the machine starts; then the PC's own keys."""
    menu = entries(reboots=True, disk=SLOW_DISK)
    menu.open_by(lambda: menu.key("shift", True))
    menu.key("shift", False)
    menu.wait("Command line   empty", lambda: menu.machine.press("up"))  # what Shift said may have filled the keyboard
    menu.machine.press("e")
    menu.wait("Command line of first")
    for key in "abc":
        menu.machine.press(key)
    menu.machine.press("left")
    menu.machine.press("delete")
    menu.wait("ab")
    menu.machine.press("esc")
    menu.wait(TITLE)
    menu.machine.press("3")
    assert menu.end() == "third one"


def test_key_in_the_keyboards_buffer(entries):
    menu = entries(reboots=True, disk=SLOW_DISK)
    menu.open_by(lambda: menu.machine.press("x"))
    deadline = time.monotonic() + TIMEOUT
    while not CHOSEN.search(menu.machine.log()):  # again and again: the keyboard may be full of x
        assert time.monotonic() < deadline
        menu.machine.press("1")
        menu.look()
    assert menu.end() == "first"


def test_seconds(entries):
    """Shown without a key, it counts down; a key stops that."""
    menu = entries(text="timeout = 2\n" + CONFIGURATION)
    menu.wait("Starts in 2 seconds")
    menu.wait("Starts in 1 second;", lambda: menu.machine.press("x"))  # held for ever: it means nothing
    assert menu.end() == "second"
    assert re.search(r"^Boot: \d{4,5} ms \(.{10,65}\)$", menu.machine.log(), re.MULTILINE)  # in one row


def test_count_stops(entries):
    menu = entries(text="timeout = 3600\n" + CONFIGURATION)
    menu.wait("Starts in 36")
    menu.machine.type("z\xff")  # means nothing
    menu.wait("Starts in 3598")
    menu.type("\x1b[B", "slot B")
    assert "Starts in" not in menu.look()
    menu.machine.type("1")
    assert menu.end() == "first"


def test_mistake_is_shown(entries):
    """What mkimage would refuse is put there all the same: it is said, on the screen and in the log, and something starts."""
    wrong = "a-word-that-nobody-knows-and-that-is-too-long-for-a-row"

    def damage(path):
        image = Image(path)
        image.set_config(CONFIGURATION.replace("clock", f"\n{wrong} = clock").encode())
        image.save(path)

    menu = entries(change=damage)
    said = f"Configuration, line 8: '{wrong[:40]}...' is unknown: there are default, timeout, cmdline, kernel and modules"
    opened(menu).wait(said[:76])
    menu.wait(said[76:])  # what does not fit a row stands in the next
    menu.same_on_both()
    menu.machine.type("1")
    assert menu.end() == "Cairn"
    assert said in menu.machine.log().split("\x1b[?1049h")[0]
    assert said in menu.ask("log")


def test_who_asks_has_a_minute_at_least(entries):
    """And more, where those who do not ask have that."""
    menu = entries(text="timeout = 3600\n[a]\n")
    menu.wait("Starts in 36", lambda: menu.machine.type("."))
    menu.machine.press("ctrl", "alt", "delete")  # the BIOS has it
    menu.machine.wait_exit()
    assert menu.machine.ending() == RESET


@pytest.mark.parametrize("options", [["-vga", "none"], ["-serial", "none"], ["-machine", "pc,i8042=off"]], ids=" ".join)
def test_without(entries, options):
    """Without a screen, without COM1, without a keyboard."""
    menu = entries(*options, text="timeout = 1\n[only one]\n")
    if options[0] == "-serial":
        menu.machine.wait_for_screen("cairn>")  # what passed before that, nobody may have looked at
        for key in ("l", "o", "g", "ret"):
            menu.machine.press(key)
        menu.machine.wait_for_screen("Menu: only one")
        return
    menu.wait("Starts in 1 second;")
    assert menu.end() == "only one"


def test_noise(boot_behind):
    """A BIOS without keys whose clock stands, and a line that is never silent: the menu starts what nobody chose."""
    menu = Menu(boot_behind("NO_KEYS", damage=lambda image: image.set_config(b"timeout = 1\n")))
    menu.wait("Starts in")
    deadline = time.monotonic() + TIMEOUT
    while not (match := CHOSEN.search(menu.machine.log())):
        assert time.monotonic() < deadline
        menu.machine.type_bytes(b"\x00\xff\x80\x1b[")
        menu.machine.streams.read(0.05)
    assert match[1] == "Cairn"


def picture_of_cells(machine):
    """The rows of the menu, drawn in the middle of 800 x 600 pixels in glyphs of 8 x 16; the cursor hides a character."""
    rows = [line[10:] for line in machine.picture().lines()[6:]]
    return [*rows, *[""] * (25 - len(rows))]


def test_framebuffer(entries):
    """Drawn where the choice wants graphics; after it there is the text screen again."""
    menu = entries(text="timeout = 3600\n[drawn]\ncmdline = video=800x600x16\n[text]\n")
    menu.wait("h help")

    def same(change=lambda line: line):
        menu.until(lambda screen: picture_of_cells(menu.machine) == [change(line) for line in padded(screen)], "the same picture")

    def padded(screen):
        return [*screen.lines(), *[""] * (25 - len(screen.lines()))]

    menu.type("\x1b", TITLE)  # no count changes the picture while it is looked at
    menu.until(lambda screen: "Starts" not in screen, "no count")
    same()
    menu.type("e", "Command line of drawn")
    same(lambda line: line.replace("600x16", "600x16\ufffd"))
    menu.machine.type("\x1b[D")
    menu.until(lambda screen: screen.column == 17, "the cursor further left")
    same(lambda line: line.replace("600x16", "600x1\ufffd"))
    menu.type("\x1b", TITLE)
    menu.machine.type("2")
    assert menu.end() == "text"
    menu.machine.wait_for_screen("cairn>")


@pytest.mark.parametrize("ways", ["VBE_REFUSES", "VBE_RAM"])
def test_no_framebuffer(boot_behind, ways):
    """Graphics that cannot be had: the menu is text."""
    machine = boot_behind(ways, damage=lambda image: image.set_config(b"timeout = 3600\ncmdline = video=auto\n"))
    machine.wait_for_screen(TITLE)
    machine.type("1")
    machine.wait_for(": no graphics\n")


def test_other_words_by_qemu(entries):
    """The choice's command line is replaced, in the menu, too; the other entries keep theirs."""
    menu = opened(entries(*command_line("nokaslr noapic")))
    menu.wait("Command line   nokaslr noapic")
    menu.type("\x1b[A", "Command line   empty")
    menu.type("\x1b[B", "Command line   nokaslr noapic")
    menu.machine.type("\r")
    menu.end()
    assert re.search("^Interrupts: .*8259", menu.machine.log(), re.MULTILINE)


@pytest.mark.parametrize("copies", [1, 2])
def test_damaged_menu(entries, copies):
    """What it is made of is taken from the second copy; without both it is said, and the system starts."""

    def damage(path):
        image = Image(path)
        for slot in range(copies):
            image.flip(image.stage2_extra(slot).start + 5000)
        image.save(path)

    menu = entries(text="timeout = 1\n[a]\n", change=damage)
    menu.machine.wait_for("; taken from copy B\n" if copies == 1 else ": no menu\n")
    if copies == 1:
        assert menu.end() == "a"
    menu.machine.wait_for(LAST_LINE)


def test_bochs(bochs, image, tmp_path):
    """Another BIOS, whose clock goes as fast as its processor, and another video BIOS."""
    copy = Image(image)
    copy.set_config(b"timeout = 1\n[a]\ncmdline = video=auto\n[b]\n")
    machine = bochs(copy.save(tmp_path / "copy.img"))
    assert machine.wait_for(CHOSEN)[1] == "a"
    machine.wait_for(LAST_LINE)
