"""A fault in the kernel is a report with the right words, and never a reset: one boot of the test kernel per fault."""

import pytest
from image import Image
from qemu import FAILED, command_line, drive
from words import STOPPED

# The name tests/kernel/fault_scenarios.c gives it: what its report must say.
SCENARIOS = {
    "divide": ["Divide error (exception 0)", "at divide+", "run_scenario+"],
    "page": ["Page fault (exception 14)", "writing 0000000000000010 in the kernel: nothing is mapped there", "write_to"],
    "jump": ["Page fault (exception 14)", "0000000000000000 in the kernel: nothing is mapped there", "jump+"],
    "opcode": ["Invalid opcode (exception 6)", "[0f] 0b", "at opcode+"],
    "gp": ["General protection (exception 13)", "general_protection"],
    "double": ["Double fault (exception 8)", "double_fault"],
    "nested": ["Invalid opcode (exception 6)", "Page fault while reporting", "write_badly"],
    "stack": ["Double fault (exception 8)", "recurse+"],
    "panic": ["Panic: The test asked for it", "panics+", "run_scenario+"],
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_fault(qemu, test_image, name):
    machine = qemu(*drive(test_image), *command_line(f"fault={name}"))
    machine.wait_for(STOPPED)
    for words in SCENARIOS[name]:
        assert words in machine.log()
    machine.wait_exit()
    assert machine.status == FAILED


@pytest.mark.parametrize("name", ["page", "double"])
def test_fault_in_bochs(bochs, test_image, tmp_path, name):
    copy = Image(test_image)
    copy.set_command_line(f"fault={name}")
    machine = bochs(copy.save(tmp_path / "copy.img"))
    machine.wait_for(STOPPED)
    for words in SCENARIOS[name]:
        assert words in machine.log()
