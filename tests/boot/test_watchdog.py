"""The watchdog: what is stuck is named, and what was stuck goes on; or that is the end.

Time is the instructions' here: a busy host makes nobody late.
"""

import re

import pytest
from qemu import command_line, drive
from words import PROMPT

VIRTUAL = ["-icount", "shift=7,sleep=off"]  # 8 million instructions a second, and none while everybody sleeps
# Of who is stuck, not the function in which it spins: that one's frame is missing while what it calls begins or returns.
OVER = "stuck: it is over\n"
FOUND = {
    "t": (["Watchdog: task brooding has not ended its turn for ", "brooding_poll+"], []),
    "v": (["Watchdog: thread executor has been ready for 1 s, and usurper has not let it run.\n"], []),
    "h": (["Watchdog: thread hog has let no other run for ", "hog+"], []),
    "m": (["Watchdog: thread hero has waited 1 s for mutex treasure, which dragon has.\n"], []),
    "c": (["Watchdog: thread baker has waited 1 s for room in shelf.\n"], []),
    "s": (["Watchdog: task prisoner has waited 1 s for semaphore keys.\n"], []),
    "r": ([f"Watchdog: thread {who} has been ready for 1 s, and tyrant has not let it run.\n" for who in ("subject", "executor")], []),
    "l": (["Watchdog: CPU 2 has taken no interrupt for ", "Non-maskable interrupt", "late_riser+"], ["-smp", "3"]),
    "d": (["Watchdog: CPU 1 has taken no interrupt for ", "Non-maskable interrupt", "be_deaf+"], ["-smp", "2"]),
}


@pytest.mark.parametrize("kind", FOUND)
def test_it_is_told_and_goes_on(qemu, test_image, kind):
    words, options = FOUND[kind]
    machine = qemu(*drive(test_image), *VIRTUAL, *options, *command_line(f"watchdog=report:1 stuck={kind}"))
    over = machine.wait_for(OVER)
    told = machine.log()[: over.end()]
    for word in words:
        assert word in told
    assert told.count("Watchdog: ") == sum("Watchdog: " in word for word in words)


@pytest.mark.parametrize("kind", "tsd")
def test_it_is_the_end(qemu, test_image, kind):
    words, options = FOUND[kind]
    machine = qemu(*drive(test_image), *VIRTUAL, *options, *command_line(f"watchdog=panic:1 stuck={kind}"))
    machine.wait_for(words[0])
    machine.wait_for("The system has stopped.\n")
    assert OVER not in machine.log()
    assert (kind == "d") == bool(re.search(r"^CPU 1 was in .*\bbe_deaf\+", machine.log(), re.MULTILINE))


@pytest.mark.parametrize("words", ["watchdog=off stuck=t", "watchdog=report:10 stuck=t"])
def test_nothing_is_told(qemu, test_image, words):
    machine = qemu(*drive(test_image), *VIRTUAL, *command_line(words))
    machine.wait_for(OVER)
    assert "Watchdog" not in machine.log()


@pytest.mark.parametrize("word", ["repot:1", "report:0"])
def test_a_word_that_is_none(qemu, image, word):
    machine = qemu(*drive(image), *command_line(f"watchdog={word}"))
    machine.wait_for(f"watchdog={word} is not report, panic or off; behind a colon, seconds from 1 to 3600.\n")
    machine.wait_for(PROMPT)
