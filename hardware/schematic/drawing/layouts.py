"""Which box stands where on each sheet, and which of its pins on which side."""

from __future__ import annotations

from typing import NamedTuple


class Box(NamedTuple):
    """A part as a box: names of its pins from top to bottom, on each side."""

    reference: str
    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()


class Line(NamedTuple):
    """A net without a box; parts: what hangs on it, where it is a rail."""

    net: str
    parts: tuple[str, ...] = ()
    title: str = ""


Column = tuple[Box | Line, ...]

LAYOUTS: dict[str, tuple[Column, ...]] = {
    "usb": (
        (
            Box("J1", (),
                ("VBUS", "CC1", "CC2", "DP1", "DP2", "DN1", "DN2", "SBU1", "SBU2", "GND",
                 "SHIELD")),
        ),
        (
            Box("D1", ("D1+", "D1-", "D2+", "D2-", "GND")),
            Line("VBUS", ("D2",), "surges"),
            Line("VBUS_SENSE", (), "is there USB?"),
        ),
    ),
    "power": (
        (
            Box("U5", ("IN", "EN2", "EN1", "CE_N", "ISET", "ILIM", "TS", "TMR", "ITERM"),
                ("OUT", "BAT", "CHG_N", "PGOOD_N", "VSS")),
            Box("U8", ("VIN", "EN", "SEL", "CFG1", "CFG2", "CFG3"),
                ("LX1", "LX2", "VOUT", "GND", "EP")),
        ),
        (
            Box("U6", ("BAT", "VSS"), ("DOUT", "COUT", "V-")),
            Box("J2", (), ("+", "-")),
            Box("BT1", (), ("+", "-")),
        ),
        (
            Box("Q1", ("S1", "G1", "D", "G2", "S2")),
            Line("VBAT", ("C11",), "across the pack"),
            Box("U7", ("VDD", "CELL", "QSTRT", "CTG", "GND", "EP"), ("SDA", "SCL", "ALRT_N")),
        ),
    ),
    "mcu": (
        (
            Box("U1",
                ("3V3", "EN", "IO0", "IO8", "IO9", "IO15", "IO16", "IO19", "IO20", "TXD0", "RXD0",
                 "GND"),
                ("IO4", "IO5", "IO6", "IO7", "IO10", "IO11", "IO12", "IO13", "IO14", "IO17",
                 "IO18")),
        ),
    ),
    "gnss": (
        (
            Box("U9", ("VIN", "VBIAS", "ON", "GND"), ("VOUT",)),
            Box("U10", ("A",), ("VCC", "Y", "GND")),
        ),
        (
            Box("U2", ("VCC", "V_IO", "V_BCKP", "RXD", "TXD", "TIMEPULSE", "GND"),
                ("RF_IN", "LNA_EN", "VCC_RF", "VIO_SEL", "EXTINT", "RESET_N", "SAFEBOOT_N", "SDA",
                 "SCL")),
        ),
    ),
    "motion": (
        (
            Box("U3", ("VDD", "VDD_IO", "CS", "SA0", "RES", "GND"),
                ("SDA", "SCL", "INT1", "INT2")),
        ),
    ),
    "haptics": (
        (
            Box("U4", ("VDD", "VDD/NC", "REG", "IN/TRIG", "EN", "SDA", "SCL", "GND"),
                ("OUT+", "OUT-")),
        ),
    ),
    "touch": (
        (Line("BUTTON", (), "button"),),
        (Box("D3", ("A",), ("RK", "GK", "BK")),),
    ),
    "pads": (),
}  # fmt: skip
