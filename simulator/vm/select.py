"""Stand-in for `select`: every wait is a wait on the simulator's line too."""

import _bus
import uselect
from uselect import POLLERR, POLLHUP, POLLIN, POLLOUT

_MP_STREAM_POLL = 3

__all__ = ("POLLERR", "POLLHUP", "POLLIN", "POLLOUT", "poll")


class _Poll:
    """Polls Python streams, which are asked through their ioctl, and files of the machine."""

    def __init__(self) -> None:
        self._entries = {}
        self._files = {}
        self._machine = uselect.poll()

    def register(self, stream, eventmask: int = POLLIN | POLLOUT) -> None:
        if hasattr(stream, "ioctl"):
            self._entries[id(stream)] = [stream, eventmask]
        else:
            self._files[id(stream)] = [stream, eventmask]
            self._machine.register(stream, eventmask)

    def unregister(self, stream) -> None:
        self._entries.pop(id(stream), None)
        if self._files.pop(id(stream), None):
            self._machine.unregister(stream)

    def modify(self, stream, eventmask: int) -> None:
        entries = self._entries if id(stream) in self._entries else self._files
        entries[id(stream)][1] = eventmask
        if entries is self._files:
            self._machine.modify(stream, eventmask)

    def ipoll(self, timeout_ms: int = -1, flags: int = 0):
        ready = self._ready()
        if ready:
            return ready
        for stream, mask in self._files.values():
            _bus.bus.watch(stream, mask)
        _bus.bus.wait(timeout_ms)
        for stream, _ in self._files.values():
            _bus.bus.unwatch(stream)
        return self._ready()

    def poll(self, timeout_ms: int = -1, flags: int = 0):
        return list(self.ipoll(timeout_ms, flags))

    def _ready(self):
        ready = list(self._machine.poll(0)) if self._files else []
        for stream, mask in self._entries.values():
            happened = stream.ioctl(_MP_STREAM_POLL, mask)
            if happened:
                ready.append((stream, happened))
        return ready


def poll() -> _Poll:
    return _Poll()
