"""The block diagram: what feeds what, and who speaks with whom. Every line is a net. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hardware.errors import HardwareError
from hardware.schematic.drawing.marks import QUIET
from hardware.svg import Svg

if TYPE_CHECKING:
    from hardware.parts import Bill
    from hardware.schematic.circuit import Circuit

Point = tuple[float, float]

POWER, DATA, RADIO = "#a8471f", "#1f5fa8", "#2d8a4e"
WIDTH, HEIGHT = 1180.0, 640.0
FILLS = {POWER: "#fdf3ec", DATA: "#eef4fc", RADIO: "#eef8f1"}


class Block(NamedTuple):
    """A part as a block; its number comes from the bill."""

    reference: str
    title: str
    x: float
    y: float
    colour: str
    width: float = 150.0
    height: float = 58.0


class Link(NamedTuple):
    """A net between two parts, drawn along a way; words: where they stand, "" for its name."""

    net: str
    start: str
    end: str
    way: tuple[Point, ...]
    colour: str
    words: str = ""
    at: Point | None = None
    both: bool = False


BLOCKS = (
    Block("J1", "USB-C", 40, 110, POWER),
    Block("U5", "charger, power path", 250, 110, POWER, 170),
    Block("U8", "buck-boost, 3.3 V", 500, 110, POWER, 160),
    Block("BT1", "lithium cell", 40, 230, POWER),
    Block("U6", "protection, with Q1", 250, 230, POWER, 170),
    Block("U7", "fuel gauge", 40, 380, POWER),
    Block("U1", "processor and radio", 500, 330, DATA, 200, 110),
    Block("U3", "accelerometer", 250, 380, DATA, 160),
    Block("U4", "haptic driver", 250, 500, DATA, 160),
    Block("M1", "motor (LRA)", 40, 500, DATA),
    Block("U9", "load switch", 860, 110, POWER),
    Block("U2", "GNSS receiver", 860, 250, RADIO, 170),
    Block("U10", "buffer", 860, 370, RADIO, 170),
    Block("ANT1", "patch antenna", 1045, 110, RADIO, 125),
    Block("SW1", "button", 560, 520, DATA, 110),
    Block("D3", "light (RGB)", 730, 520, DATA, 170),
)
LINKS = (
    Link("VBUS", "J1", "U5", ((190, 139), (250, 139)), POWER),
    Link("VSYS", "U5", "U8", ((420, 139), (500, 139)), POWER, at=(436, 131)),
    Link("VBAT", "BT1", "U5", ((115, 230), (115, 200), (290, 200), (290, 168)),
         POWER, at=(200, 194), both=True),
    Link("CELL_N", "BT1", "U6", ((190, 259), (250, 259)), POWER, "minus"),
    Link("VBAT", "BT1", "U7", ((115, 288), (115, 380)), POWER, at=(134, 340)),
    Link("VSYS", "U5", "U4", ((450, 139), (450, 529), (410, 529)), POWER, at=(470, 480)),
    Link("3V3", "U8", "U1", ((580, 168), (580, 330)), POWER, at=(600, 250)),
    Link("3V3", "U8", "U9", ((660, 139), (860, 139)), POWER),
    Link("3V3", "U8", "U2", ((740, 139), (740, 268), (860, 268)), POWER, "backup", at=(800, 262)),
    Link("GNSS_VCC", "U9", "U2", ((945, 168), (945, 250)), POWER, at=(988, 215)),
    Link("GNSS_EN", "U1", "U9", ((680, 330), (680, 190), (890, 190), (890, 168)),
         DATA, "enable", at=(780, 184)),
    Link("GNSS_TXD", "U2", "U1", ((860, 292), (810, 292), (810, 360), (700, 360)),
         DATA, "NMEA", at=(760, 354)),
    Link("GNSS_RXD", "U1", "U10", ((700, 399), (860, 399)), DATA, "UBX"),
    Link("GNSS_RXD_SW", "U10", "U2", ((945, 370), (945, 308)), DATA, "while on", at=(976, 344)),
    Link("RF_IN", "U2", "R26", ((1110, 168), (1110, 279), (1030, 279)),
         RADIO, "1575 MHz", at=(1110, 300)),
    Link("SDA", "U1", "U3", ((500, 385), (430, 385), (430, 400), (410, 400)),
         DATA, "I2C", at=(478, 379), both=True),
    Link("SDA", "U1", "U4", ((430, 400), (430, 515), (410, 515)), DATA, "I2C", at=(422, 480)),
    Link("SDA", "U1", "U7", ((430, 400), (430, 460), (160, 460), (160, 438)),
         DATA, "I2C", at=(230, 454)),
    Link("ACC_INT1", "U3", "U1", ((410, 425), (500, 425)), DATA, "wakes", at=(478, 418)),
    Link("MOTOR", "U1", "U4", ((520, 440), (520, 545), (410, 545)), DATA, "buzz", at=(490, 561)),
    Link("HAP_P", "U4", "M1", ((250, 529), (190, 529)), DATA, "drive"),
    Link("BUTTON", "SW1", "U1", ((615, 520), (615, 440)), DATA, "wakes", at=(640, 486)),
    Link("LED_G", "U1", "R19", ((680, 440), (680, 480), (800, 480), (800, 520)),
         DATA, "dark in covert mode", at=(780, 472)),
    Link("USB_DP", "R22", "U1", ((75, 110), (75, 76), (480, 76), (480, 350), (500, 350)),
         DATA, "USB data", at=(300, 70), both=True),
    Link("VBUS_SENSE", "R8", "U1", ((115, 110), (115, 98), (465, 98), (465, 340), (500, 340)),
         DATA, "is there USB?", at=(300, 92)),
)  # fmt: skip


def diagram(circuit: Circuit, bill: Bill) -> Svg:
    """The whole badge on one page. Raises HardwareError: a line is no net of the circuit."""
    svg = Svg(WIDTH, HEIGHT, "Tocsin badge: block diagram")
    svg.text((40, 40), "Tocsin badge, revision 1", 20, font_weight="bold")
    for index, (colour, words) in enumerate(
        ((POWER, "supply"), (DATA, "signals"), (RADIO, "radio frequency"))
    ):
        x = 620 + index * 130
        svg.line((x, 34), (x + 26, 34), stroke=colour, stroke_width=3)
        svg.text((x + 34, 38), words, 13)
    for link in LINKS:
        _line(svg, circuit, link)
    for block in BLOCKS:
        _block(svg, bill, block)
    return svg


def _line(svg: Svg, circuit: Circuit, link: Link) -> None:
    on = {end.reference for end in circuit.on(link.net)}
    for reference in (link.start, link.end):
        if reference not in on:
            raise HardwareError(f"block diagram: {reference} is not on net {link.net}")
    svg.path(link.way, stroke=link.colour, stroke_width=1.8)
    _arrow(svg, link.way[-2], link.way[-1], link.colour)
    if link.both:
        _arrow(svg, link.way[1], link.way[0], link.colour)
    (x1, y1), (x2, _) = link.way[0], link.way[-1]
    x, y = link.at or ((x1 + x2) / 2, y1 - 7)
    svg.text((x, y), link.words or link.net, 12, fill=link.colour, text_anchor="middle")


def _arrow(svg: Svg, before: Point, tip: Point, colour: str) -> None:
    (x1, y1), (x, y) = before, tip
    along = (x > x1) - (x < x1), (y > y1) - (y < y1)
    back = x - 8 * along[0], y - 8 * along[1]
    across = 4 * along[1], 4 * along[0]
    points = [
        tip,
        (back[0] + across[0], back[1] + across[1]),
        (back[0] - across[0], back[1] - across[1]),
    ]
    svg.polygon(points, fill=colour, stroke=colour)


def _block(svg: Svg, bill: Bill, block: Block) -> None:
    part = bill.part(block.reference)
    svg.rectangle(
        (block.x, block.y), block.width, block.height, rx=6.0, stroke=block.colour,
        stroke_width=1.8, fill=FILLS[block.colour],
    )  # fmt: skip
    middle, y = block.x + block.width / 2, block.y + block.height / 2
    svg.text((middle, y - 3), block.title, 14, text_anchor="middle", font_weight="bold")
    words = f"{block.reference}  {part.number}"
    short = words if 6.4 * len(words) < block.width else block.reference
    svg.text((middle, y + 15), short, 11, fill=QUIET, text_anchor="middle")
