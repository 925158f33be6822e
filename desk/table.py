"""A list of alerts for any Textual program: the desk's own view, and the demo's."""

from collections.abc import Iterable
from typing import ClassVar, NamedTuple

from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.coordinate import Coordinate
from textual.widgets import DataTable

from desk import cells
from desk.urgency import Urgency, urgency
from gateway.contract.messages import AlertRecord, unix_ms

WIDE = 114
_PADDING = 2
_SCROLLBAR = 2


class _Column(NamedTuple):
    key: str
    title: str
    width: int


_NARROW = (
    _Column("age", "Age", 5),
    _Column("wearer", "Wearer", 11),
    _Column("kind", "Kind", 12),
    _Column("stage", "Stage", 12),
)
_BROAD = (
    _Column("age", "Age", 5),
    _Column("wearer", "Wearer", 18),
    _Column("kind", "Kind", 16),
    _Column("stage", "Stage", 20),
    _Column("gateways", "Heard by", 12),
)


class AlertTable(DataTable[Text]):
    """Alerts, the most urgent first; the cursor stays on its alert as others come and go."""

    BINDINGS: ClassVar[list[BindingType]] = [("enter", "select_cursor", "Details")]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(
            id=id,
            cursor_type="row",
            cursor_foreground_priority="renderable",
            zebra_stripes=False,
        )
        self._records: dict[str, AlertRecord] = {}
        self._now_ms = 0
        self._columns: tuple[_Column, ...] = ()

    @property
    def selected(self) -> AlertRecord | None:
        """The alert under the cursor."""
        if not self.is_valid_row_index(self.cursor_row):
            return None
        return self._records.get(self._key_at(self.cursor_row))

    def show(self, records: Iterable[AlertRecord], now_ms: int) -> None:
        """Show these alerts, and no others, as of now_ms (unix ms)."""
        self._now_ms = now_ms
        ordered = sorted(records, key=lambda record: (urgency(record), -unix_ms(record.raised_at)))
        self._records = {record.alert: record for record in ordered}
        self._draw()

    def on_resize(self, _: events.Resize) -> None:
        """Fit the columns into the width, which is not known before."""
        self._draw()

    def _draw(self) -> None:
        if not self.size.width:
            return
        columns = _fit(self.size.width)
        shown = [self._key_at(row) for row in range(self.row_count)]
        if columns == self._columns and shown == list(self._records):
            self._refresh_cells()
        else:
            self._rebuild(columns)

    def _refresh_cells(self) -> None:
        for alert, record in self._records.items():
            for column in self._columns:
                cell = self._cell(record, column)
                if self.get_cell(alert, column.key) != cell:
                    self.update_cell(alert, column.key, cell)

    def _rebuild(self, columns: tuple[_Column, ...]) -> None:
        under_cursor = self._under_cursor()
        self.clear(columns=True)
        self._columns = columns
        for column in columns:
            self.add_column(column.title, width=column.width, key=column.key)
        for alert, record in self._records.items():
            self.add_row(*(self._cell(record, column) for column in columns), key=alert)
        row = self.get_row_index(under_cursor) if under_cursor in self._records else 0
        self.move_cursor(row=row, animate=False)

    def _under_cursor(self) -> str | None:
        # One that is over lets go of the cursor: the next key is for who still waits.
        selected = self.selected
        if selected is None or urgency(selected) >= Urgency.RECORDED:
            return None
        return selected.alert

    def _cell(self, record: AlertRecord, column: _Column) -> Text:
        told = {
            "age": cells.age(self._now_ms - unix_ms(record.raised_at)),
            "wearer": cells.wearer(record),
            "kind": cells.kind(record),
            "stage": cells.stage(record),
            "position": cells.position(record, self._now_ms, 4 if column.width < 30 else 5),
            "gateways": ", ".join(record.gateways),
        }[column.key]
        text = Text(told, style=cells.urgency_colour(record), no_wrap=True)
        text.truncate(column.width, overflow="ellipsis")
        return text

    def _key_at(self, row: int) -> str:
        return str(self.coordinate_to_cell_key(Coordinate(row, 0)).row_key.value)


def _fit(width: int) -> tuple[_Column, ...]:
    """The columns that fit; the position, which must not be cut, takes what the others leave."""
    columns = _BROAD if width >= WIDE else _NARROW
    taken = sum(column.width + _PADDING for column in columns) + _PADDING + _SCROLLBAR
    position = _Column("position", "Position", max(24, min(44, width - taken)))
    return (*columns[:4], position, *columns[4:])
