"""SLIP frames on a serial line (RFC 1055), each between two END bytes."""

_END, _ESCAPE = 0xC0, 0xDB
_MEANS = {0xDC: _END, 0xDD: _ESCAPE}


def slip(content: bytes) -> bytes:
    """The frame of this content."""
    escaped = content.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
    return b"\xc0" + escaped + b"\xc0"


class SlipReader:
    """Frames out of a stream of bytes in any chunking."""

    def __init__(self) -> None:
        self._frame: bytearray | None = None  # None between frames
        self._escaped = False

    def feed(self, chunk: bytes) -> tuple[list[bytes], bytes]:
        """The frames that end in the chunk, and the bytes that were in none."""
        frames: list[bytes] = []
        between = bytearray()
        for octet in chunk:
            if self._frame is None:
                if octet == _END:
                    self._frame = bytearray()
                else:
                    between.append(octet)
            elif octet == _END:
                if self._frame:
                    frames.append(bytes(self._frame))
                    self._frame = None
            else:
                self._take(self._frame, octet)
        return frames, bytes(between)

    def _take(self, frame: bytearray, octet: int) -> None:
        if self._escaped:
            frame.append(_MEANS.get(octet, octet))
        elif octet != _ESCAPE:
            frame.append(octet)
        self._escaped = octet == _ESCAPE and not self._escaped
