"""The layout as a drawing: seen from the front, with everything that must not collide. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hardware.enclosure.board import ROUND, Rectangle
from hardware.svg import Svg

if TYPE_CHECKING:
    from hardware.enclosure.board import Body
    from hardware.enclosure.layout import Layout
    from hardware.svg import Point

SCALE = 9.0  # pixels for a millimetre
LEFT, ABOVE = 150.0, 180.0
WIDTH, HEIGHT = 1060.0, 910.0

SHELL, BOARD, FRONT, BACK, KEEP, GASKET, FIXING, BUTTON = (
    "#4b5563", "#2f7d5b", "#1f5fa8", "#8a5a00", "#c0392b", "#b23a48", "#111827", "#e8762c",
)  # fmt: skip
NAMES = {
    "U1": "radio module", "U2": "receiver", "ANT1": "GNSS patch", "SW1": "switch", "D3": "LED",
    "J1": "USB-C", "J2": "cell's plug", "BT1": "cell", "M1": "motor",
}  # fmt: skip


def plan(at: Layout) -> Svg:
    """Front view of outlines, bodies, keep-outs, fixings and button, with the main dimensions."""
    svg = Svg(WIDTH, HEIGHT, "Enclosure: plan of board and shell")
    drawing = _Drawing(svg, at)
    drawing.shell()
    drawing.keep_outs()
    drawing.bodies()
    drawing.button()
    drawing.fixings()
    drawing.dimensions()
    _legend(svg, at)
    return svg


class _Drawing:
    def __init__(self, svg: Svg, at: Layout) -> None:
        self._svg, self._at = svg, at

    def spot(self, x: float, y: float) -> Point:
        """Millimetres on the board to pixels."""
        return LEFT + (x - self._at.outer.left) * SCALE, ABOVE + (self._at.outer.top - y) * SCALE

    def box(self, r: Rectangle, **style: str | float) -> None:
        corner = self.spot(r.left, r.top)
        self._svg.rectangle(corner, r.width * SCALE, r.depth * SCALE, **style)

    def shell(self) -> None:
        at = self._at
        self.box(at.tab, rx=at.case.lanyard.corner * SCALE, stroke=SHELL, stroke_width=1.5)
        self.box(
            at.outer, rx=at.outer_corner * SCALE, stroke=SHELL, stroke_width=2.5, fill="#f7f7f5"
        )
        self.box(at.slot, rx=at.slot.depth / 2 * SCALE, stroke=SHELL, stroke_width=1.5)
        cord = at.case.gasket.cord * SCALE
        self.box(
            at.cord_path, rx=at.cord_corner * SCALE, stroke=GASKET, stroke_width=cord, opacity=0.35
        )
        self.box(
            at.cavity, rx=at.cavity_corner * SCALE, stroke=SHELL, stroke_width=1.0, fill="#fff"
        )
        board = Rectangle(*at.middle, at.board.width, at.board.height)
        self.box(board, rx=at.board.corner * SCALE, stroke=BOARD, stroke_width=1.8, fill="#eef6f1")
        for hole in at.board.holes:
            radius = hole.diameter / 2 * SCALE
            self._svg.circle(self.spot(hole.x, hole.y), radius, stroke=BOARD, fill="#fff")

    def keep_outs(self) -> None:
        fill = self._svg.hatch("keep", "#e9a8a0")
        for keep_out in self._at.board.keep_outs:
            self.box(keep_out, fill=fill, stroke=KEEP, stroke_width=1.2, stroke_dasharray="7 4")

    def bodies(self) -> None:
        for body in sorted(self._at.board.bodies, key=lambda body: body.side):
            self._body(body)

    def _body(self, body: Body) -> None:
        back = body.side == "back"
        style: dict[str, str | float] = {
            "stroke": BACK if back else FRONT,
            "stroke_width": 1.4,
            "stroke_dasharray": "5 4" if back else "none",
            "fill": "none" if back else "#e6eefa",
            "fill_opacity": 0.85,
        }
        if body.reference in ROUND:
            self._svg.circle(self.spot(body.x, body.y), body.width / 2 * SCALE, **style)
        else:
            self.box(body, **style)
        self._name(body, BACK if back else FRONT)

    def _name(self, body: Body, colour: str) -> None:
        words = f"{body.reference} {NAMES.get(body.reference, '')}".strip()
        x, y = self.spot(body.x, body.y)
        if body.side == "back" and body.reference not in ROUND:
            x, y = self.spot(body.left, body.bottom)
            self._svg.text((x + 6, y - 6), words, 12, fill=colour)
        elif body.width * SCALE < 16:
            self._svg.text((x + 14, y - 8), body.reference, 11, fill=colour)
        else:
            fits = body.width * SCALE > 7 * len(words)
            shown = words if fits else body.reference
            self._svg.text((x, y + 5), shown, 12, fill=colour, text_anchor="middle")

    def button(self) -> None:
        at = self._at
        middle = self.spot(at.switch.x, at.switch.y)
        for radius, wide in ((at.ring_groove[1], 2.4), (at.case.button.ring_inner / 2, 1.6)):
            self._svg.circle(middle, radius * SCALE, stroke=BUTTON, stroke_width=wide)
        rod = at.case.light.diameter / 2 * SCALE
        self._svg.circle(self.spot(at.led.x, at.led.y), rod, stroke=BUTTON, stroke_width=2)

    def fixings(self) -> None:
        at = self._at
        for hole in at.screws:
            self._cross(hole.x, hole.y, at.case.fixing.head / 2)
        for prop in at.props:
            self.box(prop, stroke=FIXING, stroke_width=1.0, stroke_dasharray="2 3")
        for spot in at.anvils:
            radius = at.case.fixing.anvil / 2 * SCALE
            self._svg.circle(self.spot(*spot), radius, stroke=FIXING, stroke_dasharray="2 3")
        for spring in at.catches:
            self._catch(spring.x, spring.y, upright=spring.outwards in (0.0, 180.0))

    def _cross(self, x: float, y: float, radius: float) -> None:
        px, py = self.spot(x, y)
        size = radius * SCALE
        self._svg.circle((px, py), size, stroke=FIXING, stroke_width=1.6)
        self._svg.line((px - size, py), (px + size, py), stroke=FIXING)
        self._svg.line((px, py - size), (px, py + size), stroke=FIXING)

    def _catch(self, x: float, y: float, upright: bool) -> None:
        wide, deep = self._at.case.catch.width, self._at.case.catch.thickness
        size = (deep, wide) if upright else (wide, deep)
        self.box(Rectangle(x, y, *size), fill=FIXING, stroke=FIXING)

    def dimensions(self) -> None:
        at = self._at
        left, bottom = self.spot(at.outer.left, at.outer.bottom)
        right, top = self.spot(at.outer.right, at.outer.top)
        self._across(left, right, bottom + 44, f"{at.outer.width:.1f}")
        board_left, board_right = self.spot(0, 0)[0], self.spot(at.board.width, 0)[0]
        self._across(board_left, board_right, bottom + 20, f"{at.board.width:g} board")
        self._up(top, bottom, left - 50, f"{at.outer.depth:.1f}")
        y_low, y_high = self.spot(0, 0)[1], self.spot(0, at.board.height)[1]
        self._up(y_high, y_low, left - 24, f"{at.board.height:g} board")

    def _across(self, left: float, right: float, y: float, words: str) -> None:
        self._svg.line((left, y), (right, y), stroke="#555")
        for x in (left, right):
            self._svg.line((x, y - 6), (x, y + 6), stroke="#555")
        self._svg.rectangle(((left + right) / 2 - 34, y - 9), 68, 18, fill="#fff", stroke="none")
        self._svg.text(((left + right) / 2, y + 5), words, 13, text_anchor="middle")

    def _up(self, top: float, bottom: float, x: float, words: str) -> None:
        self._svg.line((x, top), (x, bottom), stroke="#555")
        for y in (top, bottom):
            self._svg.line((x - 6, y), (x + 6, y), stroke="#555")
        middle = (top + bottom) / 2
        self._svg.rectangle((x - 9, middle - 34), 18, 68, fill="#fff", stroke="none")
        self._svg.upright((x + 5, middle), words, 13, text_anchor="middle")


def _legend(svg: Svg, at: Layout) -> None:
    x, y = 660.0, 200.0
    svg.text((x, y - 70), "Badge, seen from the front", 19, font_weight="bold")
    svg.text((x, y - 46), "millimetres; the board's own frame", 13, fill="#555")
    entries = (
        (SHELL, "shell: outline, cavity and eye"),
        (GASKET, f"gasket, {at.cord_length:.0f} mm of cord {at.case.gasket.cord:g} mm"),
        (BOARD, "board and its holes"),
        (FRONT, "parts on the front"),
        (BACK, "behind the board (dashed)"),
        (KEEP, "antennas: no metal, no cell, no screw"),
        (BUTTON, "guard ring, its opening, light rod"),
        (FIXING, "screws (cross), catches (bars), props (dotted)"),
    )
    for line, (colour, words) in enumerate(entries):
        here = y + line * 28
        svg.rectangle((x, here - 11), 16, 12, fill=colour, stroke="none")
        svg.text((x + 28, here), words, 14)
    y += len(entries) * 28 + 26
    svg.text((x, y), "Levels above the board's front", 15, font_weight="bold")
    for line, (level, words) in enumerate(_levels(at)):
        here = y + 28 + line * 24
        svg.text((x + 52, here), f"{level:+.1f}", 14, text_anchor="end")
        svg.text((x + 66, here), words, 14)


def _levels(at: Layout) -> tuple[tuple[float, str], ...]:
    return (
        (at.ring_top, "top of the guard ring"),
        (at.face, "face"),
        (at.front_inner, "inside of the front shell"),
        (at.switch.height, "top of the switch"),
        (at.board_back, "back of the board"),
        (at.cell_front, "cell when it has swollen"),
        (at.parting, "where the shells meet"),
        (at.floor, "inside of the back shell"),
        (at.back, "back"),
    )
