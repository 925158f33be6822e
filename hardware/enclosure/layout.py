"""Where everything is: levels along z and places in the plane, from board and case. Pure.

Levels from the front: ring_top, face (outer surface), front_inner, 0 (board), board_back, floor
(inner surface of the back shell), back (its outer surface); parting is where the shells meet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from hardware.enclosure.board import BUTTON, CELL, LED, USB, Board, Body, Hole, Rectangle
from hardware.enclosure.parameters import Case

CATCH_HEIGHT = 1.4  # nose, with its slopes
O_RING = 0.8  # under the head: 1.0, pressed


class Spot(NamedTuple):
    """A point in the plane."""

    x: float
    y: float


class Spring(NamedTuple):
    """A catch: the middle of its wall, and where that wall looks, degrees from +x."""

    x: float
    y: float
    outwards: float


@dataclass(frozen=True)
class Layout:
    """A board in a case."""

    board: Board
    case: Case

    # ---- levels -------------------------------------------------------

    @cached_property
    def front_inner(self) -> float:
        highest = max(body.height for body in self.board.front())
        return highest + self.case.shell.above_parts

    @cached_property
    def face(self) -> float:
        return self.front_inner + self.case.shell.wall_front

    @cached_property
    def ring_top(self) -> float:
        return self.face + self.case.button.ring_height

    @cached_property
    def board_back(self) -> float:
        return -self.board.thickness

    @cached_property
    def cell_front(self) -> float:
        return self.board_back - self.case.shell.behind_board

    @cached_property
    def floor(self) -> float:
        """Below the thickest part behind the board, the cell when it has swollen or another."""
        cell = self.board.body(CELL).height * (1 + self.case.cell.swelling) + self.case.cell.tape
        others = [
            body.height
            for body in self.board.bodies
            if body.side == "back" and body.reference != CELL
        ]
        return self.cell_front - max([cell, *others])

    @cached_property
    def back(self) -> float:
        return self.floor - self.case.shell.wall_back

    @cached_property
    def parting(self) -> float:
        """Low enough for the USB window and the catches' pockets to lie in the front shell."""
        window = self.usb_middle - self.window_height / 2
        pockets = self.catch_top - CATCH_HEIGHT
        return min(window, pockets) - self.case.shell.past_parting

    @cached_property
    def catch_top(self) -> float:
        return self.board_back - 0.3

    # ---- outlines -----------------------------------------------------

    @cached_property
    def middle(self) -> Spot:
        return Spot(self.board.width / 2, self.board.height / 2)

    @cached_property
    def cavity(self) -> Rectangle:
        room = 2 * self.case.shell.beside_board
        return Rectangle(*self.middle, self.board.width + room, self.board.height + room)

    @cached_property
    def cavity_corner(self) -> float:
        return self.board.corner + self.case.shell.beside_board

    @cached_property
    def rim(self) -> float:
        """Thickness of the walls where the shells meet."""
        gasket = self.case.gasket
        return gasket.inner_land + gasket.width + gasket.outer_land

    @cached_property
    def outer(self) -> Rectangle:
        """At the parting plane, where it is largest."""
        cavity, rim = self.cavity, 2 * self.rim
        return Rectangle(*self.middle, cavity.width + rim, cavity.depth + rim)

    @cached_property
    def outer_corner(self) -> float:
        return self.cavity_corner + self.rim

    def inset(self, z: float) -> float:
        """How far the outside has leant in at that level."""
        return abs(z - self.parting) * math.tan(math.radians(self.case.shell.lean))

    @cached_property
    def cord_path(self) -> Rectangle:
        """The middle line of the gasket, corners of radius cord_corner."""
        inside = 2 * self.case.gasket.inner_land + self.case.gasket.width
        return Rectangle(*self.middle, self.cavity.width + inside, self.cavity.depth + inside)

    @cached_property
    def cord_corner(self) -> float:
        return self.cavity_corner + self.case.gasket.inner_land + self.case.gasket.width / 2

    @cached_property
    def cord_length(self) -> float:
        """Of the gasket, to be cut."""
        path = self.cord_path
        straight = 2 * (path.width + path.depth) - 8 * self.cord_corner
        return straight + 2 * math.pi * self.cord_corner

    # ---- button and light ---------------------------------------------

    @cached_property
    def switch(self) -> Body:
        return self.board.body(BUTTON)

    @cached_property
    def led(self) -> Body:
        return self.board.body(LED)

    @cached_property
    def led_radius(self) -> float:
        """From the middle of the button to the LED, which must lie under the ring."""
        return math.hypot(self.led.x - self.switch.x, self.led.y - self.switch.y)

    @cached_property
    def ring_groove(self) -> tuple[float, float]:
        """Inner and outer radius of the foot of the ring."""
        light = self.case.light
        return (
            self.case.button.membrane_diameter / 2 + self.case.printer.fit,
            self.led_radius + light.diameter / 2 + light.rim + self.ring_slope,
        )

    @cached_property
    def ring_slope(self) -> float:
        """The ring is so much narrower at its top, outside."""
        return 0.35 * self.case.button.ring_height

    @cached_property
    def membrane_clamped(self) -> float:
        """Thickness of the membrane under the ring."""
        return self.case.button.membrane * (1 - self.case.button.squeeze)

    @cached_property
    def plunger_bottom(self) -> float:
        """At rest; its pad reaches further down."""
        return self.front_inner + 0.2

    @cached_property
    def pad_top(self) -> float:
        return self.switch.height + self.case.button.pad

    # ---- USB ----------------------------------------------------------

    @cached_property
    def usb(self) -> Body:
        return self.board.body(USB)

    @cached_property
    def usb_middle(self) -> float:
        return self.usb.height / 2

    @cached_property
    def window_width(self) -> float:
        return self.case.usb.plug_width + 2 * self.case.usb.play

    @cached_property
    def window_height(self) -> float:
        return self.case.usb.plug_height + 2 * self.case.usb.play

    # ---- what holds it together ---------------------------------------

    @cached_property
    def screws(self) -> tuple[Hole, ...]:
        return tuple(sorted(self.board.holes, key=lambda hole: hole.y)[:2])

    @cached_property
    def pins(self) -> tuple[Hole, ...]:
        return tuple(sorted(self.board.holes, key=lambda hole: hole.y)[2:])

    @cached_property
    def screw_seat(self) -> float:
        """Where the O-ring under the head lies."""
        return self.back + self.case.fixing.head_depth

    @cached_property
    def screw_length(self) -> float:
        """Under the head: the longest one sold that does not reach the end of its hole."""
        room = self.pilot_end - 0.2 - self.screw_seat - O_RING
        step = self.case.fixing.screw_step
        return math.floor(room / step) * step

    @cached_property
    def screw_tip(self) -> float:
        return self.screw_seat + O_RING + self.screw_length

    @cached_property
    def pilot_end(self) -> float:
        return self.face - self.case.printer.tight

    @cached_property
    def prop_end(self) -> float:
        """The back shell's props end just behind the board."""
        return self.board_back - self.case.fixing.slack

    @cached_property
    def anvils(self) -> tuple[Spot, ...]:
        beside = self.case.fixing.anvil_beside
        return (
            Spot(self.switch.x - beside, self.switch.y),
            Spot(self.switch.x + beside, self.switch.y),
        )

    @cached_property
    def props(self) -> tuple[Rectangle, ...]:
        """Behind the pins, from the wall to a little past the pin."""
        past = self.case.fixing.pin / 2 + 0.05
        return tuple(self._prop(hole, past) for hole in self.pins)

    def _prop(self, hole: Hole, past: float) -> Rectangle:
        left = hole.x < self.middle.x
        near = self.case.printer.play if left else self.board.width - self.case.printer.play
        far = hole.x + past if left else hole.x - past
        return Rectangle((near + far) / 2, hole.y, abs(far - near), 5.0)

    @cached_property
    def catches(self) -> tuple[Spring, ...]:
        cavity, width = self.cavity, self.board.width
        side = self.board.height * 0.42
        return (
            Spring(width * 0.26, cavity.top, 90.0),
            Spring(width * 0.74, cavity.top, 90.0),
            Spring(cavity.left, side, 180.0),
            Spring(cavity.right, side, 0.0),
        )

    @cached_property
    def catch_reach(self) -> float:
        """From the spring's outer face to the tip of its nose."""
        return self.case.catch.clear + self.case.catch.grip

    @cached_property
    def cell(self) -> Body:
        return self.board.body(CELL)

    # ---- lanyard ------------------------------------------------------

    @cached_property
    def tab(self) -> Rectangle:
        """Of the eye, from inside the top wall upwards."""
        eye = self.case.lanyard
        bottom = self.outer.top - self.rim + 0.2
        top = self.outer.top + eye.height
        return Rectangle(self.middle.x, (bottom + top) / 2, eye.width, top - bottom)

    @cached_property
    def tab_front(self) -> float:
        return self.parting - 0.3

    @cached_property
    def slot(self) -> Rectangle:
        """The eye itself."""
        eye = self.case.lanyard
        y = self.tab.top - eye.bar - eye.slot_height / 2
        return Rectangle(self.middle.x, y, eye.slot_width, eye.slot_height)
