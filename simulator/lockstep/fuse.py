"""Where a process can die: before and after each thing that it does to the world."""


class KilledError(Exception):
    """The process is gone, at this very point: kill -9, or the power."""


class Fuse:
    """Burns down by one at each point at which the process may die; dies at the last one.

    Disk writes are two such points, before and after, and each message sent is one.
    """

    def __init__(self) -> None:
        self._left: int | None = None
        self.points = 0

    def light(self, points: int) -> None:
        """Die at the so-manieth point from now, from 1."""
        self._left = points

    def put_out(self) -> None:
        """It will not die by this."""
        self._left = None

    def burn(self) -> None:
        """A point. Raises KilledError where it ends."""
        self.points += 1
        if self._left is None:
            return
        self._left -= 1
        if self._left <= 0:
            self._left = None
            raise KilledError
