"""What must hold of a layout, as arithmetic: no solid is made for it. Pure."""

from __future__ import annotations

import math
from itertools import chain
from typing import TYPE_CHECKING

from hardware.enclosure import neighbours, touch_rules
from hardware.enclosure.board import BUTTON, CELL
from hardware.enclosure.findings import Finding
from hardware.enclosure.neighbours import distance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hardware.enclosure.layout import Layout


def check(layout: Layout) -> tuple[Finding, ...]:
    """All findings, in the order of the table."""
    return tuple(
        chain(
            _size(layout),
            _walls(layout),
            _stack(layout),
            touch_rules.button_rules(layout),
            touch_rules.light_rules(layout),
            _usb(layout),
            _gasket(layout),
            _screws(layout),
            _catches(layout),
            neighbours.beside_the_cell(layout),
            neighbours.keep_outs(layout),
            _lanyard(layout),
        )
    )


def _size(at: Layout) -> Iterator[Finding]:
    yield Finding("width", at.outer.width, "mm", most=55.0, advice="a hand must close around it")
    yield Finding("height without eye", at.outer.depth, "mm", most=80.0, advice="shorten the board")
    yield Finding(
        "thickness at the face",
        at.face - at.back,
        "mm",
        most=20.0,
        advice="lower the highest part of the front, or a thinner cell",
    )
    yield Finding(
        "thickness at the ring", at.ring_top - at.back, "mm", most=23.0, advice="the same"
    )


def _walls(at: Layout) -> Iterator[Finding]:
    case, tight = at.case, at.case.printer.tight
    for name, wall in (
        ("shell.wall_front", case.shell.wall_front),
        ("shell.wall_back", case.shell.wall_back),
        ("gasket.inner_land", case.gasket.inner_land),
        ("gasket.outer_land", case.gasket.outer_land),
    ):
        yield Finding(f"wall: {name}", wall, "mm", least=tight, advice=f"make {name} larger")
    for name, inner, outer in (
        ("front", at.front_inner, at.face),
        ("back", at.floor, at.back),
    ):
        yield Finding(
            f"wall: edge of the {name} face",
            _edge(at, inner, outer),
            "mm",
            least=tight,
            advice="less shell.bevel or shell.lean",
        )
    yield Finding(
        "wall: boss around the pilot hole",
        (case.fixing.boss - case.fixing.pilot) / 2,
        "mm",
        least=case.printer.thinnest,
        advice="make fixing.boss larger",
    )


def _edge(at: Layout, inner: float, outer: float) -> float:
    """From the inner edge of the cavity to the 45-degree bevel of the outer edge."""
    level = abs(outer - inner)
    beside = at.rim - at.inset(outer) - at.case.shell.bevel
    return (beside + level) / math.sqrt(2)


def _stack(at: Layout) -> Iterator[Finding]:
    cell = at.board.body(CELL)
    room = at.cell_front - at.floor - at.case.cell.tape
    yield Finding(
        f"room for {CELL} to swell",
        room / cell.height - 1,
        "of it",
        least=at.case.cell.swelling,
        advice=f"a deeper back shell or a thinner {CELL}",
    )
    low = at.plunger_bottom - at.case.button.travel
    for body in at.board.front():
        under_plunger = distance(body, at.switch.x, at.switch.y) < at.case.button.hole / 2
        if body.reference != BUTTON and under_plunger:
            yield Finding(
                f"{body.reference} under the pressed plunger",
                low - body.height,
                "mm",
                least=0.2,
                advice=f"move {body.reference} away from {BUTTON} or choose a lower one",
            )


def _usb(at: Layout) -> Iterator[Finding]:
    top = at.usb_middle + at.window_height / 2
    yield Finding(
        "USB: receptacle's mouth behind the inside of the wall",
        at.usb.bottom - at.cavity.bottom,
        "mm",
        least=-at.rim,
        most=0.5,
        advice="J1 must reach to the edge of the board, or the plug does not reach into J1",
    )
    yield Finding(
        "USB: wall between window and face",
        at.face - at.case.shell.bevel - top,
        "mm",
        least=at.case.printer.thinnest,
        advice="the front is too thin for a plug: raise shell.above_parts",
    )
    yield Finding(
        "USB: wall between window and parting plane",
        at.usb_middle - at.window_height / 2 - at.parting,
        "mm",
        least=at.case.printer.tight,
        advice="larger shell.past_parting",
    )


def _gasket(at: Layout) -> Iterator[Finding]:
    gasket = at.case.gasket
    cord_area = math.pi * gasket.cord**2 / 4
    yield Finding(
        "gasket: squeeze",
        1 - gasket.depth / gasket.cord,
        "of the cord",
        least=gasket.squeeze_least,
        most=gasket.squeeze_most,
        advice="gasket.depth against gasket.cord",
    )
    yield Finding(
        "gasket: fill of the groove",
        cord_area / (gasket.depth * gasket.width),
        "of it",
        most=gasket.fill_most,
        advice="wider gasket.width",
    )
    yield Finding(
        "gasket: radius of its bends",
        at.cord_corner,
        "mm",
        least=2 * gasket.cord,
        advice="a rounder board corner",
    )
    yield Finding(
        "gasket: back shell under the groove",
        at.parting - gasket.depth - at.back - at.case.shell.bevel,
        "mm",
        least=at.case.printer.tight,
        advice="deeper back shell",
    )


def _screws(at: Layout) -> Iterator[Finding]:
    fixing = at.case.fixing
    yield Finding(
        "screw: thread in the front shell",
        at.screw_tip,
        "mm",
        least=fixing.thread_least,
        advice="a deeper front shell, or less fixing.head_depth",
    )
    yield Finding(
        "screw: floor under its head",
        at.parting - at.screw_seat,
        "mm",
        least=at.case.printer.tight,
        advice="less fixing.head_depth, or a deeper back shell",
    )
    for hole in (*at.screws, *at.pins):
        for body in at.board.front():
            gap = distance(body, hole.x, hole.y) - fixing.boss / 2
            if gap < 1.0:
                yield Finding(
                    f"boss at {hole.x:g}, {hole.y:g} beside {body.reference}",
                    gap,
                    "mm",
                    least=0.2,
                    advice=f"move {body.reference} or make fixing.boss smaller",
                )


CATCH_MIDDLE = 0.7  # of the nose, below its top


def _catches(at: Layout) -> Iterator[Finding]:
    catch = at.case.catch
    length = at.catch_top - CATCH_MIDDLE - at.floor
    yield Finding(
        "catch: strain when it snaps in",
        1.5 * catch.thickness * catch.grip / length**2,
        "",
        most=catch.strain_most,
        advice="less catch.grip or catch.thickness",
    )
    yield Finding(
        "catch: wall outside its pocket",
        at.rim - at.inset(at.catch_top) - catch.grip - 0.2,
        "mm",
        least=at.case.printer.tight,
        advice="less catch.grip",
    )


def _lanyard(at: Layout) -> Iterator[Finding]:
    eye = at.case.lanyard
    thick = at.tab_front - at.back
    sides = (eye.width - eye.slot_width) * thick
    bar = 12 * eye.strength * (thick * eye.bar**2 / 6) / eye.slot_width  # held at both ends
    yield Finding(
        "eye: pull that its sides bear",
        sides * eye.strength,
        "N",
        least=eye.pull,
        advice="wider lanyard.width",
    )
    yield Finding(
        "eye: pull that its bar bears", bar, "N", least=eye.pull, advice="higher lanyard.bar"
    )
    yield Finding(
        "eye: from the slot to the shell",
        at.slot.bottom - at.outer.top,
        "mm",
        least=at.case.printer.tight,
        advice="higher lanyard.height",
    )
