"""As much of gdb's remote protocol as it takes to stop a machine of QEMU's at an address."""

import socket
import subprocess
from collections import Counter


def symbols(path):
    """The addresses in an ELF file, by name; without names that two functions have."""
    lines = subprocess.run(["nm", path], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    words = [line.split() for line in lines if len(line.split()) == 3]
    count = Counter(name for *_, name in words)
    return {name: int(address, 16) for address, _, name in words if count[name] == 1}


class Gdb:
    """Listens for QEMU; start QEMU stopped (-S) with options(), then call accept()."""

    def __init__(self, directory, timeout):
        self._path = str(directory / "gdb.sock")
        self._timeout = timeout
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self._path)
        self._listener.listen()
        self._connection = None

    def options(self):
        return ["-S", "-chardev", f"socket,id=gdb,path={self._path}", "-gdb", "chardev:gdb"]

    def accept(self):
        self._listener.settimeout(self._timeout)
        self._connection, _ = self._listener.accept()
        self._connection.settimeout(self._timeout)

    def run_to(self, address):
        """Lets the machine run until it is about to execute the instruction at `address`."""
        breakpoint = f"1,{address:x},1"  # a hardware one: nothing is written into the guest
        self._ask(f"Z{breakpoint}")
        self._ask("c")
        self._ask(f"z{breakpoint}")

    def write(self, address, data):
        self._ask(f"M{address:x},{len(data):x}:{data.hex()}")

    def step(self):
        """Lets the machine execute one instruction."""
        self._ask("s")

    def instruction(self):
        """The address of the next one."""
        registers = bytes.fromhex(self._ask("g"))
        return int.from_bytes(registers[16 * 8 : 17 * 8], "little")  # behind the sixteen general ones

    def go(self):
        """Lets the machine run."""
        self._send("c")

    def stop(self):
        """Stops the machine that runs."""
        self._connection.sendall(b"\x03")
        self._answer("\x03")

    def _send(self, packet):
        data = packet.encode()
        self._connection.sendall(b"+$" + data + b"#%02x" % (sum(data) % 256))

    def _ask(self, packet):
        self._send(packet)
        return self._answer(packet)

    def _answer(self, packet):
        answer = b""
        while b"#" not in answer[:-2]:  # two digits of checksum follow it
            answer += self._connection.recv(4096)
        if b"$E" in answer or b"$#" in answer:
            raise RuntimeError(f"gdb stub: {packet} was answered by {answer}")
        return answer.split(b"$")[-1].split(b"#")[0].decode()

    def close(self):
        self._listener.close()
        if self._connection:
            self._connection.close()
