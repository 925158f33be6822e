"""The bytes between badge, gateway and desk; runs on CPython and MicroPython alike.

Pure functions: no clock, no input or output, no cipher of its own. A cipher
comes in as a *block function*: it takes a multiple of 16 bytes and returns
their AES-128-ECB encryption under one key. See docs/protocol.md.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    BlockCipher = Callable[[bytes], bytes]


class WireError(ValueError):
    """Bytes that break the protocol; the only error this package raises for them.

    `reason` is a short fixed word that counters use; the text adds what was wrong.
    """

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason
