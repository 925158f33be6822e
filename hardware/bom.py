"""The bill of materials as a table and as CSV."""

import csv
from pathlib import Path

from rich.table import Table

from hardware.parts import BATCHES, Bill, Part

COLUMNS = (
    "references", "quantity", "value", "manufacturer", "number", "description", "package",
    *(f"unit_{batch}" for batch in BATCHES), "alternatives", "note", "assumption",
    "price_date", "price_origin",
)  # fmt: skip


def table(bill: Bill) -> Table:
    """A line a part; below, the totals of one badge in a batch of 10, 100 and 1,000."""
    prices = bill.prices
    shown = Table(
        title=f"Tocsin badge, revision 1: {prices.currency}, {prices.date}",
        caption=f"{prices.origin}\n{prices.assumption}",
        show_footer=False,
    )
    for name in ("parts", "n", "number", "what it is"):
        shown.add_column(name, justify="right" if name == "n" else "left", overflow="fold")
    for batch in BATCHES:
        shown.add_column(f"{batch:,}", justify="right")
    for part in bill.parts:
        shown.add_row(", ".join(part.references), str(part.quantity), _number(part), _what(part),
                      *(_money(part.price[batch]) for batch in BATCHES))  # fmt: skip
    shown.add_section()
    _sum(shown, "parts", [bill.parts_cost(batch) for batch in BATCHES])
    for work in bill.works:
        _sum(shown, work.name, [work.price[batch] for batch in BATCHES])
    shown.add_section()
    _sum(shown, "one badge", [bill.total(batch) for batch in BATCHES])
    _sum(shown, "all badges", [bill.total(batch) * batch for batch in BATCHES])
    return shown


def write_csv(bill: Bill, path: Path) -> None:
    """A line a part, with alternatives, date and origin of the prices; for a distributor's page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(_row(bill, part) for part in bill.parts)


def _row(bill: Bill, part: Part) -> list[str]:
    others = "; ".join(
        f"{other.manufacturer} {other.number} ({other.fit}{': ' if other.note else ''}{other.note})"
        for other in part.alternatives
    )
    return [
        " ".join(part.references), str(part.quantity), part.value, part.manufacturer, part.number,
        part.description, part.package, *(str(part.price[batch]) for batch in BATCHES), others,
        part.note, part.assumption, bill.prices.date,
        f"{bill.prices.origin}; {bill.prices.assumption}",
    ]  # fmt: skip


def _number(part: Part) -> str:
    return f"{part.number}{'' if part.alternatives else ' (no other)'}"


def _what(part: Part) -> str:
    return f"{part.value}: {part.description}" if part.value else part.description


def _sum(shown: Table, name: str, amounts: list[float]) -> None:
    shown.add_row("", "", "", name, *(f"{amount:,.2f}" for amount in amounts))


def _money(amount: float) -> str:
    return f"{amount:.3f}" if amount < 0.1 else f"{amount:.2f}"
