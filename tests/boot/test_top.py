"""`top`: a command that is run again and again."""

import re

from qemu import drive
from words import PROMPT

PICTURE = re.compile(r"CPU +0 +\d+ %.*?CPU +1 +\d+ %.*?^thread, or task of CPU 0.*?^executor +\d +\d+\.\d %.*?^q leaves\n", re.MULTILINE | re.DOTALL)


def test_it_draws_until_q(qemu, image):
    machine = qemu(*drive(image), "-smp", "2")
    machine.wait_for(PROMPT)
    machine.type("top\r")
    end = 0
    for _ in range(3):
        end = machine.wait_for(PICTURE, start=end).end()
    assert "  session  " in machine.log()
    for picture in PICTURE.finditer(machine.log()):  # the tasks stand below the thread that runs them
        assert re.search(r"^executor +0 .*\n(?:  \w+ +0 .*\n)+", picture[0], re.MULTILINE)
        assert not re.search(r"^executor +1 .*\n  \w", picture[0], re.MULTILINE)
    machine.type("x")  # a key that means nothing
    end = machine.wait_for(PICTURE, start=end).end()
    machine.type("q")
    end = machine.wait_for(PROMPT, start=end).end()
    machine.type("timers\r")
    said = machine.wait_for(re.compile(r"^clock .*?cairn> ", re.MULTILINE | re.DOTALL), start=end)[0]
    assert "\n0 pending" in said  # nothing goes on behind
    assert "q leaves" not in said
