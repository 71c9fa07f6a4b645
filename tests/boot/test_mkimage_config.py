"""mkimage config: prints, takes, edits; refuses what has a mistake; cut off anywhere, it leaves the old or the new one."""

import errno
import os
import random
import struct
import subprocess

import pexpect
import pytest
from conftest import ROOT
from image import BLOCK, CONFIG, SECTOR, Image, crc32c
from test_update import recorded, recorder, states  # noqa: F401 (a fixture)

OLD = "cmdline=some words\n"
NEW = f"# two {'-' * 2000}\ntimeout = 5\n\n[one]\n[two]\ncmdline = x\nmodules = m\n"


@pytest.fixture
def shop(shop):
    shop.write("m", b"module")
    shop.build("--cmdline", "some words", "--module", f"m={shop.directory / 'm'}", "--no-data")
    return shop


def configure(shop, *arguments, **options):
    return shop.run("config", str(shop.image), *arguments, timeout=60, **options)


def in_use(data, region):
    """The text of the first copy that is whole, by the rules of include/format/image.h."""
    for at in (region.start, region.start + BLOCK):
        magic, size, crc, zero = CONFIG.unpack_from(data, at)
        text = data[at + CONFIG.size : at + CONFIG.size + size]
        if crc == crc32c(struct.pack("<IIII", magic, size, 0, zero) + text):
            return text.decode()
    return None


def test_an_image_is_made_with_a_configuration(build, shop):
    """As `make CONFIG=FILE` does."""
    made = shop.directory / "made.img"
    parts = [build / f"{part}.bin" for part in ("stage1", "stage2", "kernel")]
    config = {**os.environ, "CONFIG": str(shop.write("new.cfg", OLD.encode()))}
    subprocess.run([ROOT / "tools" / "make_image.sh", build / "mkimage", made, *parts], env=config, check=True)
    assert shop.run("config", str(made)).stdout == OLD


def test_prints_and_takes(shop):
    assert configure(shop).stdout == OLD
    path = shop.write("new.cfg", NEW.encode())
    assert configure(shop, str(path)).stdout == "2 entries; one is started after 5 seconds\n"
    assert configure(shop).stdout == NEW
    assert shop.verify().returncode == 0
    assert "configuration: [two]\n" in shop.verify().stdout
    assert configure(shop, "-", input=OLD.rstrip("\n")).stdout == "1 entry; Cairn is started\n"
    image = Image(shop.image)
    assert configure(shop).stdout == OLD == in_use(image.bytes, image.config)
    first, second = (image.bytes[copy.start : copy.end] for copy in image.configs())
    assert first == second


@pytest.mark.parametrize(
    "text, why",
    [
        ("[a]\nmodules = m n\n", "2: 'n' is no module of this image"),
        ("timeout = soon\n", "1: 'soon' is no number of seconds from 0 to 3600"),
        ("\n\n[a]\nwhat\n", "4: 'what' is neither NAME = VALUE nor [ENTRY]"),
        ("cmdline = a\rb\n", "1: a control character"),
        ("# Gr\u00fc\u00dfe\n[\u00c4]\n", "2: outside of comments all characters are ASCII"),
        ("x" * 4000, f"1: '{'x' * 40}...' is neither NAME = VALUE nor [ENTRY]"),
        ("", " is empty"),
        ("#" * 4081, " is longer than 4080 bytes"),
        ("#\n" * 10000, " is longer than 4080 bytes"),
    ],
)
def test_refuses_mistakes(shop, text, why):
    before = shop.image.read_bytes()
    path = shop.write("new.cfg", text.encode())
    for argument, name, given in ((str(path), str(path), None), ("-", "standard input", text)):
        result = configure(shop, argument, input=given)
        assert (result.returncode, result.stdout, result.stderr) == (1, "", f"mkimage: {name}:{why}\n")
    assert shop.image.read_bytes() == before


def test_other_systems_texts(shop):
    """A byte order mark, carriage returns, hints that somebody kept; the longest text there may be."""
    text = "\ufeff# \u00c4\r\n[a]\r\n#: hint\r\ncmdline = x"
    assert configure(shop, "-", input=text).returncode == 0
    assert configure(shop).stdout == "# \u00c4\n[a]\ncmdline = x\n"
    for longest in ("#" * 4080, "#" * 4079 + "\n", "#" * 4080 + "\n"):
        assert configure(shop, "-", input=longest).returncode == 0
        assert configure(shop).stdout == longest[:4080]
    child = edit(shop, "true")  # the hints begin a line of their own
    child.expect(pexpect.EOF)
    child.close()
    assert (child.exitstatus, configure(shop).stdout) == (0, "#" * 4080)


def test_built_with(shop):
    """An image has its configuration from the start, if that suits it."""
    path = shop.write("new.cfg", NEW.encode())
    shop.build("--config", path, "--module", f"m={shop.directory / 'm'}", "--no-data")
    assert configure(shop).stdout == NEW
    first, second = (Image(shop.image).bytes[copy.start : copy.end] for copy in Image(shop.image).configs())
    assert first == second
    shop.refuse(f"{path}:7: 'm' is no module of this image", *shop.arguments("--config", path))
    shop.refuse("--cmdline: belongs into the file of --config", *shop.arguments("--config", path, "--cmdline", "x"))
    shop.refuse(f"{shop.image}: is an input and the output at once", *shop.arguments("--config", shop.image))
    shop.refuse(f"{shop.directory}: Is a directory", *shop.arguments("--config", shop.directory))


def test_refuses(shop):
    shop.refuse("config: takes an image, and a file if it is not to be edited", "config")
    shop.refuse("--print: unknown option; mkimage --help lists them", "config", "--print")
    shop.refuse(f"{shop.directory}/none: No such file or directory", "config", str(shop.image), f"{shop.directory}/none")
    data = bytearray(shop.image.read_bytes())
    for copy in Image(shop.image).configs():
        data[copy.start + CONFIG.size] ^= 1
    shop.image.write_bytes(data)
    shop.refuse(f"{shop.image}: no copy of the configuration is whole", "config", str(shop.image))
    assert configure(shop, "-", input=NEW).returncode == 0  # that mends it
    assert configure(shop).stdout == NEW


def edit(shop, script, **more):
    """mkimage config at a terminal, with a shell script as the editor."""
    editor = shop.write("editor", f"#!/bin/sh\n{script}\n".encode())
    editor.chmod(0o755)
    environment = {**os.environ, "EDITOR": f"{editor} --", "TMPDIR": str(shop.directory), "D": str(shop.directory), **more}
    environment.pop("VISUAL", None)
    return pexpect.spawn(str(shop.mkimage), ["config", str(shop.image)], env=environment, encoding="utf-8", timeout=30)


def test_edits(shop):
    """What the editor leaves is taken, without the hints; `EDITOR` may be several words."""
    child = edit(shop, 'cp "$2" "$D/draft" && sed -i s/some/other/ "$2"')
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert configure(shop).stdout == "cmdline=other words\n"
    draft = (shop.directory / "draft").read_text()
    assert draft.startswith(OLD) and all(line.startswith("#:") for line in draft[len(OLD) :].splitlines())
    assert not list(shop.directory.glob("cairn-config*"))


def test_edits_again_or_gives_up(shop):
    child = edit(shop, 'echo "x" >>"$2"; [ ! -e "$D/second" ] || echo "[good]" >"$2"; : >"$D/second"')
    child.expect(r"mkimage: \S+:2: 'x' is neither NAME = VALUE nor \[ENTRY\]\r\nEdit it again\? \[Y/n\] ")
    child.sendline("")
    child.expect(pexpect.EOF)
    child.close()
    assert (child.exitstatus, configure(shop).stdout) == (0, "[good]\n")
    child = edit(shop, 'echo "y" >>"$2"')
    child.expect(r"Edit it again\? \[Y/n\] ")
    child.sendline("n")
    assert kept_by(child, "nothing was written").startswith("[good]\n")
    assert (child.exitstatus, configure(shop).stdout) == (1, "[good]\n")


def kept_by(child, reason):
    """What was edited and is not in the image, when mkimage has said why."""
    child.expect(reason + r"\r\nmkimage: what was edited is kept in (\S+)\r\n")
    with open(child.match[1]) as kept:
        text = kept.read()
    child.expect(pexpect.EOF)
    child.close()
    return text


def test_what_was_edited_is_not_lost(shop, recorder):  # noqa: F811
    """The editor dies the second time; the image cannot be written, after text and hints were."""
    child = edit(shop, '[ ! -e "$D/second" ] || exit 3; : >"$D/second"; echo "long thought of" >"$2"')
    child.expect(r"Edit it again\? \[Y/n\] ")
    child.sendline("")
    assert kept_by(child, "did not end well; nothing was written") == "long thought of\n"
    names = {"LD_PRELOAD": str(recorder), "RECORD": str(shop.directory / "record"), "FAIL_AT": "3", "FAIL_ERROR": str(errno.EIO)}
    child = edit(shop, 'echo "[good]" >"$2"', **names)
    assert kept_by(child, os.strerror(errno.EIO)) == "[good]\n"
    assert (child.exitstatus, configure(shop).stdout) == (1, OLD)


def test_editor_fails(shop):
    child = edit(shop, 'echo "[z]" >"$2"; exit 3')
    child.expect("did not end well; nothing was written")
    child.expect(pexpect.EOF)
    child.close()
    assert (child.exitstatus, configure(shop).stdout) == (1, OLD)
    child = edit(shop, 'trap "exit 4" INT; echo waits; while :; do sleep 1; done')
    child.expect("waits")
    child.sendintr()  # is for the editor
    child.expect("did not end well; nothing was written")
    child.expect(pexpect.EOF)
    child.close()
    assert (child.exitstatus, configure(shop).stdout) == (1, OLD)
    for draft in shop.directory.glob("cairn-config*"):
        draft.unlink()
    child = edit(shop, "exit 127")  # as the shell, when there is no such editor
    child.expect("did not end well; nothing was written\r\n")
    child.expect(pexpect.EOF)
    child.close()
    assert "kept" not in child.before and not list(shop.directory.glob("cairn-config*"))


def record(shop, recorder, text):  # noqa: F811
    names = {"LD_PRELOAD": str(recorder), "RECORD": str(shop.directory / "record")}
    assert configure(shop, "-", input=text, environment=names).returncode == 0
    return recorded(shop.directory)


def test_cut_off_anywhere(shop, recorder):  # noqa: F811
    """Every prefix of the sectors, and random choices of those nobody waited for; and then the same command again."""
    dice = random.Random(int(os.environ["CAIRN_SEED"]))
    before = shop.image.read_bytes()
    region = Image(shop.image).config
    stretches = record(shop, recorder, NEW)
    assert [len(sectors) for sectors in stretches] == [BLOCK // SECTOR] * 2
    shop.image.write_bytes(before)
    seen = []
    for where in states(shop.image, stretches, dice, subsets=20):
        text = in_use(shop.image.read_bytes(), region)
        assert text in (OLD, NEW), where
        seen.append(text)
        if where == "stretch 1, 3 of 8 sectors":
            broken = shop.image.read_bytes()
            assert configure(shop).stdout == NEW
            assert shop.verify().returncode == 1
            assert configure(shop, "-", input=NEW).returncode == 0
            assert shop.verify().returncode == 0
            shop.image.write_bytes(broken)
    assert seen[0] == OLD and seen[-1] == NEW


def test_copy_in_use_is_written_last(shop, recorder):  # noqa: F811
    """Also where the first copy is damaged, and the second one is in use."""
    image = Image(shop.image)
    image.flip(image.config.start)
    image.save(shop.image)
    stretches = record(shop, recorder, NEW)
    assert [sectors[0][0] for sectors in stretches] == [image.config.start, image.config.start + BLOCK]


def test_image_in_use(shop):
    holder = subprocess.Popen(
        ["python3", "-c", "import fcntl,sys; f=open(sys.argv[1],'r+b'); fcntl.lockf(f,fcntl.LOCK_EX); print('x',flush=True); input()",
         shop.image], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout.readline()
    result = configure(shop, "-", input=NEW)
    holder.communicate(b"\n")
    assert (result.returncode, result.stderr) == (1, f"mkimage: {shop.image}: is in use by another program\n")
