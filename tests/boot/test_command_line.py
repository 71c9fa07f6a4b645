"""The command line comes from the image, is replaced through fw_cfg, and its words are answered."""

import re

from conftest import ROOT
from qemu import command_line, drive
from words import LAST_LINE


def test_word_test_names_the_test_image(qemu, image):
    """The delivered kernel holds no tests; asked for them, it says where they are."""
    machine = qemu(*drive(image), *command_line("test"))
    machine.wait_for("build/test.img")
    machine.wait_for(LAST_LINE)


UNKNOWN = "Nobody knows these words of the command line:"


def test_unknown_words_are_named_and_do_no_harm(qemu, image):
    machine = qemu(*drive(image), *command_line("no-such-word keymap=de another=one,two =three = " + "x" * 1000))
    machine.wait_for(re.compile(f"{UNKNOWN} no-such-word another =three = {'x' * 40}\\nThere are: .*keymap.*\\n"))
    machine.wait_for(LAST_LINE)


def test_values_that_nobody_knows(qemu, image):
    """Each gets a sentence that tells those there are, and the system starts without."""
    machine = qemu(*drive(image), *command_line("clock= demo=no page=x keymap=xx scancodes=7 video=big"))
    machine.wait_for(LAST_LINE)
    for said in (
        "clock= is not tsc, hpet, pm or pit",
        "demo=no: there is only demo=echo",
        "page=x is neither off nor all",
        'There is no layout "xx" for the keyboard. There are: us',
        "scancodes=7: there are 1 and 2",
        "video=big is not text, auto or like 1024x768x32",
    ):
        assert said in machine.log()


def test_every_word_that_is_looked_for_is_known(qemu, image):
    """Whoever looks for a word himself registers it, too: by BOOT_WORD with the function NULL."""
    code = "".join(path.read_text() for top in ("boot", "kernel") for path in sorted((ROOT / top).rglob("*.c")))
    wanted = set(re.findall(r'(?:command_line_find|has_word)\([^;]*?"([\w-]+)"', code))
    assert {"clock", "demo", "noapic", "page", "video"} <= wanted
    machine = qemu(*drive(image), *command_line(" ".join(sorted(wanted - {"demo"}))))
    machine.wait_for(LAST_LINE)
    assert UNKNOWN not in machine.log()
    machine = qemu(*drive(image))
    machine.wait_for(LAST_LINE)
    assert UNKNOWN not in machine.log()


def test_fw_cfg_replaces_the_line_of_the_image(qemu, test_image):
    """test.img's own line starts the tests; with another line they do not start."""
    machine = qemu(*drive(test_image), *command_line("quiet-please"))
    machine.wait_for(LAST_LINE)


def test_a_line_that_is_too_long_is_cut_and_said(qemu, image):
    machine = qemu(*drive(image), *command_line("y" * 5000))
    machine.wait_for("The command line has 5000 characters")
    machine.wait_for(LAST_LINE)


def test_control_characters_do_not_reach_the_terminal(qemu, test_image):
    machine = qemu(*drive(test_image), *command_line("fault=\x1b[31mred"))
    machine.wait_for("?[31mred")
    assert "\x1b" not in machine.log()
