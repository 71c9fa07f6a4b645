"""What the in-guest tests say on COM1."""

import re

from qemu import TIMEOUT
from words import GUEST_STARTED, GUEST_TOTAL

STEP = re.compile(f"{GUEST_STARTED.pattern}|(?P<total>{GUEST_TOTAL.pattern})", re.MULTILINE)


def total(machine, timeout=TIMEOUT):
    """How many passed, failed, were skipped, by the last line. The limit is for each test: a busy host has time for one
    after the other."""
    step = machine.wait_for(STEP, timeout)
    while not step["total"]:
        step = machine.wait_for(STEP, timeout, step.end())
    return tuple(int(number or 0) for number in GUEST_TOTAL.match(step["total"]).groups())
