"""Space that is kept for alerts: a file beside the database, let go when the disk is full."""

import os
from pathlib import Path

_TWICE = 2


class Reserve:
    """`size` bytes in the file at `path`: real blocks, so that letting go of them makes space."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._size = size

    @property
    def held(self) -> bool:
        """Whether there is something to let go of."""
        try:
            return self._path.stat().st_size >= self._size
        except OSError:
            return False

    def take(self) -> bool:
        """Fill the file. False when the disk has not twice as much: the rest is for others."""
        if self.held:
            return True
        try:
            disk = os.statvfs(self._path.parent)
            if disk.f_bavail * disk.f_frsize < _TWICE * self._size:
                return False
            self._fill()
        except OSError:
            self.release()
            return False
        return True

    def release(self) -> bool:
        """Give the space to whoever writes next. False when there was none, or no disk."""
        held = self.held
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            return False
        return held

    def _fill(self) -> None:
        if not self._size:
            return
        file = os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            os.posix_fallocate(file, 0, self._size)
        finally:
            os.close(file)
