"""docs/hardware.md says what the data and the code say."""

import ast
import re
from pathlib import Path

import pytest

from hardware import tables
from hardware.board import board_names, load_board
from hardware.parts import load_parts
from hardware.power import Cell, Day, currents, days, spent
from simulator.vm_script import firmware

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "hardware.md").read_text()
DAYS = 24 * 90


def section(title: str) -> str:
    """Of the page, to the next heading of any level."""
    _, _, rest = PAGE.partition(f" {title}\n")
    assert rest, title
    return rest.split("\n#", 1)[0]


@pytest.mark.parametrize(
    ("title", "table"),
    [
        ("A T-Beam in ten minutes", tables.wiring("tbeam_v1_2")),
        ("Our own badge", tables.pins("badge")),
        ("What it costs", tables.costs()),
        ("Battery", tables.battery_days()),
        ("Ninety days", tables.ninety_days()),
        ("Ninety days", tables.light_sleep()),
    ],
)
def test_a_table_of_the_page_is_what_is_computed(title: str, table: str) -> None:
    assert table in section(title)


def test_both_t_beams_are_wired_alike() -> None:
    assert load_board("tbeam_v1_1").wiring == load_board("tbeam_v1_2").wiring


def test_figures_in_the_text_are_what_is_computed() -> None:
    ma = currents("badge")
    own, c3 = (days(board, Cell(), Day()) for board in ("badge", "badge_on_c3"))
    assert f"lasts {c3.typical:.0f} ({c3.low:.0f} to {c3.high:.0f}) days" in PAGE
    assert f"and {own.typical:.0f} ({own.low:.0f} to {own.high:.0f}) on the S3" in PAGE
    backup, asleep = ma["gnss_backup"].typical, ma["deep_sleep"].typical
    assert f"costs {backup * DAYS:.0f} mAh in 90 days" in PAGE
    assert f"take {asleep * DAYS:.0f} mAh in 90 days" in PAGE
    awake = ma["idle"].typical + ma["gnss_tracking"].typical
    assert f"about {awake:.0f} mAh an hour" in PAGE
    alert = [i.mah.typical for i in spent("badge", Day(alerts=1)) if "alerts" in i.name]
    assert f"of ten minutes takes {sum(alert):.0f} mAh" in PAGE
    asleep_ua = 1_000 * (asleep + backup)
    assert f"{asleep_ua:.0f} uA, not above" in PAGE


def test_the_bench_test_has_every_part_of_the_self_test() -> None:
    source = ast.parse((firmware() / "badge" / "selftest.py").read_text())
    (parts,) = (
        ast.literal_eval(node.value)
        for node in source.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PARTS"
    )
    rows = re.findall(r"^\| ([^|]+?) \|", section("Bench test"), re.MULTILINE)
    assert [row for row in rows if row in parts] == list(parts)


def test_every_part_that_the_page_names_is_in_the_bill_or_on_the_board() -> None:
    bill, board = load_parts(), load_board("badge")
    named = set(re.findall(r"\b(?:U|R|C|D|Q|J|Y|SW|TP)\d+\b", PAGE)) - {"C3", "C6"}
    assert named
    assert named <= bill.references | set(board.test_pads)


def test_the_page_warns_of_what_nobody_has_certified_and_of_assumed_prices() -> None:
    law = section("By law, and by common sense")
    for word in ("BS 8484", "EN 50134", "UN 38.3", "2014/53/EU", "FCC", "CE marking", "SAR"):
        assert word in law
    assert "check before ordering" in section("What it costs")


def test_every_board_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`(\w+_generic)`", PAGE)) | set(
        re.findall(r"hardware pins (\w+)", PAGE)
    )
    assert named <= set(board_names())
    firmware_names = {load_board(name).firmware for name in board_names()}
    assert set(re.findall(r"--board (\w+)", PAGE)) <= firmware_names
