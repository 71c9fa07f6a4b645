"""mkimage with a directory to work in."""

import os
import subprocess

import parts


class Workshop:
    """A directory with all parts of an image in it, and mkimage to put them together."""

    def __init__(self, mkimage, directory):
        self.mkimage = mkimage
        self.directory = directory
        self.image = directory / "out.img"
        self.modules = []
        self.write("stage1", parts.stage1())
        self.write("stage2", parts.stage2())
        self.write("kernel", parts.kernel())
        self.inputs = set(directory.iterdir())

    def write(self, name, data):
        path = self.directory / name
        path.write_bytes(data)
        return path

    def arguments(self, *more, **replaced):
        """The usual ones; `replaced` gives another file for stage1, stage2, kernel or the output (o), or None to leave it out."""
        names = {"o": self.image, **{name: self.directory / name for name in ("stage1", "stage2", "kernel")}, **replaced}
        usual = [("-o" if name == "o" else f"--{name}", path) for name, path in names.items() if path is not None]
        return [str(word) for pair in usual for word in pair] + [str(word) for word in more]

    def run(self, *arguments, environment=None, **options):
        clean = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
        return subprocess.run(
            [self.mkimage, *arguments], capture_output=True, text=True, env={**clean, **(environment or {})}, **options
        )

    def build(self, *more, **options):
        result = self.run(*self.arguments(*more), **options)
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
        return self.image

    def verify(self, path=None):
        return self.run("verify", str(path or self.image))

    def refuse(self, reason, *arguments, **options):
        """Expects exit status 1, the reason on stderr, and the directory as it was."""
        before = {path: path.stat().st_mtime_ns for path in self.directory.iterdir()}
        result = self.run(*arguments, **options)
        assert result.returncode == 1, result
        assert result.stdout == ""
        assert result.stderr == f"mkimage: {reason}\n"
        assert {path: path.stat().st_mtime_ns for path in self.directory.iterdir()} == before
