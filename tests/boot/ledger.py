"""The boot ledger as the monitor's command `boot times` prints it."""

import re

from words import LAST_LINE

TITLE = re.compile(r"^step +TSC ticks .*\n", re.MULTILINE)
ROW = re.compile(r"^(= )?(\S.*?) +(\d+)(?: +(\d+\.\d{3}))?(?: (█*▌?))?$", re.MULTILINE)
TOTALS = ["loader", "kernel", "all, to the prompt"]


class Ledger:
    """steps: {name: ticks} in their order; totals: the same for the lines of sums; bars: {name: text}."""

    def __init__(self, text):
        self.text = text
        self.steps, self.totals, self.bars = {}, {}, {}
        for total, name, ticks, _, bar in ROW.findall(text):
            (self.totals if total else self.steps)[name] = int(ticks)
            if not total:
                self.bars[name] = bar


def ask(machine, timeout=None):
    """Types the command at the prompt."""
    wait = {"timeout": timeout} if timeout else {}
    prompt = machine.wait_for(LAST_LINE, **wait)
    machine.type("boot times\r")
    title = machine.wait_for(TITLE, start=prompt.end(), **wait)
    end = machine.wait_for(LAST_LINE, start=title.end(), **wait)
    return Ledger(machine.log()[title.end() : end.start()])
