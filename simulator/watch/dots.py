"""A picture of dots in a terminal's cells: two by four of them in each (Unicode's braille)."""

from collections.abc import Sequence
from math import floor

from rich.style import Style
from rich.text import Text

_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BLANK = 0x2800


class Dots:
    """So many cells wide and high. Letters lie over dots; what is put first stays below."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns = columns
        self.rows = rows
        self._bits: dict[tuple[int, int], int] = {}
        self._styles: dict[tuple[int, int], str] = {}
        self._letters: dict[tuple[int, int], tuple[str, str]] = {}

    def copy(self) -> "Dots":
        """Another that looks the same."""
        twin = Dots(self.columns, self.rows)
        twin._bits, twin._styles = dict(self._bits), dict(self._styles)
        twin._letters = dict(self._letters)
        return twin

    def line(self, start: tuple[float, float], end: tuple[float, float], style: str) -> None:
        """A straight line between two points, in cells from the upper left corner."""
        steps = int(max(abs(end[0] - start[0]) * 2, abs(end[1] - start[1]) * 4)) + 1
        for step in range(steps + 1):
            share = step / steps
            x = start[0] + share * (end[0] - start[0])
            y = start[1] + share * (end[1] - start[1])
            self.dot(x, y, style)

    def dot(self, x: float, y: float, style: str) -> None:
        """One dot."""
        if 0 <= x < self.columns and 0 <= y < self.rows:
            column, row = int(x), int(y)
            bit = _BITS[int(y * 4) % 4][int(x * 2) % 2]
            self._bits[column, row] = self._bits.get((column, row), 0) | bit
            self._styles[column, row] = style

    def write(self, x: float, y: float, words: str, style: str) -> None:
        """Words from that cell on, over whatever is there."""
        left, row = floor(x), floor(y)
        for at, letter in enumerate(words):
            if 0 <= left + at < self.columns and 0 <= row < self.rows:
                self._letters[left + at, row] = (letter, style)

    def write_beside(self, x: float, y: float, words: str, style: str) -> bool:
        """Words right of a cell or, where others stand there, left of it; False: neither fits."""
        for left in (floor(x) + 1, floor(x) - len(words)):
            if self._free(left, floor(y), len(words)):
                self.write(left, y, words, style)
                return True
        return False

    def text(self) -> Text:
        """All of it."""
        text = Text(no_wrap=True, overflow="crop", end="")
        for row in range(self.rows):
            for words, style in self._runs(row):
                text.append(words, Style.parse(style) if style else None)
            if row + 1 < self.rows:
                text.append("\n")
        return text

    def _free(self, left: int, row: int, length: int) -> bool:
        inside = left >= 0 and left + length <= self.columns and 0 <= row < self.rows
        return inside and not any((left + at, row) in self._letters for at in range(length))

    def _runs(self, row: int) -> Sequence[tuple[str, str]]:
        """Neighbours of one style together."""
        runs: list[tuple[str, str]] = []
        for column in range(self.columns):
            letter, style = self._cell(column, row)
            if runs and runs[-1][1] == style:
                runs[-1] = (runs[-1][0] + letter, style)
            else:
                runs.append((letter, style))
        return runs

    def _cell(self, column: int, row: int) -> tuple[str, str]:
        place = column, row
        if place in self._letters:
            return self._letters[place]
        if place in self._bits:
            return chr(_BLANK + self._bits[place]), self._styles[place]
        return " ", ""
