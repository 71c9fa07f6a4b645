"""Reads several file descriptors at once, as bytes arrive, and keeps everything that came.

Nothing here sleeps: a wait ends when the awaited text is there, when its source is closed, or at its deadline.
"""

import os
import re
import selectors
import time


class Streams:
    def __init__(self, **descriptors):
        """Takes over the named descriptors; close() closes them."""
        self._selector = selectors.DefaultSelector()
        self._bytes = {}
        for name, descriptor in descriptors.items():
            os.set_blocking(descriptor, False)
            self._bytes[name] = bytearray()
            self._selector.register(descriptor, selectors.EVENT_READ, name)

    def text(self, name):
        return self._bytes[name].decode("utf-8", "replace").replace("\r\n", "\n")

    def forget(self, name):
        """Drops what came so far."""
        self._bytes[name].clear()

    def is_open(self, name):
        return any(key.data == name for key in self._selector.get_map().values())

    def read(self, timeout):
        """Waits up to `timeout` seconds for bytes on any stream; False if none came."""
        events = self._selector.select(timeout) if self._selector.get_map() else []
        for key, _ in events:
            try:
                data = os.read(key.fd, 65536)
            except BlockingIOError:
                continue
            except OSError:  # the other side of a terminal is gone
                data = b""
            self._bytes[key.data] += data
            if not data:
                self._selector.unregister(key.fd)
                os.close(key.fd)
        return bool(events)

    def wait_for(self, name, pattern, timeout, start=0, quiet=None):
        """The first match of `pattern` (a string, or a compiled expression) in the text of `name` from `start` on.

        None at the deadline, or when the stream ended without it. `quiet`, if given, is called about once a second while
        nothing comes; when it answers True nothing ever will, and the wait ends.
        """
        expression = re.compile(re.escape(pattern)) if isinstance(pattern, str) else pattern
        deadline = time.monotonic() + timeout
        while True:
            match = expression.search(self.text(name), start)
            left = deadline - time.monotonic()
            if match or left <= 0 or not self.is_open(name):
                return match
            if not self.read(min(left, 1)) and quiet and quiet() and not self.read(0):  # last words, said meanwhile
                return None

    def close(self):
        for key in list(self._selector.get_map().values()):
            self._selector.unregister(key.fd)
            os.close(key.fd)
        self._selector.close()
