"""What is left in the battery, from the cell's voltage. Pure."""

TYPE_CHECKING = False

# Resting voltage of a lithium-ion or -polymer cell at room temperature: millivolts and percent.
# From 10 up by a table for LiCoO2 cells (SolidRun's example for their board's `simple-battery`
# devicetree node, ocv-capacity-table-0); ROHM's measured example in Linux's binding for its
# chargers differs by 10 mV up to 60 %, by 50 mV at 90 %. Empty is where the badge's 3.3 V
# regulator gives up, not where the cell is spoilt (3.0 V).
_CURVE = (
    (3300, 0),
    (3610, 5),
    (3690, 10),
    (3730, 20),
    (3770, 30),
    (3800, 40),
    (3840, 50),
    (3870, 60),
    (3950, 70),
    (4020, 80),
    (4110, 90),
    (4180, 100),  # 4200 at the charger, whose tolerance is 1 %, and less at rest
)
NO_CELL_MV = 2_500  # less than the processor itself runs on: no cell there, or a broken divider
MOST_MV = 4_400  # more than any charger gives: a broken divider
_JUMP_MV = 120  # another cell, the charger came or went, or one measurement is wrong
_MEAN_SHIFT = 2  # a mean over 4 measurements
_STEADY = 2  # percent that must change before another figure is shown

NORMAL = 0
LOW = 1
CRITICAL = 2


def percent(cell_mv: int) -> int:
    """Charge in percent, 0-100, of a cell at rest."""
    below_mv, below = _CURVE[0]
    if cell_mv <= below_mv:
        return 0
    for above_mv, above in _CURVE:
        if cell_mv < above_mv:
            return below + (above - below) * (cell_mv - below_mv) // (above_mv - below_mv)
        below_mv, below = above_mv, above
    return 100


class Gauge:
    """One cell: noise and the radio's peaks do not make its percent flicker.

    A jump is believed when the next measurement shows it too.
    """

    def __init__(self) -> None:
        self._sum_mv = 0
        self._shown = 0
        self._doubts = False

    def recall(self, kept: int) -> None:
        """What keep() gave before a deep sleep; 0 = nothing."""
        self._doubts = kept & 1 == 1
        self._sum_mv = kept >> 1 << _MEAN_SHIFT
        self._shown = percent(self.mean_mv)

    def keep(self) -> int:
        """What a deep sleep must not lose: 0-65535."""
        return self.mean_mv << 1 | (1 if self._doubts else 0)

    @property
    def mean_mv(self) -> int:
        return self._sum_mv >> _MEAN_SHIFT

    def step(self, cell_mv: int) -> "int | None":
        """Percent after another measurement; None when that is no cell's."""
        if not NO_CELL_MV <= cell_mv <= MOST_MV:
            self._sum_mv = 0
            return None
        jumped = abs(cell_mv - self.mean_mv) > _JUMP_MV
        if jumped and self._sum_mv and not self._doubts:
            self._doubts = True
            return self._shown
        self._doubts = False
        if jumped:
            self._sum_mv = cell_mv << _MEAN_SHIFT
            self._shown = percent(cell_mv)
        self._sum_mv += cell_mv - self.mean_mv
        level = percent(self.mean_mv)
        if abs(level - self._shown) >= _STEADY or level in (0, 100):
            self._shown = level
        return self._shown


class Reserve:
    """Whether the battery is low: told at the threshold, taken back only well above it.

    Never critical at first sight: the badge goes off for that, and one measurement may err.
    """

    def __init__(self, low: int = 15, critical: int = 3, margin: int = 5) -> None:
        self._low = low
        self._critical = critical
        self._margin = margin
        self.state = NORMAL

    def step(self, level: "int | None", powered: bool) -> int:
        """NORMAL, LOW or CRITICAL. Unknown changes nothing; plugged in, nothing is low."""
        if powered:
            self.state = NORMAL
        elif level is not None:
            low = self._low + (self._margin if self.state >= LOW else 0)
            critical = self._critical + (self._margin if self.state == CRITICAL else 0)
            found = CRITICAL if level <= critical else LOW if level <= low else NORMAL
            self.state = min(found, self.state + 1)
        return self.state
