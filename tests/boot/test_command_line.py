"""The command line comes from the image, is replaced through fw_cfg, and its words are answered."""

from qemu import command_line, drive
from words import LAST_LINE


def test_word_test_names_the_test_image(qemu, image):
    """The delivered kernel holds no tests; asked for them, it says where they are."""
    machine = qemu(*drive(image), *command_line("test"))
    machine.wait_for("build/test.img")
    machine.wait_for(LAST_LINE)


def test_unknown_words_do_no_harm(qemu, image):
    qemu(*drive(image), *command_line("no-such-word another=one,two " + "x" * 1000)).wait_for(LAST_LINE)


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
