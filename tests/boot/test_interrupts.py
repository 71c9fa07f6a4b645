"""Interrupt controllers: which one is chosen on which machine, and that devices' interrupts arrive by it.

QEMU's `edu` devices stand in slots 4 and 8, which share a line on both machines.
"""

import struct

import pytest
from in_guest import total
from qemu import PASSED, command_line, drive
from words import INTERRUPTS, LAST_LINE

EDU = ["-device", "edu,addr=4", "-device", "edu,addr=8"]
BRIDGED = [
    "-device", "pcie-pci-bridge,id=bridge", "-device", "edu,bus=bridge,addr=1", "-device", "edu,bus=bridge,addr=5",
]  # fmt: skip

IO_APIC = "local APIC, I/O APIC with 24 lines"
PIC = "local APIC, 8259"
PIC_ALONE = "8259"


def routed(machine):
    """What the kernel says that it uses."""
    return machine.wait_for(INTERRUPTS)[1]


@pytest.mark.parametrize("way", ["irq", "pci"])
@pytest.mark.parametrize("word, used", [("", IO_APIC), ("noapic ", PIC)])
@pytest.mark.parametrize("kind", ["pc", "q35"])
def test_lines_and_messages(qemu, test_image, kind, word, used, way):
    machine = qemu(*drive(test_image), "-M", kind, *EDU, *command_line(f"{word}test={way}_"))
    assert routed(machine) == used
    passed, failed, skipped = total(machine)
    assert (failed, skipped) == (0, 0)
    assert passed >= 9
    machine.wait_exit()
    assert machine.status == PASSED


def test_behind_a_bridge(qemu, test_image):
    machine = qemu(*drive(test_image), "-M", "q35", *BRIDGED, *command_line("test=pci_"))
    assert total(machine)[1:] == (0, 0)


def test_no_local_apic(qemu, test_image):
    """QEMU itself refuses devices that could send messages here."""
    machine = qemu(*drive(test_image), "-cpu", "qemu64,-apic", *command_line("test=irq_"))
    assert routed(machine) == PIC_ALONE
    assert total(machine)[1:] == (0, 1)  # one test needs a second timer


@pytest.mark.parametrize("way", ["irq", "pci"])
def test_no_acpi(qemu, test_image, way):
    machine = qemu(*drive(test_image), "-M", "pc,acpi=off", *EDU, *command_line(f"test={way}_"))
    assert routed(machine) == PIC
    assert total(machine)[1:] == (0, 0)


def test_a_machine_without_pci(qemu, image):
    machine = qemu("-M", "isapc", "-cpu", "qemu64", *drive(image))
    machine.wait_for("PCI: 0 devices\n")
    machine.wait_for(LAST_LINE)


def test_bochs_has_an_x2apic(bochs, image):
    assert routed(bochs(image)) == "x2APIC, I/O APIC with 24 lines"


@pytest.mark.parametrize("cpu", ["p4_prescott_celeron_336", "core2_penryn_t9600"])
def test_bochs_with_an_xapic(bochs, image, cpu):
    assert routed(bochs(image, cpu=cpu)) == IO_APIC


def test_the_cpu_sleeps_with_interrupts_on(qemu, image):
    machine = qemu(*drive(image))
    machine.wait_for(LAST_LINE)
    machine.wait_until_halted()
    flags = int(machine.query("human-monitor-command", **{"command-line": "info registers"}).split("RFL=")[1][:8], 16)
    assert flags & 0x200


@pytest.mark.parametrize("word", ["", "noapic "])
def test_a_busy_device_is_no_storm(qemu, test_image, word):
    """Counted in instructions, so that the host cannot make the device slow."""
    machine = qemu(*drive(test_image), *command_line(f"{word}test=irq_busy_device"), "-icount", "shift=0")
    assert total(machine) == (1, 0, 0)


def test_no_8259(qemu, test_image):
    """Nor its registers: no line is taken for level-triggered."""
    machine = qemu(*drive(test_image), "-M", "q35,pic=off", *command_line("test=irq_timer_line"))
    assert total(machine) == (1, 0, 0)


def acpi_table(signature, body):
    """A table for QEMU's -acpitable, which makes the sum right."""
    header = struct.pack("<4sIBB6s8sI4sI", signature, 36 + len(body), 1, 0, b"CAIRN ", b"TESTS   ", 1, b"TEST", 1)
    return header + body


def test_a_timer_beyond_the_address_lines(qemu, image, tmp_path):
    table = tmp_path / "hpet"
    table.write_bytes(acpi_table(b"HPET", struct.pack("<IBBBBQBHB", 0x8086A201, 0, 64, 0, 0, 1 << 51, 0, 100, 0)))
    machine = qemu(*drive(image), "-M", "pc,hpet=off", "-acpitable", f"file={table}", *command_line("clock=hpet"))
    machine.wait_for(LAST_LINE)
