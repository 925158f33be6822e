"""What somebody with a scanner and no key can tell of a badge's frames."""

from collections import deque

FRAMES = 8  # by chance a byte is the same in so many once in 2**56
_FRAME_AT = 7  # what comes before is in every advertisement: flags, and whose data this is


class Outsider:
    """Hears every frame of one badge."""

    def __init__(self) -> None:
        self._frames: deque[bytes] = deque(maxlen=FRAMES)

    def hear(self, payload: bytes) -> tuple[int, ...]:
        """Which bytes of the frame were the same in all of the last eight."""
        self._frames.append(payload[_FRAME_AT:])
        if len(self._frames) < FRAMES:
            return ()
        columns = enumerate(zip(*self._frames, strict=True))
        return tuple(at for at, column in columns if len(set(column)) == 1)
