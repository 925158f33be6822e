"""A ring of log lines on flash. Safe against power loss: a line is there wholly or not at all.

Two files in turn: when the newer is full, the older is emptied and becomes the newer. Each
file begins with a line that numbers it, so that their order survives a reset.

Write neither keys nor positions: whoever has the cable can read the log.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

FILE_BYTES = 4_000  # one block of flash, less what LittleFS keeps there itself
LINE_CHARACTERS = 120
_END = 2  # of seek


class Log:
    """The log in a directory of the flash."""

    def __init__(self, directory: str) -> None:
        self._paths = (directory + "/log.0", directory + "/log.1")
        numbers = [_number(path) for path in self._paths]
        self._newer = 1 if numbers[1] > numbers[0] else 0
        self._sequence = max(numbers)
        self._length = _length(self._paths[self._newer])

    def write(self, text: str) -> bool:
        """Adds a line: cut to 120 characters, control characters as spaces.

        False when the flash is full or broken: a log must never stop a badge.
        """
        clean = "".join([c if c >= " " else " " for c in text[:LINE_CHARACTERS]])
        line = clean.encode() + b"\n"
        try:
            if not self._sequence or self._length + len(line) > FILE_BYTES:
                self._turn()
            with open(self._paths[self._newer], "ab") as file:
                file.write(line)
        except OSError:
            return False
        self._length += len(line)
        return True

    def lines(self) -> "Iterator[str]":
        """Every line kept, the oldest first."""
        for path in (self._paths[1 - self._newer], self._paths[self._newer]):
            try:
                with open(path, "rb") as file:
                    file.readline()  # its number
                    for line in file:
                        yield _text(line)
            except OSError:
                pass  # never written

    def _turn(self) -> None:
        older = 1 - self._newer
        heading = b"%d\n" % (self._sequence + 1)
        with open(self._paths[older], "wb") as file:
            file.write(heading)
        self._newer = older
        self._sequence += 1
        self._length = len(heading)


def _number(path: str) -> int:
    """Of a file of the ring, 0 when there is none or it is damaged."""
    try:
        with open(path, "rb") as file:
            heading = file.readline()
            return int(heading) if heading.endswith(b"\n") else 0
    except (OSError, ValueError):
        return 0


def _length(path: str) -> int:
    """Of the newer file; as if full, when its last line has no end and so can take no other."""
    try:
        with open(path, "rb") as file:
            length: int = file.seek(0, _END)
            if not length:
                return 0
            file.seek(length - 1)
            return length if file.read(1) == b"\n" else FILE_BYTES
    except OSError:
        return 0


def _text(line: bytes) -> str:
    try:
        return line.decode().rstrip("\n")
    except ValueError:
        return "(a damaged line)"
