"""A fault in the kernel is a report with the right words, and never a reset: one boot of the test kernel per fault and machine."""

import re
import subprocess
from itertools import chain

import pytest
from gdb import Gdb
from image import Image
from qemu import FAILED, PASSED, TIMEOUT, command_line, drive
from words import LAST_LINE, PROMPT, STOPPED

UNMAPPED = "in the kernel: nothing is mapped there"
GUARD = r": guard page below the stack of CPU 0"

# The name of a struct fault_kind (kernel/core/fault_kind.h): what its report must say, in this order.
SCENARIOS = {
    "divide": [r"Divide error \(exception 0\): ", r"at provoke_divide\+", "code ", "called from", "run_scenario+", "kernel_main+"],
    "null": [r"Page fault \(exception 14\): ", f"reading 0{{16}} {UNMAPPED}", ": a null pointer\n", r"page tables: 4\[0\] absent", "error code 0, CPU 0"],
    "page": [f"writing 0{{14}}10 {UNMAPPED}", ": a null pointer plus 16", "at provoke_write", "error code 2", "write_null"],
    "constant": ["writing [0-9a-f]{16} in the kernel: the page is read-only", ": a constant of the kernel",
                 r"page tables: 4\[511\] rwx-, 3\[51[01]\] rwx-, 2\[\d+\] rwx-, 1\[\d+\] r---", "error code 3"],
    "data": ["executing [0-9a-f]{16} in the kernel: the page is not executable", ": a variable of the kernel",
             r"1\[\d+\] rw--", "error code 11", r"\[c3\]", "called from", "execute_data|run_scenario"],
    "jump": [f"executing 0{{16}} {UNMAPPED}|reading 0{{16}} {UNMAPPED}", ": a null pointer\n", "code is not mapped", "jump"],
    "nowhere": [r"General protection \(exception 13\): ", "holds 0000800000000000: no canonical address", "jump_nowhere"],
    "opcode": [r"Invalid opcode \(exception 6\): ", r"at provoke_opcode\+", r"\[0f\] 0b", r"run_scenario\+"],
    "gp": [r"General protection \(exception 13\): ", "\n80{15}: no canonical address", "at provoke_write", "write_no_canonical"],
    "double": [r"Double fault \(exception 8\): ", "the stack overflowed: ", GUARD, r"1\[\d+\] absent", "at provoke_push_at"],
    "badstack": [r"Double fault \(exception 8\): ", "the stack pointer is of no use: .* 0000000000123450", ": an address of programs",
                 "at provoke_opcode_at", r"\[0f\] 0b"],
    "nostack": [r"Double fault \(exception 8\): ", "the stack pointer is of no use: .* dead0{12}", ": no canonical address",
                "at provoke_opcode_at", r"\[0f\] 0b"],
    "badframe": [r"Invalid opcode \(exception 6\): ", "at bad_frame", "rbp dead0{12}", r"\[0f\] 0b"],
    "sink": [r"Invalid opcode \(exception 6\): ", "Page fault while reporting, at provoke_write.* address 0{14}20", "write_badly",
             r"What is being reported: Invalid opcode at provoke_opcode", "at provoke_opcode", "rip ", r"\[0f\] 0b", r"run_scenario\+"],
    "describer": [f"writing 0{{14}}10 {UNMAPPED}", "Page fault while reporting, at provoke_read.* address 0{14}40", "describe_badly",
                  ": a null pointer plus 16", r"page tables: 4\[0\] absent", "at provoke_write", "rip ", "code ", r"run_scenario\+"],
    "list": [f"writing 0{{14}}10 {UNMAPPED}", "Page fault while reporting, at describer_ask.*", ": a null pointer plus 16|page tables:",
             "at provoke_write", r"run_scenario\+"],
    "lock": [r"Breakpoint \(exception 3\): ", "Page fault while reporting, at provoke_write"],
    "stack": [r"Double fault \(exception 8\): ", "the stack overflowed: ", GUARD, r"1\[\d+\] absent", "at recurse",
              r"recurse\+0x[0-9a-f]+, \d+ times", r"run_scenario\+"],
    "deep": [": a null pointer plus 16", "ping", "pong", "and so on", f"writing 0{{14}}10 {UNMAPPED}", "at provoke_write"],
    "endless": [r"Double fault \(exception 8\): ", "Double fault while reporting, at recurse_in_report",
                r"recurse_in_report\+0x[0-9a-f]+, \d+ times", "What is being reported: Double fault at provoke_push_at"],
    "smash": ["Panic: The stack was overwritten: an array of the function at smash"],
    "smep": ["executing 0{10}400000 in the kernel: the page is a program's", r"1\[0\] r-xu", "execute_program"],
    "smap": ["reading 0{10}400000 in the kernel: the page is a program's", r"1\[0\] r-xu", "at provoke_read"],
    "machine": [r"Machine check \(exception 18\): ", "no bank of the CPU tells which", "at provoke_machine_check"],
    "debug": [r"Debug \(exception 1\): ", r"at provoke_debug\+"],
    "overflow": [r"Overflow \(exception 4\): ", r"at provoke_overflow\+"],
    "twice": ["Panic: .*was freed twice", r"drop_block\+", r"free_twice\+"],
    "foreign": ["Panic: .*was freed, but is no block of the heap", r"drop_block\+", r"free_foreign\+"],
    "panic": ["Panic: Somebody asked for it", r"panics\+", r"run_scenario\+"],
    "threadstack": [r"Double fault \(exception 8\): ", "the stack overflowed: ", ": guard page below the stack of thread digger\n",
                    r"1\[\d+\] absent", "at descend", "CPU 0, thread digger\n", r"descend\+0x[0-9a-f]+, \d+ times", r"dig\+"],
    "threadnull": [f"reading 0{{14}}10 {UNMAPPED}", ": a null pointer plus 16", "CPU 0, thread dreamer\n", r"look_at_nothing\+"],
    "threadlock": ["Panic: Thread sleeper sleeps where it must not: locks [1-9a-f][0-9a-f]*, 0 times not to be preempted, interrupts off",
                   "in thread sleeper\n", r"sleep_with_lock\+"],
    "threadheld": ["Panic: Thread insomniac sleeps where it must not: locks 0, 1 times .*, interrupts on\\.",
                   "in thread insomniac\n", r"sleep_unpreempted\+"],
    "threadsmash": ["Panic: The stack was overwritten: an array of the function at overrun", "in thread vandal\n"],
    "threadtwice": ["Panic: The handle of thread gift is given back twice", r"give_twice\+"],
}  # fmt: skip

NMI = "Non-maskable interrupt (exception 2): "
STI_HLT_SIZE = 2
STUB_SIZE = 9  # kernel/arch/x86_64/trap.h
BREAKPOINT, OVERFLOW = 3, 4
CALL_SIZE = 5  # of a relative call
KERNEL = 1 << 63
PLACE = re.compile(r"\(kernel [0-9a-f]{8} at ffffffff[0-9a-f]{8}\)\n")  # without which no address in the report says anything

ONLY_NEWER = {"smep", "smap"}  # what qemu64 has not
BOCHS_CPU = {"smap": "broadwell_ult"}  # the usual one is older


def check(log, patterns):
    """All the patterns are there, one after the other; the report is the last thing, and nothing came in between."""
    at = 0
    for pattern in patterns:
        match = re.compile(pattern).search(log, at)
        assert match, f"{pattern!r} is not in the report, or not after what should stand before it:\n{log}"
        at = match.start()
    assert PLACE.search(log) and log.endswith(STOPPED)


def boot_qemu(qemu, test_image, cpu, *words):
    return qemu(*drive(test_image), "-cpu", cpu, *command_line(" ".join(words)))


@pytest.mark.parametrize(
    "cpu, name", chain((("max", name) for name in SCENARIOS), (("qemu64", name) for name in SCENARIOS if name not in ONLY_NEWER))
)
def test_fault(qemu, test_image, cpu, name):
    machine = boot_qemu(qemu, test_image, cpu, f"fault={name}")
    machine.wait_for(STOPPED)
    machine.wait_exit()
    check(machine.log(), SCENARIOS[name])
    assert machine.status == FAILED


@pytest.mark.parametrize("name", SCENARIOS)
def test_fault_in_bochs(bochs, test_image, tmp_path, name):
    copy = Image(test_image)
    copy.set_command_line(f"fault={name}")
    more = {"cpu": BOCHS_CPU[name]} if name in BOCHS_CPU else {}
    machine = bochs(copy.save(tmp_path / "copy.img"), **more)
    machine.wait_for(STOPPED)
    check(machine.log(), SCENARIOS[name])


ON_SCREEN = {
    "page": SCENARIOS["page"],
    "stack": SCENARIOS["stack"],
    "deep": [r"Page fault \(exception 14\): ", f"writing 0{{14}}10 {UNMAPPED}", "at provoke_write"],
}


@pytest.mark.parametrize("name", ON_SCREEN)
def test_the_cause_is_on_the_screen(qemu, test_image, name):
    """80 x 25: what happened and where still stand there in the end."""
    machine = qemu(*drive(test_image), *command_line(f"fault={name}"), "-no-shutdown", debug_devices=False)
    machine.wait_for(STOPPED)
    screen = machine.wait_for_screen(STOPPED.strip())
    for pattern in ON_SCREEN[name]:
        assert re.search(pattern.strip(), str(screen)), f"{pattern!r} is not on the screen:\n{screen}"


def test_the_cause_of_what_was_typed_is_on_the_screen(qemu, image):
    """The longest report: below the prompt there is a screenful, and no more."""
    machine = qemu(*drive(image), "-no-shutdown", debug_devices=False)
    machine.wait_for(LAST_LINE)
    machine.type("fault nowhere\r")
    machine.wait_for(STOPPED)
    screen = machine.wait_for_screen(STOPPED.strip())
    assert "General protection (exception 13): " in screen


def test_nmi_while_idle(qemu, image):
    """The delivered kernel reports it, and goes on: the next one is reported, too."""
    machine = qemu(*drive(image))
    machine.wait_for(LAST_LINE)
    for count in (1, 2):
        machine.provoke("inject-nmi")
        machine.wait_for(re.compile(r"(Non-maskable interrupt \(exception 2\): .*kernel_main\+.*){%d}" % count, re.DOTALL))


def test_nmi_just_before_the_sleep(qemu, image, tmp_path):
    """The task that draws has been looked for, and there is nothing to do: the report is on the screen all the same."""
    gdb = Gdb(tmp_path, TIMEOUT)
    machine = qemu(*drive(image), *gdb.options())
    gdb.accept()
    gdb.go()
    machine.wait_for(LAST_LINE)
    machine.wait_until_halted()
    gdb.stop()
    machine.type("x")
    gdb.run_to(gdb.instruction() - STI_HLT_SIZE)
    assert PROMPT + "x" in machine.screen()
    machine.provoke("inject-nmi")
    gdb.go()
    machine.wait_for(NMI)
    machine.wait_for_screen(NMI)
    gdb.close()


@pytest.mark.parametrize("cpu", ["max", "qemu64"])
def test_nmi_in_a_handler(qemu, test_image, cpu):
    machine = boot_qemu(qemu, test_image, cpu, "fault=nmi_handler")
    machine.wait_for("An interrupt's handler waits for an NMI.\n")
    machine.provoke("inject-nmi")
    machine.wait_for(re.compile(r"Non-maskable interrupt \(exception 2\): .*called from.*The handler goes on\.\nAll goes on\.", re.DOTALL))
    machine.wait_exit()
    assert machine.status == PASSED


def test_nmi_in_a_handler_in_bochs(bochs, test_image, tmp_path):
    """Nobody outside can raise one there: the kernel sends it to itself."""
    copy = Image(test_image)
    copy.set_command_line("fault=nmi_self")
    machine = bochs(copy.save(tmp_path / "copy.img"))
    machine.wait_for(re.compile(r"Non-maskable interrupt \(exception 2\): .*called from.*The handler goes on\.\nAll goes on\.", re.DOTALL))


@pytest.mark.parametrize("cpu", ["max", "qemu64"])
def test_nmi_in_an_nmi(qemu, test_image, cpu):
    machine = boot_qemu(qemu, test_image, cpu, "fault=nmi_nmi")
    machine.wait_for("The kernel waits for an NMI.\n")
    machine.provoke("inject-nmi")
    machine.wait_for("The NMI's handler waits for another and a byte.\n")
    machine.provoke("inject-nmi")
    machine.type("x")
    machine.wait_for("A fault was survived, and 1 NMI has come.\nThe second NMI came after the first.\n")
    machine.wait_exit()
    assert machine.status == PASSED


def symbols(path):
    lines = subprocess.run(["nm", path], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    return {line.split()[-1]: int(line.split()[0], 16) for line in lines if len(line.split()) == 3}


@pytest.mark.parametrize("cpu", ["max", "qemu64"])
def test_nmi_at_every_instruction_of_the_entry(build, qemu, test_image, tmp_path, cpu):
    """A program's breakpoint: before each instruction on its way into C and back, GS exchanged or not, an NMI comes."""
    places = symbols(build / "test.elf")
    stub = places["trap_stubs"] + STUB_SIZE * BREAKPOINT
    last_stub = places["trap_stubs"] + STUB_SIZE * OVERFLOW
    returned = places["trap_common.returned"]
    gdb = Gdb(tmp_path, TIMEOUT)
    machine = qemu(*drive(test_image), "-cpu", cpu, *command_line("fault=nmi_program nokaslr"), *gdb.options())
    gdb.accept()
    injected = 0
    while True:
        gdb.run_to(stub)
        for _ in range(injected):
            gdb.step()
            if gdb.instruction() == returned - CALL_SIZE:
                gdb.run_to(returned)
        if gdb.instruction() < KERNEL:  # the program goes on
            break
        machine.provoke("inject-nmi")
        injected += 1
        gdb.run_to(last_stub)
    gdb.go()
    machine.type("x")
    machine.wait_for(f"NMIs: {injected}, wrong: 0\n")
    machine.wait_exit()
    gdb.close()
    assert machine.status == PASSED
    assert injected > 50  # instructions in and out


@pytest.mark.parametrize("cpu", ["max", "qemu64"])
def test_machine_check(qemu, test_image, cpu):
    """Bank 3: valid, not corrected, reporting enabled, address valid, context damaged; error 0134h."""
    machine = boot_qemu(qemu, test_image, cpu, "fault=nmi_machine")
    machine.wait_for("The kernel waits for a machine check.\n")
    machine.provoke("human-monitor-command", **{"command-line": "mce 0 3 0xb600000000000134 5 0x12345678 0"})
    machine.wait_for(STOPPED)
    machine.wait_exit()
    check(machine.log(), [r"Machine check \(exception 18\)", "bank 3: error 134, not corrected.* address 0{8}12345678", "called from"])
    assert machine.status == FAILED
