"""Every part is bought by number, can be replaced, and costs what is said to be an estimate."""

import csv
import io
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from hardware.board import load_board
from hardware.bom import COLUMNS, table, write_csv
from hardware.errors import HardwareError
from hardware.parts import BATCHES, Alternative, Bill, Part, faults, load_parts, parse_parts

replace = msgspec.structs.replace

BILL = load_parts()
OWN = load_board("badge")


def change(reference: str, **fields: Any) -> Bill:
    """The bill with other fields in one line."""
    assert reference in BILL.references
    parts = tuple(replace(p, **fields) if reference in p.references else p for p in BILL.parts)
    return replace(BILL, parts=parts)


def test_the_bill_is_whole_and_knows_all_that_the_board_names() -> None:
    assert faults(BILL, OWN) == []


def test_every_part_of_one_maker_has_an_alternative() -> None:
    assert [p.number for p in BILL.parts if p.single_source and not p.alternatives] == []
    assert [p.number for p in BILL.parts if p.single_source] != []


def test_prices_say_that_they_are_assumed_and_of_when() -> None:
    assert BILL.prices.date == "2026-11"
    assert "check before ordering" in BILL.prices.assumption


PLANTED: list[tuple[Bill, str]] = [
    (change("U1", references=("U1", "U2")), "U2 is named 2 times"),
    (change("R8", number="RC0402FR-07330KL"), "RC0402FR-07330KL is named 2 times"),
    (change("U7", references=()), "has no reference"),
    (change("U7", price={10: 1, 100: 1}), "MAX17048G+T10: prices for [10, 100]"),
    (change("U7", price={10: 1, 100: 2, 1_000: 1}), "a larger batch costs more"),
    (change("U7", price={10: 1, 100: 1, 1_000: 0}), "a larger batch costs more"),
    (change("U7", alternatives=()), "one source, and no alternative"),
    (change("U7", alternatives=(Alternative("x", "y", "check"),)), "what must be checked of y"),
    (change("R15", references=("R99",)), "badge names R15, which is no part"),
    (change("U3", references=("U99",)), "badge names U3, which is no part"),
    (change("U1", number="ESP32-C3-MINI-1-N4"), "badge is built on ESP32-S3-MINI-1-N8"),
    (replace(BILL, prices=replace(BILL.prices, date="")), "need a date"),
]


@pytest.mark.parametrize(("bill", "said"), PLANTED, ids=lambda part: str(part)[:24])
def test_a_planted_fault_is_found(bill: Bill, said: str) -> None:
    assert any(said in fault for fault in faults(bill, OWN)), faults(bill, OWN)


def test_totals_are_sums_and_what_is_not_fitted_costs_nothing() -> None:
    for batch in BATCHES:
        by_hand = sum(p.price[batch] * len(p.references) for p in BILL.parts if p.fitted)
        assert BILL.parts_cost(batch) == pytest.approx(by_hand)
        works = sum(work.price[batch] for work in BILL.works)
        assert BILL.total(batch) == pytest.approx(by_hand + works)
    assert not BILL.part("Y1").fitted
    assert BILL.part("Y1").quantity == 0


def test_a_larger_batch_costs_less_a_badge() -> None:
    assert BILL.total(10) > BILL.total(100) > BILL.total(1_000)


def test_the_csv_has_every_part_with_its_alternatives_and_where_its_price_is_from(
    tmp_path: Path,
) -> None:
    path = tmp_path / "deep" / "bom.csv"
    write_csv(BILL, path)
    rows = list(csv.DictReader(io.StringIO(path.read_text(), newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert {name for row in rows for name in row["references"].split()} == BILL.references
    gauge = next(row for row in rows if row["references"] == "U7")
    assert "MAX17043" in gauge["alternatives"]
    assert gauge["price_origin"].endswith(BILL.prices.assumption)


def test_the_table_shows_every_number_and_the_totals() -> None:
    console = Console(width=200, file=io.StringIO())
    console.print(table(BILL))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert [p.number for p in BILL.parts if p.number not in shown] == []
    assert f"{BILL.total(1_000):,.2f}" in shown
    assert BILL.prices.assumption in shown


def test_an_unknown_reference_is_refused_by_its_name() -> None:
    with pytest.raises(HardwareError, match="no part Q99"):
        BILL.part("Q99")


@pytest.mark.parametrize("text", [b"[prices", b"[prices]\ncurrency = 3", b"odd = 1"])
def test_a_file_that_is_no_bill_is_refused_by_its_name(text: bytes) -> None:
    with pytest.raises(HardwareError, match=r"^odd\.toml: "):
        parse_parts(text, "odd.toml")


def test_quantities_are_counted_not_typed() -> None:
    pull_ups: Part = BILL.part("R1")
    assert pull_ups.quantity == len(pull_ups.references) == 3
