"""The monitor's commands, as far as only the machine shows it: it goes off, it starts again, a fault is survived."""

import re
from pathlib import Path

import pytest
from bochs import LEGACY
from qemu import SHUTDOWN, RESET, command_line, drive

ROOT = Path(__file__).resolve().parents[2]
COMMAND = re.compile(r"^MONITOR_COMMAND(?:_LIVE)?\((\w+),", re.MULTILINE)
MACHINES = {"pc": [], "q35": ["-M", "q35"]}
RESULT = re.compile(r"^\[result (-?\d+)\]\n", re.MULTILINE)
REBOOT = "Reboot: by "


def commands():
    return sorted(name for path in (ROOT / "kernel").rglob("*.c") for name in COMMAND.findall(path.read_text()))


def test_every_command_is_in_the_manual():
    """A heading of its own, and what it prints."""
    sections = re.split(r"^## ", (ROOT / "docs" / "commands.md").read_text(), flags=re.MULTILINE)
    described = {section.split("\n", 1)[0].split(" ")[0].strip("`"): section for section in sections[1:]}
    assert commands()
    for name in commands():
        assert name in described, f"docs/commands.md says nothing of {name}"
        assert f"cairn> {name}" in described[name], f"docs/commands.md does not show what {name} prints"


@pytest.mark.parametrize("machine_type", MACHINES)
def test_poweroff(qemu, test_image, machine_type):
    machine = qemu(*drive(test_image), *MACHINES[machine_type], *command_line("command=poweroff"))
    machine.wait_for("Power off: by ACPI")
    machine.wait_exit()
    assert machine.ending() == SHUTDOWN
    assert machine.status == 0


def test_poweroff_without_acpi(qemu, test_image):
    machine = qemu(*drive(test_image), "-no-acpi", *command_line("command=poweroff"))
    machine.wait_for("Nobody says how this machine is switched off")
    assert machine.wait_for(RESULT)[1] == "-19"


@pytest.mark.parametrize("machine_type", MACHINES)
def test_reboot(qemu, test_image, machine_type):
    """It comes up again, by the first way that is there."""
    machine = qemu(*drive(test_image), *MACHINES[machine_type], *command_line("command=reboot"), reboots=True)
    first = machine.wait_for(REBOOT)
    second = machine.wait_for(REBOOT, start=first.end())
    assert "Cairn loader" in machine.log()[first.end() : second.start()]
    assert "triple fault" not in machine.log()


def test_reboot_by_the_keyboard_controller(qemu, image):
    """Typed at the prompt, by when the keyboard's driver has found it."""
    machine = qemu(*drive(image), reboots=True)
    prompt = machine.wait_for("cairn> ")
    machine.type("reboot\r")
    said = machine.wait_for("Reboot: by the keyboard's controller.\n", start=prompt.end())
    machine.wait_for("cairn> ", start=said.end())
    assert "CF9h" not in machine.log()


def test_reboot_without_acpi(qemu, test_image):
    machine = qemu(*drive(test_image), "-no-acpi", *command_line("command=reboot"))
    machine.wait_for(REBOOT)
    machine.wait_exit()
    assert machine.ending() == RESET


def test_poweroff_in_bochs(boot_bochs, test_image):
    machine = boot_bochs(test_image, "command=poweroff")
    machine.wait_for("Power off: by ACPI")
    machine.wait_exit()


def test_reboot_in_bochs(boot_bochs, test_image):
    machine = boot_bochs(test_image, "command=reboot")
    first = machine.wait_for(REBOOT)
    machine.wait_for(REBOOT, start=first.end())


@pytest.mark.parametrize("kind", ["breakpoint", "nmi"])
def test_a_fault_that_is_survived(qemu, test_image, kind):
    machine = qemu(*drive(test_image), *command_line(f"command=fault:{kind}"))
    assert machine.wait_for(RESULT)[1] == "0"
    assert re.search(r"\(exception [23]\): .*The system goes on\.\n", machine.log(), re.DOTALL)
