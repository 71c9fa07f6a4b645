"""A client of QEMU's machine protocol: one JSON object per line, answers in order, events in between."""

import json
import socket


class QmpError(Exception):
    pass


class Qmp:
    def __init__(self, connection, timeout):
        """Takes over a connected socket on which QEMU is about to greet."""
        self.events = []  # every event so far, oldest first
        self._socket = connection
        self._socket.settimeout(timeout)
        self._buffer = b""
        self._asked = 0
        self._receive()  # the greeting
        self.execute("qmp_capabilities")

    def _receive(self):
        while b"\n" not in self._buffer:
            data = self._socket.recv(65536)
            if not data:
                raise QmpError("QEMU closed the connection")
            self._buffer += data
        line, self._buffer = self._buffer.split(b"\n", 1)
        return json.loads(line)

    def execute(self, command, **arguments):
        """The command's return value. Raises QmpError if QEMU refuses or is gone.

        An answer that comes too late for who asked is recognised by its number, and dropped.
        """
        self._asked += 1
        question = {"execute": command, "arguments": arguments, "id": self._asked}
        try:
            self._socket.sendall(json.dumps(question).encode() + b"\n")
            while True:
                message = self._receive()
                if "event" in message:
                    self.events.append(message)
                elif message.get("id") != self._asked:
                    continue
                elif "error" in message:
                    raise QmpError(f"{command}: {message['error']['desc']}")
                elif "return" in message:
                    return message["return"]
        except socket.timeout:
            raise QmpError(f"{command}: no answer") from None
        except OSError as error:
            raise QmpError(f"{command}: {error}") from None

    def human(self, line):
        """What QEMU's monitor prints for `line`."""
        return self.execute("human-monitor-command", **{"command-line": line})

    def drain(self):
        """Reads the events that are left once QEMU has ended."""
        try:
            while True:
                message = self._receive()
                if "event" in message:
                    self.events.append(message)
        except (OSError, QmpError):
            pass

    def close(self):
        self._socket.close()
