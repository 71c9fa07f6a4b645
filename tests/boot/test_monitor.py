"""What people type, at the keyboard and at the serial port, and what they see, on the screen and at the serial port."""

import random
import re
import time

import pytest
from failure import BootFailure
from paper import Paper
from qemu import TIMEOUT, command_line, drive
from words import ECHO_READY, HELLO, LAST_LINE, PROMPT

# Keys that type nothing by themselves: what a terminal sends, and what QEMU calls them.
KEYS = {
    "enter": ("\r", ["ret"]),
    "tab": ("\t", ["tab"]),
    "backspace": ("\x7f", ["backspace"]),
    "delete": ("\x1b[3~", ["delete"]),
    "left": ("\x1b[D", ["left"]),
    "right": ("\x1b[C", ["right"]),
    "up": ("\x1b[A", ["up"]),
    "down": ("\x1b[B", ["down"]),
    "home": ("\x1b[H", ["home"]),
    "end": ("\x1b[F", ["end"]),
    "ctrl-left": ("\x1b[1;5D", ["ctrl", "left"]),
    "ctrl-right": ("\x1b[1;5C", ["ctrl", "right"]),
    **{f"alt-{c}": (f"\x1b{c}", ["alt", c]) for c in "bdf"},
    **{f"ctrl-{c}": (chr(ord(c) & 0x1F), ["ctrl", c]) for c in "abcdefghklnpruwy"},
}
CHARACTERS = {" ": ["spc"], "-": ["minus"], ".": ["dot"]}

# What is typed, and the line that stands there then. A line is abandoned by ctrl-c afterwards.
EDITING = [
    ("abc", "abc"),
    ("abc{backspace}d", "abd"),
    ("abc{left}{left}x", "axbc"),
    ("abc{left}{left}{right}x", "abxc"),
    ("abc{home}x{end}y", "xabcy"),
    ("abc{ctrl-a}x{ctrl-e}y", "xabcy"),
    ("abc{ctrl-b}{ctrl-b}x{ctrl-f}y", "axbyc"),
    ("abc{home}{delete}", "bc"),
    ("abc{left}{ctrl-d}", "ab"),
    ("abc{ctrl-h}", "ab"),
    ("one two{ctrl-w}x", "one x"),
    ("one two{left}{ctrl-u}", "o"),
    ("one two{home}{right}{ctrl-k}", "o"),
    ("one two{ctrl-w}{ctrl-y}{ctrl-y}", "one twotwo"),
    ("one two{alt-b}x{alt-b}y", "one yxtwo"),
    ("one two{home}{alt-f}x", "onex two"),
    ("one two{home}{alt-d}x", "x two"),
    ("one two{ctrl-left}{ctrl-left}{ctrl-right}x", "onex two"),
]
# The same, over several rows.
LONG = [
    ("x" * 73, "x" * 73),
    ("x" * 73 + "{left}y", "x" * 72 + "yx"),
    ("x" * 100 + "{home}y", "y" + "x" * 100),
    ("x" * 72 + "{home}y{end}z{ctrl-a}{ctrl-k}", ""),
]


def type_serial(machine, text):
    machine.type(re.sub(r"\{([\w-]+)\}", lambda key: KEYS[key[1]][0], text))


def type_keyboard(machine, text):
    for name, character in re.findall(r"\{([\w-]+)\}|(.)", text):
        machine.press(*(KEYS[name][1] if name else CHARACTERS.get(character, [character])))


WAYS = [type_serial, type_keyboard]


def rows_of(lines, count):
    return lines[-count:] if len(lines) >= count else None


def wait_to_see(machine, *expected):
    """Waits until these are the last rows both on the screen and of what COM1 said."""
    expected = [row.rstrip() for row in expected]
    deadline = time.monotonic() + TIMEOUT
    while True:
        screen = rows_of(machine.screen().lines(), len(expected))
        paper = rows_of(Paper(machine.log()).lines(), len(expected))
        if screen == paper == expected:
            return
        if time.monotonic() > deadline:
            raise BootFailure(f"never seen: {expected!r}; the screen ended in {screen!r}, COM1 in {paper!r}", machine)
        machine.streams.read(0.02)


def started(machine, last=LAST_LINE):
    """Keys that are pressed while the keyboard is being set up are not what they seem: that is over when all wait."""
    machine.wait_for(last)
    machine.wait_until_halted()
    return machine


def ask(machine, line):
    """Types a line at the serial port; what the monitor answers up to its next prompt."""
    start = len(machine.log())
    machine.type(line + "\r")
    machine.wait_for(re.compile(rf"\n{PROMPT}$"), start=start)
    lines = Paper(PROMPT + machine.log()[start:]).lines()
    assert lines[0] == (PROMPT + line).rstrip()
    assert lines[-1] == PROMPT.rstrip()
    return lines[1:-1]


def in_rows(line):
    """A line with its prompt, as rows of 80 columns. One that fills its last row leaves the cursor in the next."""
    text = PROMPT + line
    return [text[at : at + 80] for at in range(0, len(text), 80)]


@pytest.mark.parametrize("way", WAYS)
def test_editing(qemu, image, way):
    machine = started(qemu(*drive(image)))
    for typed, line in EDITING + (LONG if way is type_serial else []):
        way(machine, typed)
        wait_to_see(machine, *in_rows(line))
        way(machine, "{ctrl-c}")
        wait_to_see(machine, PROMPT)


@pytest.mark.parametrize("way", WAYS)
def test_history(qemu, image, way):
    machine = started(qemu(*drive(image)))
    for line in ["sym one", "sym two", "sym one"]:
        way(machine, line + "{enter}")
    for keys, line in [
        ("{up}", "sym one"), ("{up}", "sym two"), ("{up}", "sym two"), ("{down}{down}", ""), ("own{ctrl-p}", "sym one"),
        ("{ctrl-n}", "own"), ("{ctrl-r}", None), ("tw{left}{right}", "sym two"), ("{backspace}{enter}", ""),
    ]:  # fmt: skip
        way(machine, keys)
        wait_to_see(machine, PROMPT + line if line is not None else "(search: ) own")
    assert ask(machine, "history") == ["sym two", "sym one", "sym tw", "history"]


@pytest.mark.parametrize("way", WAYS)
def test_completion(qemu, image, way):
    machine = started(qemu(*drive(image)))
    way(machine, "hel{tab}x")
    wait_to_see(machine, PROMPT + "help x")
    way(machine, "{backspace}cle{tab}y")
    wait_to_see(machine, PROMPT + "help clear y")
    way(machine, "{ctrl-u}h{tab}")
    wait_to_see(machine, PROMPT + "h", "help        history", PROMPT + "h")
    way(machine, "i{tab}")
    wait_to_see(machine, PROMPT + "history")


def test_answers(qemu, image):
    machine = started(qemu(*drive(image)))
    lines = ask(machine, "help")
    assert any(line.startswith("help [COMMAND]") for line in lines)
    assert all(len(line) < 80 for line in lines)
    assert all(len(line) <= 80 for line in ask(machine, "tasks"))
    assert ask(machine, "help clear") == ["clear                   clears the screen"]
    assert ask(machine, "help nonsense") == ["There is no command `nonsense`."]
    assert ask(machine, "") == []
    assert ask(machine, "   ") == []
    assert ask(machine, "hlep") == ["There is no command `hlep`. Is it `help`?"]
    assert ask(machine, "nonsense") == ["There is no command `nonsense`. `help` lists those there are."]
    assert ask(machine, "history 1") == ["It is to be typed as: history"]
    assert ask(machine, "h" + " x" * 32) == ["These are too many words: a command takes 32."]
    machine.type("\x04")
    wait_to_see(machine, PROMPT, "There is nothing to go back to. `poweroff` and `reboot` end the system.", PROMPT)


def test_clear(qemu, image):
    """Of what is typed nothing is lost."""
    machine = started(qemu(*drive(image)))
    machine.press("x")
    machine.wait_for_screen(PROMPT + "x")
    machine.press("ctrl", "l")
    wait_for_rows(machine, [PROMPT + "x"])
    for key in ["backspace", "c", "l", "e", "a", "r", "ret"]:
        machine.press(key)
    wait_for_rows(machine, [PROMPT.rstrip()])


def wait_for_rows(machine, rows):
    deadline = time.monotonic() + TIMEOUT
    while (lines := machine.screen().lines()) != rows:
        if time.monotonic() > deadline:
            raise BootFailure(f"never seen: {rows!r}", machine)
        machine.streams.read(0.02)


def page_of(machine):
    """The rows of a page that waits for a key."""
    machine.wait_for_screen("-- more --")
    machine.wait_until_halted()
    lines = machine.screen().lines()
    assert lines[-1] == "-- more --"
    return lines[:-1]


def test_paging(qemu, image):
    machine = started(qemu(*drive(image)))
    whole = ask(machine, "x kernel_main 640")  # from the serial port nothing is paged
    assert len(whole) > 35
    machine.press("up")
    wait_to_see(machine, PROMPT + "x kernel_main 640")
    machine.press("ret")
    assert page_of(machine) == whole[:24]
    machine.press("z")  # means nothing here
    machine.press("ret")
    wait_for_row(machine, whole[24])
    machine.press("spc")
    wait_to_see(machine, *whole[-10:], PROMPT)
    machine.press("up")
    machine.press("ret")
    page_of(machine)
    machine.press("q")
    wait_to_see(machine, whole[23], PROMPT)


def wait_for_row(machine, row):
    deadline = time.monotonic() + TIMEOUT
    while rows_of(machine.screen().lines(), 2) != [row, "-- more --"]:
        if time.monotonic() > deadline:
            raise BootFailure(f"never seen above `more`: {row!r}", machine)
        machine.streams.read(0.02)


def test_paging_as_wanted(qemu, image):
    machine = started(qemu(*drive(image), *command_line("page=off")))
    machine.type("x kernel_main 640")
    wait_to_see(machine, PROMPT + "x kernel_main 640")
    machine.press("ret")
    machine.wait_for(re.compile(rf"(.+\n){{40,}}{PROMPT}"))
    machine = started(qemu(*drive(image), *command_line("page=all")))
    machine.type("x kernel_main 640\r")
    machine.wait_for("-- more --")
    machine.type(" ")
    machine.wait_for(re.compile(rf"\n{PROMPT}$"))


def test_looking_back(qemu, image):
    machine = started(qemu(*drive(image)))
    ask(machine, "x kernel_main 640")
    machine.wait_until_halted()
    bottom = machine.screen().lines()
    machine.press("shift", "pgup")
    deadline = time.monotonic() + TIMEOUT
    while machine.screen().lines()[12:] != bottom[:13]:
        assert time.monotonic() < deadline, "nothing was scrolled back"
        machine.streams.read(0.02)
    machine.press("x")
    wait_to_see(machine, PROMPT + "x")


@pytest.mark.parametrize("way", WAYS)
def test_a_line_of_the_log_comes_while_somebody_types(qemu, test_image, way):
    """It stands above what is typed, which stays whole: on the test kernel, which has a command that speaks later."""
    machine = started(qemu(*drive(test_image), *command_line("page=off")))  # and not its own, `test`
    way(machine, "late{enter}")
    for character in "x" * 90:
        way(machine, character)
    machine.wait_for("late line 8\n")
    wait_to_see(machine, *in_rows("x" * 90))
    lines = Paper(machine.log()).lines()
    assert [line for line in lines if line.startswith("late")] == [f"late line {n}" for n in range(1, 9)]
    way(machine, "{backspace}{home}y")
    wait_to_see(machine, *in_rows("y" + "x" * 89))


def wait_to_agree(machine, count):
    """Waits until screen and COM1 show the same last rows, and returns them."""
    deadline = time.monotonic() + TIMEOUT
    while True:
        machine.wait_until_halted()
        screen = rows_of(machine.screen().lines(), count)
        paper = rows_of(Paper(machine.log(), 80).lines(), count)
        if screen == paper and screen is not None:
            return screen
        if time.monotonic() > deadline:
            raise BootFailure(f"the screen ends in {screen!r}, COM1 in {paper!r}", machine)
        machine.streams.read(0.02)


def type_at_random(machine, rounds):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    keys = [f"{{{name}}}" for name in KEYS if name not in ("ctrl-l", "enter", "tab")] + ["{left}", "{up}"] * 3
    for _ in range(rounds):
        if dice.randrange(4) == 0:
            type_serial(machine, "{ctrl-c}late{enter}")
        for _ in range(dice.randrange(4)):
            pieces = [dice.choice([dice.choice(keys), "ab", " ", "\xe4", "z" * dice.randrange(60)]) for _ in range(12)]
            type_serial(machine, "".join(pieces))
            type_keyboard(machine, "".join(dice.choice(keys + ["k"]) for _ in range(4)))
        wait_to_agree(machine, 12)


def test_random_keys(qemu, test_image):
    """Whatever is typed at both at once, and whatever the log says meanwhile: both show the same."""
    type_at_random(started(qemu(*drive(test_image), *command_line("page=off"))), 12)


@pytest.mark.campaign
def test_many_random_keys(qemu, test_image):
    type_at_random(started(qemu(*drive(test_image), *command_line("page=off"))), 1000)


def test_a_fault_that_is_survived(qemu, image):
    """The report stands between the line and the next prompt."""
    machine = started(qemu(*drive(image)))
    lines = ask(machine, "fault breakpoint")
    assert any(line.startswith("Breakpoint (exception 3)") for line in lines)
    assert ask(machine, "help clear") == ["clear                   clears the screen"]


def type_flood(machine, text):
    """A pipe holds 64 KiB in each direction, so somebody has to listen meanwhile."""
    for at in range(0, len(text), 256):
        machine.type(text[at : at + 256])
        machine.streams.read(0)


def test_flood(qemu, image):
    """10 KiB pasted: each line is run, none is lost."""
    machine = started(qemu(*drive(image)))
    names = [f"nonsense-{n:04}" for n in range(720)]
    type_flood(machine, "".join(f"{name}\r" for name in names))
    machine.wait_for(f"There is no command `{names[-1]}`")
    wait_to_see(machine, PROMPT)
    assert re.findall(r"^There is no command `([\w-]+)`", machine.log(), re.MULTILINE) == names


def test_a_line_without_end(qemu, image):
    machine = started(qemu(*drive(image)))
    type_flood(machine, "x" * 10240)
    machine.type("\x15y\r")
    machine.wait_for("There is no command `y`")
    wait_to_see(machine, PROMPT)
    assert "\a" in machine.log()
    assert ask(machine, "help clear") == ["clear                   clears the screen"]


def test_garbage(qemu, image):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    machine = started(qemu(*drive(image)))
    for _ in range(40):
        garbage = bytes(dice.choice([dice.randrange(256), 27, dice.randrange(128, 256)]) for _ in range(100))
        machine.type_bytes(garbage.replace(b"\r", b"\r#").replace(b"\n", b"\n#"))
        machine.streams.read(0)
    machine.type("\x03\x03\r")
    machine.wait_until_halted()
    machine.type("help clear\r")
    machine.wait_for("clears the screen\n")


@pytest.mark.parametrize("way", WAYS)
def test_echo(qemu, image, way):
    """The demonstration of the reference, and that it stops there."""
    machine = started(qemu(*drive(image), *command_line("demo=echo")), ECHO_READY)
    way(machine, "hello worlf{backspace}d and more{ctrl-w}less")
    wait_to_see(machine, "hello world and less")
    way(machine, "{enter}second")
    wait_to_see(machine, "hello world and less", "second")
    said = Paper(machine.log()).lines()
    ready = said.index(ECHO_READY.strip())
    assert HELLO in said[:ready]
    assert any(line.startswith("Heap: boxed value 41 ") for line in said[:ready])
    assert any(line.endswith("sum of its 500 numbers: 124750") for line in said[:ready])
    assert said[ready + 1 :] == ["hello world and less", "second"]
    for text in ["Hello World!", "Heap: boxed value 41 ", "async keyboard echo ready", "hello world and less"]:
        assert text in machine.screen()


def test_echo_of_what_is_no_ascii(qemu, image):
    machine = started(qemu(*drive(image), *command_line("demo=echo")), ECHO_READY)
    machine.type("gr\xfc\xdf\xe4\x7fe \x03")
    wait_to_see(machine, "gr\xfc\xdfe ^C")


def test_screen_without_serial_port(qemu, image):
    """Nobody but the keyboard types, nobody but the screen answers."""
    machine = qemu(*drive(image), "-M", "pc", "-serial", "none")
    machine.wait_for_screen(PROMPT.rstrip())
    machine.wait_until_halted()
    for key in ["h", "l", "e", "p", "ret"]:
        machine.press(key)
    machine.wait_for_screen("There is no command `hlep`. Is it `help`?")
    assert machine.log() == ""


def test_nobody_there(qemu, image):
    """Neither screen, keyboard nor serial port: port E9h shows that it goes on all the same."""
    machine = qemu(*drive(image), "-vga", "none", "-M", "pc,i8042=off", "-serial", "none")
    deadline = time.monotonic() + TIMEOUT
    while not LAST_LINE.search(machine.e9()):
        if time.monotonic() > deadline:
            raise BootFailure("no prompt at port E9h", machine)
        machine.streams.read(0.02)
    machine.wait_until_halted()


@pytest.mark.parametrize("options", [["-vga", "none"], ["-M", "pc,i8042=off"], ["-vga", "none", "-M", "pc,i8042=off"]])
def test_serial_port_alone(qemu, image, options):
    machine = started(qemu(*drive(image), *options))
    assert ask(machine, "hlep") == ["There is no command `hlep`. Is it `help`?"]


def test_bochs(bochs, image):
    machine = bochs(image)
    machine.wait_for(LAST_LINE)
    type_serial(machine, "hlpx{left}{left}{left}e{end}{backspace}{enter}")
    machine.wait_for(re.compile(rf"clears the screen(.+\n)+{PROMPT}$"))
    machine.type("nonsense\r")
    machine.wait_for_screen("There is no command `nonsense`.")
