"""The whole badge as solids: what is printed, what is bought, what is built in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from hardware.enclosure import small_parts
from hardware.enclosure.back_shell import back_shell
from hardware.enclosure.contents import contents
from hardware.enclosure.front_shell import front_shell

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hardware.enclosure.layout import Layout
    from hardware.enclosure.solid import Solid


class Making(NamedTuple):
    """How a part is made. turn: axis and degrees that lay it on the printer's bed; None: bought."""

    what: str
    make: Callable[[Layout], Solid]
    turn: tuple[str, float] | None


PARTS: Mapping[str, Making] = {
    "front": Making("PETG, face down", front_shell, ("x", 180)),
    "back": Making("PETG, back down", back_shell, ("x", 0)),
    "ring": Making("PETG, top down, another colour", small_parts.ring, ("x", 180)),
    "plunger": Making("PETG, top down", small_parts.plunger, ("x", 180)),
    "clip": Making("PETG, on its side", small_parts.clip, ("y", 90)),
    "stopper": Making("TPU 85A, inner end down", small_parts.stopper, ("x", -90)),
    "membrane": Making("silicone sheet 1.0, punched", small_parts.membrane, None),
    "pad": Making("silicone sheet 1.0, punched", small_parts.pad, None),
    "light_rod": Making("acrylic rod 1.5, sawn", small_parts.light_rod, None),
    "cord": Making("silicone cord 1.5, cut, ends glued", small_parts.cord, None),
}
PRINTED = tuple(name for name, making in PARTS.items() if making.turn is not None)


@dataclass(frozen=True)
class Badge:
    """Every solid in its place."""

    at: Layout
    parts: Mapping[str, Solid]
    inside: Mapping[str, Solid]


def build(at: Layout, tell: Callable[[str], None] = lambda _: None) -> Badge:
    """Everything. tell: hears what is being made."""
    parts = {}
    for name, making in PARTS.items():
        tell(f"{name}: {making.what}")
        parts[name] = making.make(at)
    return Badge(at, parts, contents(at))


def laid(name: str, solid: Solid) -> Solid:
    """As it lies on the bed, its lowest point at z = 0."""
    turn = PARTS[name].turn
    turned = solid.turned(*turn) if turn else solid
    return turned.at(z=-turned.box[0][2])
