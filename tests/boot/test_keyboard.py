"""Keys: pressed through QEMU's keyboard, typed at the serial port, and what the test kernel's word `keys` says of them."""

import re

import pytest
from image import Image
from qemu import PASSED, command_line, drive
from words import LAST_LINE

READY = "keys: press them\n"
NO_KEYBOARD = "keys: press them, there is only the serial port\n"
EVENT = re.compile(r"^key (..) U\+([0-9A-F]{4,}) modifiers (.+) (press|repeat|release) (keyboard|serial)\n", re.MULTILINE)
MARK = re.compile(r"^key 01 U\+0000 modifiers 0 release keyboard\n", re.MULTILINE)
CONTROL_D = "U+0004"
INJECTED = re.compile(r"^inject: (\d+) scancodes, (\d+) interrupts, (\d+) keys as they were, (\d+) dropped, (\d+) halts\n", re.M)
OVERFLOWN = re.compile(r"^overflow: (\d+) scancodes, room for (\d+), (\d+) dropped, (\d+) keys as they were\n", re.M)

SHIFT, CONTROL, ALT, ALT_GR = 1, 2, 4, 8

# QEMU's names for the keys that type characters, row by row, and what is printed on them: alone, with Shift, with AltGr
# (blank: nothing). These are the layouts as people see them, typed in from their standards.
ROWS = (
    "grave_accent 1 2 3 4 5 6 7 8 9 0 minus equal".split()
    + "q w e r t y u i o p bracket_left bracket_right".split()
    + "a s d f g h j k l semicolon apostrophe backslash".split()
    + "less z x c v b n m comma dot slash".split()
)
LAYOUTS = {
    "us": (
        r"`1234567890-=qwertyuiop[]asdfghjkl;'\<zxcvbnm,./",
        r'~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"|>ZXCVBNM<>?',
        None,
    ),
    "uk": (
        r"`1234567890-=qwertyuiop[]asdfghjkl;'#\zxcvbnm,./",
        r'¬!"£$%^&*()_+QWERTYUIOP{}ASDFGHJKL:@~|ZXCVBNM<>?',
        r"|   €                                           ",
    ),
    "de": (
        r"^1234567890ß´qwertzuiopü+asdfghjklöä#<yxcvbnm,.-",
        r"°!" + '"' + r"§$%&/()=?`QWERTZUIOPÜ*ASDFGHJKLÖÄ'>YXCVBNM;:_",
        r"  ²³   {[]}\ @ €        ~            |      µ   ",
    ),
    "fr": (
        "²&é\"'(-è_çà)=azertyuiop^$qsdfghjklmù*<wxcvbn,;:!",
        "~1234567890°+AZERTYUIOP¨£QSDFGHJKLM%µ>WXCVBN?./§",
        r"  ~#{[|`\^@]}  €        ¤                       ",
    ),
}
DEAD = {"de": {"^": "ô", "´": "ó", "`": "ò"}, "fr": {"^": "ô", "¨": "ö"}}

# The others, by the number that include/dev/input.h has for them.
OTHER_KEYS = {
    "backspace": 0x0E, "tab": 0x0F, "ret": 0x1C, "ctrl": 0x1D, "shift": 0x2A, "shift_r": 0x36,
    "kp_multiply": 0x37, "alt": 0x38, "spc": 0x39, "caps_lock": 0x3A, "f1": 0x3B, "f2": 0x3C, "f3": 0x3D, "f4": 0x3E,
    "f5": 0x3F, "f6": 0x40, "f7": 0x41, "f8": 0x42, "f9": 0x43, "f10": 0x44, "scroll_lock": 0x46,
    "kp_7": 0x47, "kp_8": 0x48, "kp_9": 0x49, "kp_subtract": 0x4A, "kp_4": 0x4B, "kp_5": 0x4C, "kp_6": 0x4D, "kp_add": 0x4E,
    "kp_1": 0x4F, "kp_2": 0x50, "kp_3": 0x51, "kp_0": 0x52, "kp_decimal": 0x53, "f11": 0x57, "f12": 0x58,
    "kp_equals": 0x59, "ro": 0x73, "henkan": 0x79, "muhenkan": 0x7B, "yen": 0x7D, "kp_comma": 0x7E, "audioprev": 0x90,
    "audionext": 0x99, "kp_enter": 0x9C, "ctrl_r": 0x9D, "audiomute": 0xA0, "calculator": 0xA1, "audioplay": 0xA2,
    "audiostop": 0xA4, "volumedown": 0xAE, "volumeup": 0xB0, "ac_home": 0xB2, "kp_divide": 0xB5, "print": 0xB7,
    "alt_r": 0xB8, "pause": 0xC5, "home": 0xC7, "up": 0xC8, "pgup": 0xC9, "left": 0xCB, "right": 0xCD, "end": 0xCF,
    "down": 0xD0, "pgdn": 0xD1, "insert": 0xD2, "delete": 0xD3, "meta_l": 0xDB, "meta_r": 0xDC, "compose": 0xDD,
    "power": 0xDE, "sleep": 0xDF, "wake": 0xE3, "ac_bookmarks": 0xE6, "ac_refresh": 0xE7, "ac_forward": 0xE9,
    "ac_back": 0xEA, "computer": 0xEB, "mail": 0xEC, "mediaselect": 0xED, "num_lock": 0x45,
}  # fmt: skip


def start(qemu, test_image, words="", *options, ready=READY):
    machine = qemu(*drive(test_image), *options, *command_line(f"{words} keys"))
    machine.wait_for(ready)
    return machine


def events(machine, start=0):
    """(key, character, modifiers, action, source) of everything since then."""
    found = EVENT.findall(machine.log()[start:])
    return [(int(key, 16), chr(int(code, 16)), int(held, 16), what, who) for key, code, held, what, who in found]


def press_all(machine, chords):
    """Presses each of the chords, then Escape, so that the end is seen; the events in between.

    One after the other: QEMU's keyboard keeps 16 bytes, and what comes while nobody runs the guest is lost.
    """
    start = at = len(machine.log())
    for chord in [*chords, ("esc",)]:
        machine.press(*chord)
        for _ in chord:
            at = machine.wait_for("release keyboard\n", start=at).end()
    machine.wait_for(MARK, start=start)
    return events(machine, start)[:-2]


def typed(machine, chords):
    """The characters that they type."""
    return "".join(character for _, character, _, what, _ in press_all(machine, chords) if what == "press" and character != "\0")


def test_every_character_of_a_layout(qemu, test_image):
    """All in one machine, which is told the next layout by starting anew: a start is quick."""
    for layout, levels in LAYOUTS.items():
        machine = start(qemu, test_image, f"keymap={layout}")
        for held, level in zip(((), ("shift",), ("alt_r",)), levels):
            wanted = [(key, character) for key, character in zip(ROWS, level or "", strict=level is not None) if character != " "]
            dead = DEAD.get(layout, {}) if held != ("alt_r",) else {}
            chords, text = [], ""
            for key, character in wanted:
                chords.append((*held, key))
                if character in dead:
                    chords += [("spc",), (*held, key), ("o",)]
                text += character + dead.get(character, "")
            assert typed(machine, chords) == text, (layout, held)
        machine.press("ctrl", "d")
        machine.wait_exit()


@pytest.mark.parametrize("scancodes", [1, 2])
def test_every_other_key(qemu, test_image, scancodes):
    """By the controller's scancodes, and by the keyboard's own."""
    machine = start(qemu, test_image, f"scancodes={scancodes}")
    happened = press_all(machine, [(name,) for name in OTHER_KEYS])
    keys = [(key, what) for key, _, _, what, _ in happened]
    assert keys == [(key, what) for key in OTHER_KEYS.values() for what in ("press", "release")]


@pytest.mark.parametrize("scancodes", [1, 2])
def test_modifiers_and_locks(qemu, test_image, scancodes):
    machine = start(qemu, test_image, f"keymap=de scancodes={scancodes}")
    assert typed(machine, [("caps_lock",), ("semicolon",), ("shift", "semicolon"), ("1",), ("caps_lock",), ("semicolon",)]) == "Öö1ö"
    assert typed(machine, [("kp_7",), ("kp_decimal",), ("num_lock",), ("kp_7",), ("num_lock",), ("kp_7",)]) == "7,7"
    assert typed(machine, [("ctrl", "c"), ("ctrl_r", "y")]) == "\x03\x1a"
    held = [what[2] for what in press_all(machine, [("ctrl", "alt", "shift", "f5")])]
    assert max(held) == SHIFT | CONTROL | ALT
    presses = [what[:3:2] for what in press_all(machine, [("alt", "sysrq"), ("ctrl", "pause"), ("shift", "up")]) if what[3] == "press"]
    assert {(0xB7, ALT), (0xC5, CONTROL), (0xC8, SHIFT)} <= set(presses)


def test_the_monitor_changes_the_layout(qemu, image):
    machine = qemu(*drive(image))
    machine.wait_for(LAST_LINE)
    machine.type("keymap de\rkeymap\r")
    machine.wait_for("* de   German\n")
    machine.press("y")
    machine.press("shift", "7")
    machine.press("ret")
    machine.wait_for("There is no command `z/`")


def test_lights(qemu, test_image, tmp_path):
    trace = tmp_path / "trace"
    machine = start(qemu, test_image, "", "-trace", f"ps2_set_ledstate,file={trace}")
    press_all(machine, [("caps_lock",), ("num_lock",), ("scroll_lock",), ("caps_lock",)])
    machine.press("ctrl", "d")
    machine.wait_exit()
    if not trace.exists():
        pytest.skip("this QEMU was built without traces")
    lights = [int(line.split()[-1]) for line in trace.read_text().splitlines()]
    assert lights[-5:] == [2, 6, 4, 5, 1]


def test_an_unknown_layout(qemu, image):
    machine = qemu(*drive(image), *command_line("keymap=dvorak"))
    machine.wait_for('There is no layout "dvorak" for the keyboard. There are: us uk de fr.\n')
    machine.wait_for(LAST_LINE)


@pytest.mark.parametrize("options", [["-M", "pc,i8042=off"], ["-M", "q35,i8042=off"]])
def test_no_controller(qemu, test_image, options):
    machine = start(qemu, test_image, "", *options, ready=NO_KEYBOARD)
    assert re.search(r"^Keyboard: .*no controller", machine.log(), re.MULTILINE)
    machine.type("x\x04")
    machine.wait_for(CONTROL_D)
    assert events(machine)[0] == (0x2D, "x", 0, "press", "serial")


def test_an_old_machine(qemu, test_image):
    machine = start(qemu, test_image, "", "-M", "isapc", "-cpu", "qemu64")
    assert typed(machine, [("shift", "a"), ("b",)]) == "Ab"


def test_typing_at_the_serial_port(qemu, test_image):
    """More than the ring holds: what is pasted waits in the port until there is room."""
    text = "".join(chr(33 + i % 90) for i in range(2000))
    machine = start(qemu, test_image)
    machine.type(text + "é€\r\x1b[A\x1b[5;5~\x04")
    machine.wait_for(CONTROL_D)
    said = events(machine)
    assert {(what, who) for *_, what, who in said} == {("press", "serial")}
    assert "".join(character for _, character, *_ in said[:2003]) == text + "é€\n"
    assert [(key, held) for key, _, held, *_ in said[2003:2005]] == [(0xC8, 0), (0xC9, CONTROL)]


def test_escape_at_the_serial_port(qemu, test_image):
    """An Escape that nothing follows is the key."""
    machine = start(qemu, test_image)
    machine.type("\x1b")
    machine.wait_for("key 01 U+001B modifiers 0 press serial\n")


def test_a_million_scancodes(qemu, test_image):
    machine = qemu(*drive(test_image), *command_line("inject=1000000"))
    sent, interrupts, good, dropped, halts = map(int, machine.wait_for(INJECTED, timeout=120).groups())
    assert (sent, good, dropped) == (1000000, 1000000, 0)
    assert interrupts == 1000000
    assert halts > 0
    machine.wait_exit()
    assert machine.status == PASSED


def test_more_scancodes_than_there_is_room_for(qemu, test_image):
    machine = qemu(*drive(test_image), *command_line("overflow=1000"))
    sent, room, dropped, good = map(int, machine.wait_for(OVERFLOWN).groups())
    assert sent == 1000 and good == room and dropped == sent - room
    machine.wait_for("overflow: goes on\n")


def printed(count):
    """What the word `print` says."""
    return "".join((f"logged {i}\n" if i % 50 == 0 else "") + f"raw {i} of the lines that wait for the wire\n" for i in range(count))


@pytest.mark.parametrize("word", ["print=1000", "print=01000"], ids=["drained", "left alone"])
def test_what_waits_for_the_serial_port(qemu, test_image, word):
    """Raw text goes out by interrupts, lines of the log at once: all of it, in order; also what nobody drains."""
    machine = qemu(*drive(test_image), *command_line(word))
    machine.wait_for("raw 999 of the lines that wait for the wire\n")
    log = machine.log()
    assert log[log.index("logged 0\n") :] == printed(1000)


def test_what_waits_in_bochs(bochs, test_image, tmp_path):
    image = Image(test_image)
    image.set_command_line("print=0100")
    machine = bochs(image.save(tmp_path / "print.img"))
    machine.wait_for("raw 99 of the lines that wait for the wire\n")
    log = machine.log()
    assert log[log.index("logged 0\n") :] == printed(100)


def test_bochs(bochs, test_image, tmp_path):
    image = Image(test_image)
    image.set_command_line("inject=10000")
    machine = bochs(image.save(tmp_path / "inject.img"))
    sent, _, good, dropped, _ = map(int, machine.wait_for(INJECTED).groups())
    assert (sent, good, dropped) == (10000, 10000, 0)
