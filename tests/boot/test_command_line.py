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
