"""Several CPUs: that all come, that they do not get into each other's way, and how the end of one is the end of all.

QEMU's CPUs are threads of the host, which takes turns with them: no run says anything about time. Its memory is ordered as
strictly as the host's, so that a race that is not seen here may still be one: tests/models/shootdown.pml has the proof.
"""

import re

import pytest
from bochs import CPU_LONG_MODE
from qemu import FAILED, PASSED, command_line, drive, memory
from qemu import TIMEOUT as ONE_TIMEOUT
from words import CPUS_RUN, CPU_MISSING, GUEST_TOTAL, LAST_LINE, PROMPT, STOPPED

TIMEOUT = 4 * ONE_TIMEOUT  # the host may have fewer CPUs
TALK = re.compile(r"^CPU \d+ talks", re.MULTILINE)
TABLE = re.compile(r"2 of 3 run\nCPU  APIC .*\n +0 +0 .*\n +1 +1 .*[-+]\d+([kMG]?) to [-+]\d+\1\n +2 +2  left out\n")
APART = re.compile(r"counter of CPU 1 is off by (-\d+) to (-\d+) ticks: it is no clock for all\.\n")
OWN_REASON = re.compile(r"^CPU (\d+) had a reason of its own: CPU \1 gives up\.\n", re.MULTILINE)


def run_of(machine):
    """How many CPUs run, of how many."""
    return tuple(int(number) for number in machine.wait_for(CPUS_RUN, TIMEOUT).groups())


def report_of(machine):
    """The last report, when the machine has ended by it."""
    machine.wait_for(STOPPED, TIMEOUT)
    machine.wait_exit(TIMEOUT)
    return machine.log()[machine.log().index("CPUs: ") :]


def end_of(machine):
    report = report_of(machine)
    assert machine.status == FAILED
    return report


# The kernel's page tables lie above 4 GiB where there is memory; a new CPU gets at them all the same.
MACHINES = [
    (2, []), (2, ["-cpu", "max"]), (2, ["-cpu", "qemu64,-nx"]), (2, memory("6G")), (4, ["-M", "q35"]), (8, []), (16, []),
]  # fmt: skip


@pytest.mark.parametrize("cpus, more", MACHINES)
def test_guest(qemu, test_image, cpus, more):
    machine = qemu(*drive(test_image), "-smp", str(cpus), *more, *command_line("test=smp_"))
    check_guest(machine, cpus)
    assert machine.status == PASSED


def check_guest(machine, cpus):
    assert run_of(machine) == (cpus, cpus)
    passed, failed, skipped = (int(number or 0) for number in machine.wait_for(GUEST_TOTAL, TIMEOUT).groups())
    assert (failed, skipped) == (0, 0)
    assert passed >= 10
    machine.wait_exit(TIMEOUT)


# In Bochs they take turns, sixteen instructions each. The whole suite runs there in test_guest.py, with an x2APIC.
def bochs_machines():
    yield pytest.param(2, "core2_penryn_t9600", "local APIC", id="2-xAPIC")
    yield pytest.param(8, CPU_LONG_MODE, "x2APIC", id="8-x2APIC", marks=pytest.mark.campaign)


@pytest.mark.parametrize("cpus, cpu, chip", bochs_machines())
def test_bochs(boot_bochs, test_image, cpus, cpu, chip):
    machine = boot_bochs(test_image, "test=smp_", cpu=cpu, cpus=cpus)
    check_guest(machine, cpus)
    assert f"Interrupts: {chip}, " in machine.log()


def test_bochs_command_cpus(boot_bochs, image):
    machine = boot_bochs(image, "maxcpus=2", cpus=3)
    assert run_of(machine) == (2, 3)
    assert "Interrupts: x2APIC, " in machine.log()
    machine.type("cpus\r")
    machine.wait_for(TABLE, TIMEOUT)


def test_counters_that_differ(boot_bochs, test_image):
    """CPU 0's was set 4000 ticks ahead before CPU 1 came."""
    machine = boot_bochs(test_image, "smp=apart", cpus=2)
    least, most = (int(ticks) for ticks in machine.wait_for(APART, TIMEOUT).groups())
    assert -4100 < least <= most < -3900
    assert run_of(machine) == (2, 2)
    assert machine.wait_for(re.compile(r"^Then the clock is (.+)\.\n", re.MULTILINE), TIMEOUT)[1] != "TSC"


@pytest.mark.parametrize("word", ["together", "deaf"])
def test_bochs_panic(boot_bochs, test_image, word):
    """By the x2APIC, too, an NMI reaches each of the others."""
    report = report_of(boot_bochs(test_image, f"smp={word}", cpus=2))
    assert len(re.findall(r"^Panic: CPU \d ", report, re.MULTILINE)) == 1
    assert report.count(STOPPED) == 1
    assert "does not stop" not in report


@pytest.mark.campaign
def test_as_many_as_an_xapic_reaches(qemu, image):
    machine = qemu(*drive(image), "-smp", "255", *command_line("nokaslr"))
    machine.wait_for(CPUS_RUN, 10 * TIMEOUT)
    assert run_of(machine) == (255, 255)
    machine.type("cpus\r")
    machine.wait_for(re.compile(r"^254 +254 .*[-+]\d+([kMG]?) to [-+]\d+\1\n", re.MULTILINE), 10 * TIMEOUT)


@pytest.mark.parametrize("word, run", [("", (4, 4)), ("maxcpus=2", (2, 4)), ("maxcpus=9", (4, 4))])
def test_command_line(qemu, image, word, run):
    """The prompt does not wait for them."""
    machine = qemu(*drive(image), "-smp", "4", *command_line(f"nokaslr {word}"))
    machine.wait_for(LAST_LINE, TIMEOUT)
    assert run_of(machine) == run
    assert machine.log().index(PROMPT) < machine.log().index("CPUs: ")


@pytest.mark.parametrize("options, word", [("1", ""), ("1,maxcpus=4", ""), ("4", "nosmp"), ("4", "maxcpus=1")])
def test_one_is_enough(qemu, image, options, word):
    """What could be plugged in later is no CPU yet."""
    machine = qemu(*drive(image), "-smp", options, *command_line(f"nokaslr {word}"))
    machine.wait_for(LAST_LINE, TIMEOUT)
    machine.type("cpus\r")
    machine.wait_for("1 of 1 run\n", TIMEOUT)
    assert "CPUs: " not in machine.log()


def test_command_cpus(qemu, image):
    machine = qemu(*drive(image), "-smp", "3", *command_line("maxcpus=2"))
    assert run_of(machine) == (2, 3)
    machine.type("cpus\r")
    machine.wait_for(TABLE, TIMEOUT)
    machine.type("threads\r")  # each CPU's executor is one
    machine.wait_for(re.compile(r"^2 threads in 2 slots; 0 switches, \d+ times? asleep\n", re.MULTILINE), TIMEOUT)


def test_a_word_that_is_no_number(qemu, image):
    machine = qemu(*drive(image), "-smp", "2", *command_line("maxcpus=some"))
    machine.wait_for("maxcpus=some is no number from 1 to 256: all run.\n", TIMEOUT)
    assert run_of(machine) == (2, 2)


def test_who_does_not_come_is_left_out(qemu, test_image):
    machine = qemu(*drive(test_image), "-smp", "2", *command_line("smp=ghost"))
    assert run_of(machine) == (2, 4)
    assert CPU_MISSING.findall(machine.log()) == [("2", "77"), ("3", "99")]
    machine.wait_exit(TIMEOUT)
    assert machine.status == PASSED


def test_who_has_no_way_to_come_is_not_awaited(qemu, test_image):
    """There is no frame for the last table that they need: what they had been given already is free again."""
    machine = qemu(*drive(test_image), "-smp", "4", *command_line("smp=refused"))
    machine.wait_exit(TIMEOUT)
    assert machine.status == PASSED


def test_a_report_is_not_interrupted(qemu, test_image):
    report = end_of(qemu(*drive(test_image), "-smp", "4", *command_line("smp=talk")))
    end = report.index("\nPanic: CPU 3 has heard enough.\n")
    assert TALK.search(report[:end])
    assert not TALK.search(report[end:])


def test_many_panics_are_one_report(qemu, test_image):
    report = end_of(qemu(*drive(test_image), "-smp", "4", *command_line("smp=together")))
    first = re.findall(r"^Panic: CPU (\d) gives up\.\n", report, re.MULTILINE)
    assert len(first) == 1
    assert sorted(first + OWN_REASON.findall(report)) == ["0", "1", "2", "3"]
    assert report.count(STOPPED) == 1


def test_who_hears_nothing_stops_too(qemu, test_image):
    """They have interrupts off and would never take one: it is an NMI that stops them."""
    report = end_of(qemu(*drive(test_image), "-smp", "4", *command_line("smp=deaf")))
    assert "Panic: CPU 3 speaks for all.\n" in report
    assert "does not stop" not in report


def test_another_cpus_stack_has_a_guard(qemu, test_image):
    report = end_of(qemu(*drive(test_image), "-smp", "2", *command_line("smp=overflow")))
    assert re.search(r"Double fault \(exception 8\): .*the stack overflowed: .*: guard page below the stack of CPU 1\n", report, re.DOTALL)
    assert re.search(r"^at recurse.*, CPU 1\n", report, re.MULTILINE)
