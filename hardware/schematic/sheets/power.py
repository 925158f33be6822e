"""Power: charger with power path, cell and its protection, gauge, buck-boost for 3.3 V."""

from hardware.board import Board
from hardware.schematic.circuit import GROUND, Sheet

CELL_MINUS = "CELL_N"  # below the protection's FETs; ground is above them


def wire(sheet: Sheet, board: Board) -> None:
    """VBUS - U5 - VSYS - U8 - 3V3; cell - U6, Q1 - VBAT - U5, U7."""
    _charger(sheet)
    _cell(sheet)
    _gauge(sheet)
    _supply(sheet)


def _charger(sheet: Sheet) -> None:
    sheet.chip(
        "U5",
        {
            "IN": "VBUS", "OUT": "VSYS", "BAT": "VBAT", "VSS": GROUND, "CE_N": GROUND,
            "EN1": GROUND, "EN2": "CHG_EN2", "ISET": "CHG_ISET", "ILIM": "CHG_ILIM",
            "TS": "CHG_TS", "CHG_N": "CHG_N", "PGOOD_N": "PGOOD_N",
        },
        why="EN2 high, EN1 low: ILIM sets the current from USB (SLUS810, table of EN1 and EN2)",
    )  # fmt: skip
    # From VBUS, not from VSYS: EN2 has 285 kOhm to ground inside (SLUS810), which would take 14 uA
    # from the cell for ever. In series, because EN2 bears 7 V and VBUS may have more.
    sheet.between("R12", "VBUS", "CHG_EN2", why="EN2 high only while there is USB")
    sheet.between(
        "R10", "CHG_ISET", GROUND, why="890 A Ohm / R (SLUS810): 247 mA, half a charge an hour"
    )
    sheet.between(
        "R11", "CHG_ILIM", GROUND, why="1610 A Ohm / R (SLUS810): 488 mA, below USB's 500"
    )
    sheet.between("RT1", "CHG_TS", GROUND, why="10 kOhm NTC at the cell (SLUS810, TS): 0 to 50 C")
    sheet.capacitor("C7", "VBUS", "U5.IN", "1 to 10 uF, 25 V")
    sheet.capacitor("C8", "VSYS", "U5.OUT", "4.7 to 47 uF")
    sheet.capacitor("C9", "VBAT", "U5.BAT", "4.7 to 47 uF")


def _cell(sheet: Sheet) -> None:
    sheet.chip("BT1", {"+": "VBAT", "-": CELL_MINUS}, why="on a plug: transport and service")
    sheet.chip("J2", {"+": "VBAT", "-": CELL_MINUS})
    sheet.chip(
        "U6",
        {
            "BAT": "PROT_BAT", "VSS": CELL_MINUS, "V-": "PROT_V", "COUT": "PROT_CHG",
            "DOUT": "PROT_DSG",
        },
        why="opens Q1: overcharge, overdischarge, overcurrent, short circuit",
    )  # fmt: skip
    sheet.chip(
        "Q1",
        {"S1": CELL_MINUS, "G1": "PROT_DSG", "S2": GROUND, "G2": "PROT_CHG", "D": "PROT_D"},
        why="discharge FET at the cell, charge FET at ground (SLUSBU9, typical application)",
    )
    sheet.between("R13", "VBAT", "PROT_BAT", why="330 Ohm (SLUSBU9, typical application)")
    sheet.between("C10", "PROT_BAT", CELL_MINUS, "U6.BAT", why="0.1 uF (SLUSBU9, 6.1.1)")
    sheet.between("R14", "PROT_V", GROUND, why="2.2 kOhm to Pack- (SLUSBU9, 6.1.3)")
    sheet.between(
        "C11", "VBAT", GROUND, why="0.1 uF across the pack (SLUSBU9, typical application)"
    )


def _gauge(sheet: Sheet) -> None:
    sheet.chip(
        "U7",
        {
            "VDD": "VBAT", "CELL": "VBAT", "GND": GROUND, "CTG": GROUND, "EP": GROUND,
            "QSTRT": GROUND, "SDA": "SDA", "SCL": "SCL",
        },
        why="behind the protection: it measures what the badge gets",
    )  # fmt: skip
    sheet.capacitor("C12", "VBAT", "U7.VDD", "0.1 uF (19-6171)")


def _supply(sheet: Sheet) -> None:
    sheet.chip(
        "U8",
        {
            "VIN": "VSYS", "EN": "VSYS", "SEL": GROUND, "CFG1": "SUP_CFG1", "CFG2": "SUP_CFG2",
            "CFG3": "SUP_CFG3", "LX1": "SUP_LX1", "LX2": "SUP_LX2", "VOUT": "3V3", "GND": GROUND,
            "EP": GROUND,
        },
        why="always on; SEL low takes the voltage of CFG3",
    )  # fmt: skip
    sheet.between("L1", "SUP_LX1", "SUP_LX2", why="2.2 uH (SLVSET3, 8.2.2.2)")
    sheet.between("R23", "SUP_CFG1", GROUND, why="36.5 kOhm (SLVSET3, 7.3.6)")
    sheet.between(
        "R24", "SUP_CFG2", GROUND, why="0 Ohm: no limit of the input current (SLVSET3, 7.3.6)"
    )
    sheet.between("R25", "SUP_CFG3", GROUND, why="16.2 kOhm: 3.3 V (SLVSET3, 7.3.6)")
    sheet.capacitor("C4", "VSYS", "U8.VIN", "10 uF (SLVSET3, 8.2.2.4)")
    sheet.capacitor("C5", "3V3", "U8.VOUT", "22 uF (SLVSET3, 8.2.2.3)")
    sheet.capacitor("C6", "3V3", "U8.VOUT", "a second one, for the radio's 350 mA peaks")
