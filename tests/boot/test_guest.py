"""The in-guest tests, on machines that differ in what those tests look at."""

import pytest
from in_guest import total
from qemu import PASSED, TIMEOUT, command_line, drive, memory
from words import GUEST_SKIPPED, GUEST_STARTED

pytestmark = pytest.mark.xdist_group("guest")  # one process runs all of them: the last one looks at what the others saw

MACHINES = {
    "default": [],
    "max": ["-cpu", "max"],
    "no-nx": ["-cpu", "qemu64,-nx"],
    "4MiB": ["-m", "4M"],
    "5GiB": memory("5G"),
    "16GiB": memory("16G"),
    "64GiB": memory("64G"),
    "q35": ["-M", "q35"],
    "graphics": command_line("test video=auto"),
    "4 CPUs": ["-smp", "4"],
    "edu": ["-device", "edu,addr=4", "-device", "edu,addr=8"],
}

skipped = {}  # guest test: reason, of those that no machine has run so far
ran = set()


def check(machine, timeout=TIMEOUT):
    """Every test has an outcome and none failed; what the guest skipped is remembered."""
    passed, failed, left_out = total(machine, timeout)
    started = GUEST_STARTED.findall(machine.log())
    reasons = dict(GUEST_SKIPPED.findall(machine.log()))
    assert failed == 0
    assert passed > 0
    assert (passed + left_out, left_out) == (len(started), len(reasons))
    ran.update(set(started) - set(reasons))
    skipped.update(reasons)


@pytest.mark.parametrize("kind", MACHINES)
def test_qemu(qemu, test_image, kind):
    machine = qemu(*drive(test_image), *MACHINES[kind])
    check(machine)
    machine.wait_exit()
    assert machine.status == PASSED


@pytest.mark.parametrize("cpus", [1, 2])
def test_bochs(bochs, test_image, cpus):
    """Its CPU has an x2APIC, which QEMU has not without KVM."""
    machine = bochs(test_image, cpus=cpus)
    check(machine)
    machine.wait_exit()
    assert "Interrupts: x2APIC, " in machine.log()


def test_a_page_above_4_gib_is_written_and_read(qemu, test_image):
    """By name, so that nobody drops it unnoticed."""
    machine = qemu(*drive(test_image), *memory("5G"), *command_line("test=page_above_4_gib"))
    assert total(machine) == (1, 0, 0)


def test_waiting_on_two_cpus(qemu, test_image):
    """On one and on four it runs with all the others."""
    assert total(qemu(*drive(test_image), "-smp", "2", *command_line("test=waiting_"))) == (6, 0, 0)


def test_no_test_is_no_success(qemu, test_image):
    machine = qemu(*drive(test_image), *command_line("test=no_such_test"))
    assert total(machine) == (0, 0, 0)
    machine.wait_exit()
    assert machine.status != PASSED


def test_every_guest_test_ran_somewhere():
    """Stands last in this file: a test that all machines skipped is reported as not run."""
    left_out = {name: reason for name, reason in skipped.items() if name not in ran}
    if left_out:
        pytest.skip("; ".join(f"{name}: {reason}" for name, reason in left_out.items()))
