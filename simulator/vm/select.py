"""Stand-in for `select`: every wait of asyncio is a wait on the simulator's line."""

import _bus
from uselect import POLLERR, POLLHUP, POLLIN, POLLOUT

_MP_STREAM_POLL = 3

__all__ = ("POLLERR", "POLLHUP", "POLLIN", "POLLOUT", "poll")


class _Poll:
    """Polls stand-ins, which are Python streams, and so are asked through their ioctl."""

    def __init__(self) -> None:
        self._entries = {}

    def register(self, stream, eventmask: int = POLLIN | POLLOUT) -> None:
        self._entries[id(stream)] = [stream, eventmask]

    def unregister(self, stream) -> None:
        self._entries.pop(id(stream), None)

    def modify(self, stream, eventmask: int) -> None:
        self._entries[id(stream)][1] = eventmask

    def ipoll(self, timeout_ms: int = -1, flags: int = 0):
        ready = self._ready()
        if ready:
            return ready
        _bus.bus.wait(timeout_ms)
        return self._ready()

    def poll(self, timeout_ms: int = -1, flags: int = 0):
        return list(self.ipoll(timeout_ms, flags))

    def _ready(self):
        ready = []
        for stream, mask in self._entries.values():
            happened = stream.ioctl(_MP_STREAM_POLL, mask)
            if happened:
                ready.append((stream, happened))
        return ready


def poll() -> _Poll:
    return _Poll()
