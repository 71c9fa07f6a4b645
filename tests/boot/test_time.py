"""Time: which clocks a machine has, what it does with them, and how seldom it wakes when there is nothing to do."""

import re
from datetime import datetime

import pytest
from in_guest import total
from qemu import PASSED, command_line, drive
from words import LAST_LINE, TIME

MIDNIGHT = "base=2030-02-28T23:59:59,clock=vm"
VIRTUAL = ["-icount", "shift=0,sleep=off", "-rtc", MIDNIGHT]  # time passes as fast as nobody does anything
NO_APIC = ["-cpu", "qemu64,-apic"]
# The options, what is the clock and what interrupts.
MACHINES = {
    "default": ([], "TSC", "local APIC"),
    "max": (["-cpu", "max"], "TSC", "local APIC"),
    "q35": (["-M", "q35"], "TSC", "local APIC"),
    "no-hpet": (["-machine", "hpet=off"], "TSC", "local APIC"),
    "no-acpi": (["-no-acpi"], "TSC", "local APIC"),
    "two-cpus": (["-smp", "2"], "TSC", "local APIC"),
    "no-apic": (NO_APIC, "TSC", "PIT"),
    "noapic": (command_line("noapic"), "TSC", "local APIC"),
    "hpet": (command_line("clock=hpet"), "HPET", "local APIC"),
    "hpet-wanted": ([*command_line("clock=hpet"), "-machine", "hpet=off"], "TSC", "local APIC"),
    "pm": (command_line("clock=pm"), "ACPI timer", "local APIC"),
    "pit": (command_line("clock=pit"), "PIT", "local APIC"),
    "pit-only": ([*command_line("clock=pit"), *NO_APIC], "PIT", "PIT"),
    "nonsense": (command_line("clock=sundial"), "TSC", "local APIC"),
}
# Those with which the clock's tests run, too, and which the in-guest tests have not.
GUESTS = ["no-apic", "hpet", "pm", "pit", "pit-only", "no-acpi"]

IDLE = re.compile(r"^idle: (\d+) s, (\d+) interrupts, (\d+) timers\n", re.MULTILINE)
RATE = re.compile(r"^idle: (\d+) s of the RTC were (\d+) us of the clock\n", re.MULTILINE)
TICKS = re.compile(r"^ticks: (\d+) fired, (\d+) early, (\d+) back; the clock is (.+)\n", re.MULTILINE)
HARDWARE_INTERRUPT = re.compile(r"^ *\d+: v=([0-9a-f]{2}) e=0000 i=0 ", re.MULTILINE)


@pytest.mark.parametrize("kind", MACHINES)
def test_clocks(qemu, image, kind):
    options, clock, event = MACHINES[kind]
    machine = qemu(*drive(image), *VIRTUAL, *options)
    machine.wait_for(LAST_LINE)
    date, source, _, timer = machine.wait_for(TIME).groups()
    assert date in ("2030-02-28 23:59:59 UTC", "2030-03-01 00:00:00 UTC")
    assert (source, timer) == (clock, event)
    assert "jumped" not in machine.log()


@pytest.mark.parametrize("kind", GUESTS)
def test_guest(qemu, test_image, kind):
    options = [option.replace("string=", "string=test=time ") for option in MACHINES[kind][0]]
    if options == MACHINES[kind][0]:
        options += command_line("test=time")
    machine = qemu(*drive(test_image), *VIRTUAL, *options)  # a busy host takes longer naps than the PIT can count
    machine.wait_exit()
    assert machine.status == PASSED
    assert "jumped" not in machine.log()


@pytest.mark.parametrize("base", ["1970-01-02T03:04:05", "1999-12-31T00:00:00", "2000-02-29T12:00:00", "2099-06-15T23:00:00"])
def test_date(qemu, image, base):
    machine = qemu(*drive(image), "-icount", "shift=0,sleep=off", "-rtc", f"base={base},clock=vm")
    assert machine.wait_for(TIME)[1].startswith(base.replace("T", " ")[:-1])


def idle(qemu, test_image, word, *options):
    """What the guest counted: seconds, interrupts, timers; and that RTC and clock agree."""
    machine = qemu(*drive(test_image), *VIRTUAL, *options, *command_line(word))
    seconds, interrupts, timers = (int(number) for number in machine.wait_for(IDLE).groups())
    rtc, clock = (int(number) for number in machine.wait_for(RATE).groups())
    assert rtc >= seconds
    assert abs(clock - rtc * 1000000) < rtc * 10000  # one percent
    machine.wait_exit()
    return seconds, interrupts, timers


@pytest.mark.parametrize("clock", ["tsc", "hpet", "pm"])
def test_idle(qemu, test_image, clock):
    """Fewer than 5 interrupts a second; by counters that wrap, one now and then."""
    seconds, interrupts, timers = idle(qemu, test_image, f"idle=60 clock={clock}")
    assert (seconds, timers) == (60, 0)
    assert 1 <= interrupts < 5 * seconds
    if clock == "tsc":
        assert interrupts <= 5  # the one that ends it, and before it those that the chip's count is too short for


def test_idle_day(qemu, test_image):
    """Virtual time is cheap: a whole day."""
    seconds, interrupts, _ = idle(qemu, test_image, "idle=86400")
    assert interrupts < seconds / 10


def test_idle_with_a_timer(qemu, test_image):
    """One second, 60 times: as many interrupts, and one or two more."""
    seconds, interrupts, timers = idle(qemu, test_image, "idle=60,1")
    assert timers in (59, 60)
    assert timers <= interrupts <= timers + 3


def test_idle_as_qemu_sees_it(qemu, test_image, tmp_path):
    """The guest's own count against QEMU's log, which has those in it that came before and after, too."""
    log = tmp_path / "interrupts"
    _, interrupts, _ = idle(qemu, test_image, "idle=60,1", "-d", "int", "-D", str(log))
    seen = HARDWARE_INTERRUPT.findall(log.read_text("utf-8", "replace"))
    timer = seen.count("f0")
    assert interrupts <= timer <= interrupts + 2 * 200 + 2  # looking for the RTC's second, every 5 ms, twice
    assert set(seen[-interrupts:]) == {"f0"}


def test_nothing_ticks(qemu, image, tmp_path):
    """After the last line no interrupt comes, ever: in virtual time the next one would come at once."""
    log = tmp_path / "interrupts"
    machine = qemu(*drive(image), *VIRTUAL, "-d", "int", "-D", str(log))
    machine.wait_for(LAST_LINE)
    machine.wait_until_halted()
    for _ in range(100):
        machine.query("query-status")
    assert not re.search("v=(f0|30|20) e=0000 i=0 .* pc=ffffffff", log.read_text("utf-8", "replace"))


def test_stopped_and_resumed(qemu, test_image):
    """The machine stands still again and again: nothing fires early, and time does not go back."""
    machine = qemu(*drive(test_image), *command_line("ticks=60"))
    machine.wait_for("ticks begin")
    for _ in range(20):
        machine.query("stop")
        machine.query("cont")
    fired, early, back, clock = machine.wait_for(TICKS).groups()
    assert (fired, early, back, clock) == ("60", "0", "0", "TSC")
    assert "jumped" not in machine.log()


def test_saved_and_loaded(qemu, test_image):
    """A snapshot is taken and gone back to. QEMU's counters do not all come back to the same moment, which the clock may
    notice or not; but nothing fires early, and time does not go back."""
    machine = qemu(*drive(test_image), *command_line("ticks=60"))
    machine.wait_for("ticks begin")
    for command in ("savevm early", "loadvm early"):
        assert machine.query("human-monitor-command", **{"command-line": command}) == ""
    fired, early, back, clock = machine.wait_for(TICKS).groups()
    assert (fired, early, back) == ("60", "0", "0")
    assert machine.log().count("jumped or stood still") == (clock != "TSC")


# With TSC deadline, without it.
BOCHS_CPUS = {"corei7_haswell_4770": "local APIC, by TSC", "core2_penryn_t9600": "local APIC"}


@pytest.mark.parametrize("cpu", BOCHS_CPUS)
def test_bochs(boot_bochs, test_image, cpu):
    machine = boot_bochs(test_image, "test=time", cpu=cpu)
    assert machine.wait_for(TIME)[4] == BOCHS_CPUS[cpu]
    assert total(machine)[1] == 0
    assert "jumped" not in machine.log()


@pytest.mark.parametrize("cpu", BOCHS_CPUS)
@pytest.mark.parametrize("way", ["ahead", "back"])
def test_time_stamp_counter_jumps(boot_bochs, test_image, way, cpu):
    """Bochs lets it be set: the clock notices, says so once, and goes on with another."""
    machine = boot_bochs(test_image, f"tsc={way}", cpu=cpu)
    fired, early, back, clock = machine.wait_for(TICKS).groups()
    assert (fired, early, back) == ("60", "0", "0")
    assert machine.log().count("Time: TSC jumped or stood still; the clock is ") == 1
    assert clock in ("ACPI timer", "HPET")
    assert 300 <= int(machine.wait_for(re.compile(r"^tsc: (\d+) ms passed\n", re.MULTILINE))[1]) < 1000


def test_cpu_that_says_something_else(bochs, image):
    """This one says by CPUID that its TSC has 3500 MHz; Bochs runs it at 4. The timer chip is believed."""
    machine = bochs(image, cpu="corei7_skylake_x")
    assert machine.wait_for(TIME)[3] == "4"
    assert "Time: the CPU says that its TSC has 3500 MHz, the PIT says 4.\n" in machine.log()


BINARY, HOURS_24 = 4, 2  # in register B of the RTC


def cmos(path, hour, format, *, century=0x20, kept_time=True):
    """The battery-backed memory of a Bochs with 64 MiB that boots from its disk, on 2026-12-31."""
    registers = bytearray(128)
    digits = (lambda number: number) if format & BINARY else (lambda number: number // 10 * 16 + number % 10)
    registers[0:10] = digits(58), 0, digits(59), 0, hour, 0, 5, digits(31), digits(12), digits(26)
    registers[10:14] = 0x26, format, 0, 0x80 if kept_time else 0
    registers[0x15:0x19] = b"\x80\x02\x00\xfc"  # 640 KiB, 63 MiB
    registers[0x30:0x36] = b"\x00\xfc" + bytes([century]) + b"\x00\x00\x03"  # 63 MiB; 48 MiB above 16 MiB
    registers[0x3D] = 2
    path.write_bytes(registers)
    return f"cmosimage: file={path}, rtc_init=image\n"


# 21 h, as each format stores it.
FORMATS = {HOURS_24: 0x21, HOURS_24 | BINARY: 21, 0: 0x89, BINARY: 0x80 | 9}


@pytest.mark.parametrize("format", FORMATS)
def test_format_of_the_rtc(bochs, image, tmp_path, format):
    machine = bochs(image, more=cmos(tmp_path / "cmos", FORMATS[format], format))
    shown = datetime.strptime(machine.wait_for(TIME)[1], "%Y-%m-%d %H:%M:%S UTC")
    log = (machine.directory / "bochs.log").read_text()
    began = datetime.strptime(re.search(r"\[CMOS *\] Setting initial clock to: (.+) \(", log)[1], "%a %b %d %H:%M:%S %Y")
    assert 0 <= (shown - began).total_seconds() < 60


def test_flat_battery(bochs, image, tmp_path):
    machine = bochs(image, more=cmos(tmp_path / "cmos", 0x21, HOURS_24, kept_time=False))
    assert machine.wait_for(TIME)[1] == "the hour is not known"
    assert "the clock of this machine has lost the time" in machine.log()
