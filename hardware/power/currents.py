"""What a board draws from its cell in each state."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from hardware.power.figures import Consumer, Draw, Figures, load_figures
from hardware.power.ranges import Range, exactly, product, quotient, total

RAIL_V = 3.3

#: States of the processor: the whole board in one of them at a time.
PROCESSOR = (
    "deep_sleep", "light_sleep", "boot", "idle", "advertise", "advertise_fast", "connected", "scan",
)  # fmt: skip
#: What comes on top, while it is on.
ADDED = ("gnss_cold", "gnss_hot", "gnss_tracking", "gnss_backup", "vibration", "led")

_ASLEEP = ("deep_sleep", "light_sleep")


class Current(NamedTuple):
    """Milliamperes from the cell. assumed: at least one figure in it is nobody's measurement.

    adds: on top of a state of the processor, and not instead of it.
    """

    low: float
    typical: float
    high: float
    source: str
    assumed: bool
    adds: bool

    @property
    def range(self) -> Range:
        return Range(self.low, self.typical, self.high)


def currents(board: str) -> Mapping[str, Current]:
    """By state: PROCESSOR and ADDED, for a board of hardware/boards, or the badge on another
    chip: "badge_on_c3", "badge_on_c6".

    What draws for ever (charger, gauge, protection) is in every state of the processor; the
    receiver's backup is not, for it ends while the receiver is on: add gnss_backup.
    Raises HardwareError for a board without figures.
    """
    figures = load_figures()
    consumer = figures.consumer(board)
    always = total(*(_of_part(figures, consumer, part.ma, part.at) for part in consumer.always))
    chip = figures.chips[consumer.chip]
    receiver = figures.receivers[consumer.receiver]
    found = {}
    for state in PROCESSOR:
        draw: Draw = getattr(chip, state)
        at_cell = total(_at_cell(figures, consumer, draw, asleep=state in _ASLEEP), always)
        assumed = draw.assumed or any(part.assumed for part in consumer.always)
        source = f"{draw.source}; and {len(consumer.always)} parts that draw for ever"
        found[state] = Current(*at_cell, source, assumed, adds=False)
    for state in ("cold", "hot", "tracking"):
        found[f"gnss_{state}"] = _added(figures, consumer, getattr(receiver, state))
    found["gnss_backup"] = _backup(figures, consumer, receiver.backup)
    found["vibration"] = Current(*consumer.vibration.ma, *_origin(consumer.vibration), adds=True)
    found["led"] = _added(figures, consumer, consumer.led)
    return MappingProxyType(found)


def _origin(draw: Draw) -> tuple[str, bool]:
    return draw.source, draw.assumed


def _added(figures: Figures, consumer: Consumer, draw: Draw) -> Current:
    return Current(*_at_cell(figures, consumer, draw, asleep=False), *_origin(draw), adds=True)


def _backup(figures: Figures, consumer: Consumer, draw: Draw) -> Current:
    if not consumer.backup_from_cell:
        return Current(0, 0, 0, "from a cell of its own", assumed=False, adds=True)
    return Current(*_at_cell(figures, consumer, draw, asleep=True), *_origin(draw), adds=True)


def _at_cell(figures: Figures, consumer: Consumer, draw: Draw, *, asleep: bool) -> Range:
    """What flows from the cell for a current at 3.3 V."""
    efficiency = (consumer.sleep if asleep else consumer.work).range
    power = product(Range(*draw.ma), exactly(RAIL_V / figures.cell.volts))
    return quotient(power, efficiency)


def _of_part(
    figures: Figures, consumer: Consumer, ma: tuple[float, float, float], at: str
) -> Range:
    if at == "cell":
        return Range(*ma)
    return _at_cell(figures, consumer, Draw(ma, ""), asleep=True)
