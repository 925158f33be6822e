"""A badge's label: its number and fleet, for people and as a QR code. Never a key or a name."""

import io
from pathlib import Path
from typing import NamedTuple

import segno

from provision.errors import FilesError

_TEXT = 3.2


class Label(NamedTuple):
    """svg and png: the files; terminal: the same code for the screen."""

    svg: Path
    png: Path
    terminal: str


def content(fleet: str, number: int) -> str:
    """What the QR code says, such as `tocsin:demo/7`."""
    return f"tocsin:{fleet}/{number}"


def write_label(directory: Path, fleet: str, number: int) -> Label:
    """Raises FilesError when the directory cannot be written."""
    code = segno.make(content(fleet, number), error="m", micro=False)
    svg = directory / f"badge-{number}.svg"
    png = directory / f"badge-{number}.png"
    screen = io.StringIO()
    code.terminal(screen, compact=True)
    try:
        svg.write_text(_drawn(code, fleet, number), encoding="utf-8")
        code.save(str(png), scale=8)
    except OSError as error:
        raise FilesError(f"{directory}: {error.strerror}; choose another with --labels") from None
    return Label(svg, png, screen.getvalue())


def _drawn(code: segno.QRCode, fleet: str, number: int) -> str:
    """The code and, below it, what people read. The names of fleets need no escaping."""
    width = code.symbol_size()[0]
    inner = code.svg_inline(scale=1)
    middle = width / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {width + 9}"'
        f' width="{width}mm" height="{width + 9}mm">{inner}'
        f'<g font-family="sans-serif" text-anchor="middle"><text x="{middle}" y="{width + 2}"'
        f' font-size="{2 * _TEXT}" font-weight="bold">{number}</text><text x="{middle}"'
        f' y="{width + 7}" font-size="{_TEXT}">tocsin {fleet}</text></g></svg>\n'
    )
