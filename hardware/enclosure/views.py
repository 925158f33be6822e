"""The four pictures: front, back, exploded and section."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hardware.enclosure.board import PATCH
from hardware.enclosure.labels import Label, label
from hardware.enclosure.picture import Camera, Colour, Thing, render
from hardware.enclosure.solid import block

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from PIL import Image

    from hardware.enclosure.badge import Badge
    from hardware.enclosure.picture import Vector
    from hardware.enclosure.solid import Solid, Triangles

WHITE: Colour = (0.91, 0.91, 0.89)
SLATE: Colour = (0.38, 0.42, 0.48)
ORANGE: Colour = (0.96, 0.47, 0.14)
RUBBER: Colour = (0.25, 0.27, 0.31)
GREEN: Colour = (0.20, 0.48, 0.36)
METAL: Colour = (0.74, 0.75, 0.77)
BLACK: Colour = (0.24, 0.24, 0.26)
CERAMIC: Colour = (0.84, 0.76, 0.62)
SILVER: Colour = (0.66, 0.72, 0.80)
GLASS: Colour = (0.72, 0.93, 0.83)
CORD: Colour = (0.80, 0.30, 0.28)

COLOURS: Mapping[str, Colour] = {
    "front": WHITE, "back": SLATE, "ring": ORANGE, "plunger": ORANGE, "clip": SLATE,
    "stopper": RUBBER, "membrane": RUBBER, "pad": RUBBER, "light_rod": GLASS, "cord": CORD,
    "board": GREEN, "screws": METAL, "U1": METAL, "U2": METAL, "ANT1": CERAMIC, "SW1": BLACK,
    "D3": WHITE, "J1": METAL, "J2": WHITE, "BT1": SILVER, "M1": METAL,
}  # fmt: skip


def front(badge: Badge) -> Image.Image:
    """As the wearer sees it."""
    at = badge.at
    camera = Camera((31.0, 34.0, 0.0), (-0.26, 0.40, -0.88), (0, 1, 0), 9.2, 1240, 860)
    shown = ("front", "back", "ring", "membrane", "light_rod", "stopper")
    image = render(_things(badge, shown), camera, table=at.back)
    x, y, top = at.switch.x, at.switch.y, at.ring_top
    button, patch = at.case.button, at.board.body(PATCH)
    return label(
        image,
        [
            _label(camera, "eye for a lanyard of 15 mm", (900, 90),
                   (at.tab.x + 8, at.tab.top - 2.5, at.tab_front)),
            _label(camera, "radio antenna behind this edge", (900, 190),
                   (at.middle.x + 9, at.cavity.top - 3.5, at.face), "no screw and no cell here"),
            _label(camera, "GNSS antenna behind this", (900, 320),
                   (patch.x + 3, patch.y + 4, at.face), "no metal, no metallic paint"),
            _label(camera, "guard ring", (900, 450), (x + 9.0, y + 11, top),
                   f"{button.ring_height:g} mm high: a thumb finds it blind"),
            _label(camera, "light", (900, 550), (at.led.x, at.led.y, top), "dark in covert mode"),
            _label(camera, "button", (900, 650), (x + 6.0, y - 3.0, at.face + 1),
                   f"{button.hole:g} mm wide, {button.ring_height - button.membrane:g} mm "
                   "below the ring:\na table's edge does not press it"),
            _label(camera, "USB-C under its stopper", (900, 790), (at.usb.x + 3, -9.0, 1.0)),
        ],
    )  # fmt: skip


def back(badge: Badge) -> Image.Image:
    """As it lies on the body, with its clip."""
    at = badge.at
    camera = Camera((7.0, 37.0, -6.0), (0.34, 0.36, 0.86), (0, 1, 0), 8.8, 1240, 860)
    shown = ("front", "back", "ring", "membrane", "clip", "screws", "stopper")
    flipped = [_flip(thing) for thing in _things(badge, shown)]
    turned = replace(camera, target=_turn(camera.target), along=_turn(camera.along))
    image = render(flipped, turned, table=-at.ring_top)
    return label(
        image,
        [
            _label(camera, "clip", (900, 130), (at.middle.x - 7, 60.0, at.back - 6.2),
                   "slides over the eye and snaps into it;\nleave it off for a lanyard"),
            _label(camera, "four catches inside", (900, 280),
                   (at.outer.left + 1.5, 60.0, at.parting - 2), "no metal near the antenna"),
            _label(camera, "the gasket lies in this joint", (900, 520),
                   (at.outer.left, 24.0, at.parting), "IP54 is the aim; not yet tested"),
            _label(camera, "two M2 screws on O-rings", (900, 680),
                   (at.screws[0].x, at.screws[0].y, at.back)),
        ],
    )  # fmt: skip


def exploded(badge: Badge) -> Image.Image:
    """Every part above the next, in the order of assembly."""
    at = badge.at
    lifts = {
        "light_rod": 96.0, "ring": 84.0, "membrane": 70.0, "plunger": 56.0, "pad": 50.0,
        "front": 26.0, "stopper": 26.0, "BT1": -20.0, "M1": -20.0, "cord": -46.0,
        "back": -58.0, "screws": -96.0, "clip": -58.0,
    }  # fmt: skip
    shown = {**badge.parts, **badge.inside}
    moved = {name: solid.at(z=lifts.get(name, 0.0)) for name, solid in shown.items()}
    moved["stopper"] = moved["stopper"].at(y=-16)
    moved["clip"] = moved["clip"].at(x=-66, y=4)
    camera = Camera((25.0, 30.0, -2.0), (-0.62, 0.60, -0.52), (0, 0, 1), 6.4, 1180, 1560)
    image = render(_of(moved), camera)
    x = 860.0

    def name(words: str, y: float, to: Vector, note: str = "") -> Label:
        return _label(camera, words, (x, y), to, note)

    switch, ring = at.switch, at.ring_groove[1]
    return label(
        image,
        [
            name("light rod", 120, (at.led.x, at.led.y, at.ring_top + 96),
                 f"acrylic, {at.case.light.diameter:g} mm"),
            name("guard ring", 200, (switch.x + ring - 2, switch.y, at.ring_top + 84),
                 "glued on, clamps the membrane"),
            name("membrane", 290, (switch.x + 11, switch.y, at.face + 71),
                 "silicone sheet, 1 mm"),
            name("plunger, and its pad", 380, (switch.x + 8, switch.y, at.face + 56),
                 "stops on a cone: the shell\ntakes the force, not the switch"),
            name("front shell", 540, (at.outer.right - 0.5, 40.0, 26.0)),
            name("board", 720, (40.0, 40.0, 0.0),
                 f"{at.board.width:g} x {at.board.height:g} mm"),
            name("cell, 500 mAh", 840, (35.0, 44.0, -23.0), "tape, room to swell"),
            name("motor", 930, (25.0, 11.0, -24.0), "glued into its collar"),
            name("gasket", 1030, (at.cord_path.right, 34.0, at.parting - 46.0),
                 f"silicone cord {at.case.gasket.cord:g} mm,\n{at.cord_length:.0f} mm long"),
            name("back shell", 1180, (44.2, 42.0, -66.0), "catches above, screws below"),
            name("two screws", 1420, (37.0, 3.0, -104.0), f"M2 x {at.screw_length:g}, O-rings"),
            _label(camera, "clip", (110, 860), (-50.0, 38.0, at.back - 62.0)),
            _label(camera, "stopper", (150, 760), (16.0, -24.0, 28.0), leftwards=True),
        ],
    )  # fmt: skip


def section(badge: Badge) -> Image.Image:
    """Cut along the middle of the button."""
    at = badge.at
    cut = at.switch.x
    half = block((-60.0, -60.0, -60.0), (cut, 140.0, 60.0))
    shown = {name: solid & half for name, solid in {**badge.parts, **badge.inside}.items()}
    things = []
    for part, solid in shown.items():
        if solid.volume > 1e-6:
            things.extend(_halves(solid, COLOURS[part], cut))
    camera = Camera((cut, 33.0, -1.0), (-1, 0, 0), (0, 0, 1), 14.0, 1480, 760)
    image = render(things, camera, sky=False)
    y, face = at.switch.y, at.face

    def name(words: str, place: tuple[float, float], to: tuple[float, float], note: str = "",
             ) -> Label:  # fmt: skip
        return _label(camera, words, place, (cut, *to), note)

    return label(
        image,
        [
            name("guard ring", (200, 150), (y - 12.5, face + 2.0)),
            name("membrane", (340, 100), (y - 6.0, face + 0.7)),
            name("plunger", (470, 50), (y + 2.0, face - 0.8), "stops on its cone"),
            name("key switch", (630, 110), (y + 2.4, 4.0), "under a soft pad"),
            name("GNSS antenna", (740, 180), (32.0, 2.2)),
            name("front shell", (880, 110), (46.0, face - 1.0), f"{at.case.shell.wall_front:g} mm"),
            name("radio module", (1010, 180), (53.0, 1.3)),
            name("its antenna", (1180, 110), (61.5, 0.5), "no metal around"),
            name("gasket", (1290, 260), (at.cavity.top + 2.2, at.parting - 0.5), "in its groove"),
            name("USB-C", (130, 620), (3.5, 1.7), "behind its stopper"),
            name("motor", (390, 650), (11.0, -5.0)),
            name("board", (500, 690), (18.2, -0.5), f"{at.board.thickness:g} mm"),
            name("cell, swollen", (760, 690), (36.0, -4.0),
                 f"{at.case.cell.swelling * 100:.0f} % are allowed for"),
            name("clip", (1000, 690), (52.0, at.back - 4.8)),
            name("eye", (1300, 690), (at.tab.top - 2.0, at.back + 2.0)),
        ],
    )  # fmt: skip


PICTURES: Mapping[str, Callable[[Badge], Image.Image]] = {
    "front": front,
    "back": back,
    "exploded": exploded,
    "section": section,
}


def _label(
    camera: Camera,
    words: str,
    at: tuple[float, float],
    to: Vector,
    note: str = "",
    leftwards: bool = False,
) -> Label:
    return Label(words, at, camera.pixel(to), note, leftwards)


def _things(badge: Badge, names: Iterable[str]) -> list[Thing]:
    solids = {**badge.parts, **badge.inside}
    return _of({name: solids[name] for name in names})


def _of(solids: Mapping[str, Solid]) -> list[Thing]:
    return [Thing(solid.mesh(), COLOURS.get(name, METAL)) for name, solid in solids.items()]


def _turn(point: Vector) -> Vector:
    """Half a turn about the y axis: back to front, so that the light falls on the back."""
    return -point[0], point[1], -point[2]


def _flip(thing: Thing) -> Thing:
    corners, triangles = thing.mesh
    return thing._replace(mesh=([_turn(corner) for corner in corners], triangles))


def _halves(solid: Solid, colour: Colour, cut: float) -> list[Thing]:
    """What was cut, drawn flat, and the rest."""
    corners, triangles = solid.mesh()
    sawn = [t for t in triangles if all(abs(corners[c][0] - cut) < 1e-3 for c in t)]
    rest: list[tuple[int, int, int]] = [t for t in triangles if t not in set(sawn)]
    pale = (0.75 * colour[0], 0.75 * colour[1], 0.75 * colour[2])
    meshes: list[tuple[Triangles, Colour, bool]] = [
        ((corners, sawn), colour, True),
        ((corners, rest), pale, False),
    ]
    return [Thing(mesh, shade, flat) for mesh, shade, flat in meshes if mesh[1]]
