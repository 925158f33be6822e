"""Every dimension that the shell adds to the board's own, with its unit and its reason.

`python -m hardware.enclosure --parameters` prints them. "assumed" marks what nobody has measured or
published for this shell; the rest names its source.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Annotated, NamedTuple, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Iterator


class Why(NamedTuple):
    """Unit and reason of a parameter."""

    unit: str
    reason: str


@dataclass(frozen=True)
class Printer:
    """What the two shells, ring, plunger and clip are printed with: filament, no supports."""

    nozzle: Annotated[float, Why("mm", "the usual one; a line is about as wide")] = 0.4
    thinnest: Annotated[float, Why("mm", "two lines of the nozzle")] = 0.8
    tight: Annotated[float, Why("mm", "walls that keep water out: three lines")] = 1.2
    overhang: Annotated[float, Why("degrees", "from the vertical; common limit of PETG")] = 45.0
    bridge: Annotated[float, Why("mm", "free span; PETG sags above, assumed")] = 16.0
    ledge: Annotated[float, Why("mm", "reach without a support on the far side, assumed")] = 1.0
    slot: Annotated[float, Why("mm", "narrower ones close while printing, assumed")] = 0.25
    play: Annotated[float, Why("mm", "between printed parts that slide, each side")] = 0.3
    fit: Annotated[float, Why("mm", "between printed parts that are glued, each side")] = 0.1


@dataclass(frozen=True)
class Shell:
    """The two halves, PETG."""

    wall_front: Annotated[float, Why("mm", "five lines; holds the plunger's conical seat")] = 2.0
    wall_back: Annotated[float, Why("mm", "lies against the body; under the cell")] = 1.8
    beside_board: Annotated[float, Why("mm", "routed outlines are true to 0.2 mm")] = 0.4
    above_parts: Annotated[float, Why("mm", "over the highest part: solder and tolerance")] = 0.4
    behind_board: Annotated[
        float, Why("mm", "soldered pads 0.3 (badge.toml) and polyimide tape 0.1")
    ] = 0.4
    lean: Annotated[float, Why("degrees", "sides lean in: draft, and a pebble in the hand")] = 9.0
    bevel: Annotated[float, Why("mm", "45 degrees, so that both faces print on the bed")] = 1.5
    past_parting: Annotated[float, Why("mm", "wall below the USB window and the catches")] = 1.5
    density: Annotated[float, Why("g/cm3", "PETG, makers' data sheets")] = 1.27


@dataclass(frozen=True)
class Gasket:
    """A silicone cord in a groove of the back shell; the front shell's rim presses on it."""

    cord: Annotated[float, Why("mm", "diameter; sold by the metre, 40 Shore A")] = 1.5
    depth: Annotated[float, Why("mm", "of the groove")] = 1.12
    width: Annotated[float, Why("mm", "of the groove: room to spread")] = 1.95
    inner_land: Annotated[float, Why("mm", "between cavity and groove")] = 1.2
    outer_land: Annotated[float, Why("mm", "between groove and outside")] = 1.2
    squeeze_least: Annotated[
        float, Why("share", "face seals 20 to 30 % (Marco Rubber, groove design chart)")
    ] = 0.20
    squeeze_most: Annotated[float, Why("share", "the same")] = 0.30
    fill_most: Annotated[
        float, Why("share", "75 % nominal (the same); rubber makers' guides: 85 % at most")
    ] = 0.85


@dataclass(frozen=True)
class Button:
    """Ring, membrane, plunger and pad over the key switch."""

    hole: Annotated[
        float, Why("mm", "a key for hands in mittens: 19 mm at least (MIL-STD-1472E, 5.4.3.1.3)")
    ] = 19.0
    ring_height: Annotated[float, Why("mm", "above the face: what a thumb feels, assumed")] = 3.0
    ring_inner: Annotated[float, Why("mm", "opening of the ring at its foot")] = 20.8
    flare: Annotated[float, Why("mm", "the opening widens upwards by so much a side")] = 0.4
    groove: Annotated[float, Why("mm", "the ring is glued so deep into the face")] = 0.6
    membrane: Annotated[float, Why("mm", "silicone sheet, cut with a punch, 40 Shore A")] = 1.0
    membrane_diameter: Annotated[float, Why("mm", "under the ring by 0.9 mm all round")] = 22.6
    squeeze: Annotated[float, Why("share", "of the membrane under the ring: a face seal")] = 0.25
    travel: Annotated[
        float, Why("mm", "until the plunger sits on its cone and the shell takes the force")
    ] = 0.8
    pad: Annotated[float, Why("mm", "of the same sheet, between plunger and switch")] = 1.0
    pad_diameter: Annotated[float, Why("mm", "the pad's")] = 4.0
    pad_squeeze: Annotated[float, Why("share", "what the pad gives before it is hard")] = 0.45
    switch_travel: Annotated[
        float, Why("mm", "KSC221: 0.35 + 0.3 / - 0.1 (C&K, KSC series datasheet)")
    ] = 0.35
    switch_travel_most: Annotated[float, Why("mm", "the same, at its worst")] = 0.65
    tolerance: Annotated[float, Why("mm", "of the stack: layer height and solder, assumed")] = 0.1
    recess_least: Annotated[
        float, Why("mm", "of the membrane under the ring: a table's edge must not press it")
    ] = 1.5


@dataclass(frozen=True)
class Light:
    """A rod from the LED to the top of the ring."""

    diameter: Annotated[float, Why("mm", "acrylic rod, sold by the metre; glued in")] = 1.5
    above_led: Annotated[float, Why("mm", "never presses on the LED")] = 0.3
    rim: Annotated[float, Why("mm", "ring outside the rod")] = 0.95


@dataclass(frozen=True)
class Usb:
    """The window of the USB-C plug and its stopper."""

    plug_width: Annotated[
        float, Why("mm", "of the overmould: USB Type-C, from memory; 12 in the OpenAT Design Guide")
    ] = 12.35
    plug_height: Annotated[float, Why("mm", "the same; 6 in the OpenAT Design Guide")] = 6.5
    play: Annotated[float, Why("mm", "around the overmould, each side")] = 0.35
    corner: Annotated[float, Why("mm", "radius of the window's corners")] = 2.5
    rib: Annotated[float, Why("mm", "of the stopper's lips: wider than the window a side")] = 0.2


@dataclass(frozen=True)
class Fixing:
    """What holds the halves, and the board between them."""

    screw: Annotated[float, Why("mm", "M2, stainless, for the two lower holes")] = 2.0
    screw_step: Annotated[float, Why("mm", "lengths are sold in such steps")] = 2.0
    pilot: Annotated[float, Why("mm", "0.8 of the thread: it cuts its own, assumed")] = 1.6
    boss: Annotated[float, Why("mm", "outside diameter, beside the cell's connector")] = 3.8
    head: Annotated[float, Why("mm", "diameter of its pocket: head 3.8 (ISO 14583)")] = 4.3
    head_depth: Annotated[float, Why("mm", "head 1.6, O-ring 2 x 1 under it")] = 2.4
    post: Annotated[float, Why("mm", "of the back shell, around the screw's head")] = 6.0
    pin: Annotated[float, Why("mm", "in the upper holes of 2.2; they only place the board")] = 1.9
    anvil: Annotated[float, Why("mm", "two props behind the switch, diameter")] = 3.6
    anvil_beside: Annotated[float, Why("mm", "from the middle of the switch")] = 6.5
    slack: Annotated[float, Why("mm", "between the props and the board")] = 0.1
    thread_least: Annotated[float, Why("mm", "twice the diameter, for plastics, assumed")] = 4.0


@dataclass(frozen=True)
class Catch:
    """Four springs of the back shell in pockets of the front shell, where no screw may be."""

    width: Annotated[float, Why("mm", "along the wall")] = 8.0
    thickness: Annotated[float, Why("mm", "of the spring")] = 1.0
    clear: Annotated[float, Why("mm", "between spring and wall, so that it prints free")] = 0.4
    grip: Annotated[float, Why("mm", "so deep it reaches into the wall")] = 0.5
    slope: Annotated[float, Why("degrees", "of the face that holds: opens with a coin")] = 30.0
    strain_most: Annotated[
        float, Why("share", "PETG, short and seldom; 4 % by makers' snap-fit guides, assumed")
    ] = 0.04


@dataclass(frozen=True)
class Cell:
    """Room for the lithium cell."""

    swelling: Annotated[
        float, Why("share", "of its thickness over its life; makers ask for 8 to 10 %, assumed")
    ] = 0.10
    tape: Annotated[float, Why("mm", "double-sided, to the back shell")] = 0.2
    beside: Annotated[float, Why("mm", "to its ribs: pouches are cut to 0.5")] = 0.5
    rib: Annotated[float, Why("mm", "thickness of the ribs")] = 1.2
    rib_height: Annotated[float, Why("mm", "above the floor")] = 2.4
    rib_length: Annotated[float, Why("mm", "of each of the four")] = 10.0
    density: Annotated[float, Why("g/cm3", "10.5 g in 5.0 x 30 x 36 mm, assumed")] = 1.95


@dataclass(frozen=True)
class Lanyard:
    """The eye at the top edge, of the back shell, and what hangs in it."""

    width: Annotated[float, Why("mm", "of the tab")] = 25.0
    height: Annotated[float, Why("mm", "above the shell")] = 10.2
    slot_width: Annotated[float, Why("mm", "straps of 15 mm")] = 16.0
    slot_height: Annotated[float, Why("mm", "a strap and its hook")] = 3.6
    bar: Annotated[float, Why("mm", "of material above the slot")] = 4.7
    corner: Annotated[float, Why("mm", "radius of the tab")] = 4.5
    strength: Annotated[float, Why("N/mm2", "PETG across its lines, a third of 45, assumed")] = 15.0
    pull: Annotated[
        float, Why("N", "the lanyard must part first: break-away ones part below 100, assumed")
    ] = 150.0


@dataclass(frozen=True)
class Clip:
    """Slides over the eye and snaps into it: one profile, printed on its side."""

    width: Annotated[float, Why("mm", "along x; its nose fits the slot")] = 14.0
    leg: Annotated[float, Why("mm", "thickness of the legs that hold the tab")] = 2.0
    arm: Annotated[float, Why("mm", "thickness of the spring")] = 2.6
    length: Annotated[float, Why("mm", "of the spring below the tab")] = 46.0
    belt: Annotated[float, Why("mm", "room behind the back: a belt or a pocket's hem")] = 3.6
    snap: Annotated[float, Why("mm", "depth of the nose in the slot")] = 0.9


@dataclass(frozen=True)
class Weight:
    """What is not drawn, g."""

    board: Annotated[
        float, Why("g", "bare 4.7 (FR-4, 1.85 g/cm3), parts without the patch 6, assumed")
    ] = 10.7
    patch: Annotated[float, Why("g", "18 x 18 x 4 mm ceramic, assumed")] = 5.5
    motor: Annotated[float, Why("g", "10 mm LRA, assumed")] = 1.7
    screws: Annotated[float, Why("g", "two M2 x 12")] = 0.8
    silicone: Annotated[float, Why("g/cm3", "membrane, pad, cord")] = 1.15
    most: Annotated[float, Why("g", "worn all day; half a phone, assumed")] = 85.0


@dataclass(frozen=True)
class Case:
    """All parameters of the shell."""

    printer: Printer = field(default_factory=Printer)
    shell: Shell = field(default_factory=Shell)
    gasket: Gasket = field(default_factory=Gasket)
    button: Button = field(default_factory=Button)
    light: Light = field(default_factory=Light)
    usb: Usb = field(default_factory=Usb)
    fixing: Fixing = field(default_factory=Fixing)
    catch: Catch = field(default_factory=Catch)
    cell: Cell = field(default_factory=Cell)
    lanyard: Lanyard = field(default_factory=Lanyard)
    clip: Clip = field(default_factory=Clip)
    weight: Weight = field(default_factory=Weight)


class Parameter(NamedTuple):
    """One line of the table: "gasket.cord", 1.5, "mm", why."""

    name: str
    value: float
    unit: str
    reason: str


def listed(case: Case) -> Iterator[Parameter]:
    """Every parameter with unit and reason, in the order of this file."""
    for part in fields(case):
        group = getattr(case, part.name)
        hints = get_type_hints(type(group), include_extras=True)
        for one in fields(group):
            why: Why = hints[one.name].__metadata__[0]
            yield Parameter(f"{part.name}.{one.name}", getattr(group, one.name), *why)
