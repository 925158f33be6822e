"""Words on a picture: text, leader lines, dots. The only module that knows Pillow."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    Pixel = tuple[float, float]

INK = (38, 42, 48)
QUIET = (110, 116, 124)
FINER = 3  # lines are drawn so much larger, then made smooth
COLOURS = 224  # of a picture's palette: keeps the files small


class Label(NamedTuple):
    """Words at a place, and a line from there to what they speak of.

    at: where the words begin, or end if they stand left of what they speak of; note: smaller,
    under them.
    """

    words: str
    at: Pixel
    to: Pixel
    note: str = ""
    leftwards: bool = False


def label(image: NDArray[np.uint8], labels: Iterable[Label], size: int = 19) -> Image.Image:
    """The picture with its words."""
    picture = Image.fromarray(image)
    labels = list(labels)
    _lines(picture, labels, size)
    draw = ImageDraw.Draw(picture)
    for one in labels:
        anchor = "rs" if one.leftwards else "ls"
        draw.text(one.at, one.words, INK, ImageFont.load_default(size), anchor)
        x, y = one.at
        for line, note in enumerate(one.note.splitlines()):
            small = ImageFont.load_default(size - 4)
            draw.text((x, y + (line + 1) * (size + 1)), note, QUIET, small, anchor)
    return picture


def _lines(picture: Image.Image, labels: list[Label], size: int) -> None:
    width, height = picture.size
    mask = Image.new("L", (width * FINER, height * FINER), 0)
    draw = ImageDraw.Draw(mask)
    for one in labels:
        start = _start(one, size)
        ends = [(x * FINER, y * FINER) for x, y in (start, one.to)]
        draw.line(ends, fill=255, width=4)
        x, y = ends[1]
        draw.ellipse((x - 9, y - 9, x + 9, y + 9), fill=255)
    smooth = mask.resize(picture.size, Image.Resampling.LANCZOS)
    picture.paste(INK, (0, 0), smooth)


def _start(one: Label, size: int) -> Pixel:
    """Where its line leaves the words: above or below them if it is steep, else beside them."""
    (x, y), (to_x, to_y) = one.at, one.to
    if abs(to_y - y) > abs(to_x - x):
        below = 8 + (size + 1) * len(one.note.splitlines())
        return x + (-14 if one.leftwards else 14), (y + below if to_y > y else y - size)
    wide = ImageFont.load_default(size).getlength(one.words)
    left, right = (x - wide, x) if one.leftwards else (x, x + wide)
    return (right + 6 if to_x > (left + right) / 2 else left - 6), y - size * 0.35


def save(picture: Image.Image, path: Path) -> None:
    """As a PNG of few colours."""
    small = picture.quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
