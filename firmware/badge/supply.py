"""Where a badge's power comes from: its cell, whether it is plugged in, the receiver's rail.

Three kinds, alike to who uses them:

battery(): percent, None = unknown, and whether the badge is plugged in. Not whether current
flows into the cell: a badge that lies on the charger is not worn, however full it is.
gnss(on): switches the receiver, and leaves its backup supply on.
off(): everything off, until somebody plugs the badge in; returns where there is no switch for that.
faulty: whether a part does not answer. Everything else works on; it is asked again each time.
gauge: of the cell, for what it keeps in a deep sleep.
"""

from badge.power import Gauge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from badge.axp192 import Axp192
    from badge.axp2101 import Axp2101
    from badge.drv2605l import Drv2605l
    from badge.max17048 import Max17048

_SAMPLES = 8


class _Switched:
    """The receiver behind a load switch, the charger on a pin.

    external: a pin that is high while the badge is plugged in; None where the board has none,
    then it never says that it is.
    """

    def __init__(self, machine: "ModuleType", enable: int, external: "int | None") -> None:
        self._enable = machine.Pin(enable, machine.Pin.OUT)
        self._external = None if external is None else machine.Pin(external, machine.Pin.IN)
        self.gauge = Gauge()
        self.faulty = False

    def _plugged(self) -> bool:
        return self._external is not None and self._external.value() == 1

    def gnss(self, on: bool) -> None:
        self._enable.value(1 if on else 0)

    def off(self) -> None:
        self.gnss(False)


class CellSupply(_Switched):
    """The cell on an ADC pin behind a divider."""

    def __init__(
        self, machine: "ModuleType", adc: int, divider: int, enable: int, external: "int | None"
    ) -> None:
        super().__init__(machine, enable, external)
        # The default range of the ESP32's ADC ends at 1 V, where a cell behind a half is 2 V.
        self._adc = machine.ADC(machine.Pin(adc), atten=machine.ADC.ATTN_11DB)
        self._divider = divider

    def battery(self) -> "tuple[int | None, bool]":
        return self.gauge.step(self.cell_mv()), self._plugged()

    def cell_mv(self) -> int:
        """Millivolts, the mean of some measurements in a row: the ADC's noise is tens of them."""
        total_uv = 0
        for _ in range(_SAMPLES):
            total_uv += self._adc.read_uv()
        return total_uv // _SAMPLES * self._divider // 1000


class GaugeSupply(_Switched):
    """The cell at a fuel gauge, the motor behind a driver that must be set up.

    The receiver is on a pin of its own, so that a bus that fails does not cost the position.
    """

    def __init__(
        self,
        machine: "ModuleType",
        chip: "Max17048",
        haptic: "Drv2605l",
        enable: int,
        external: "int | None",
    ) -> None:
        super().__init__(machine, enable, external)
        self._chip = chip
        self._waiting: "list[Drv2605l | Max17048]" = [haptic, chip]  # to be set up
        self._begin()

    def battery(self) -> "tuple[int | None, bool]":
        cell_mv, percent = self._cell()
        known = self.gauge.step(cell_mv) is not None
        return percent if known else None, self._plugged()

    def cell_mv(self) -> int:
        """Millivolts; 0 when nobody knows."""
        return self._cell()[0]

    def _cell(self) -> "tuple[int, int]":
        self._begin()
        try:
            return self._chip.cell()
        except OSError:
            if self._chip not in self._waiting:
                self._waiting.append(self._chip)
            self.faulty = True
        return 0, 0

    def _begin(self) -> None:
        waiting, self._waiting = self._waiting, []
        for chip in waiting:
            try:
                chip.begin()
            except OSError:
                self._waiting.append(chip)
        self.faulty = bool(self._waiting)


class ChipSupply:
    """Cell and receiver behind a power chip; None: the board has no bus to reach it."""

    def __init__(self, chip: "Axp192 | Axp2101 | None") -> None:
        self._chip = chip
        self.gauge = Gauge()
        self._begun = False
        self.faulty = False
        self._ready()

    def battery(self) -> "tuple[int | None, bool]":
        chip = self._ready()
        if chip is not None:
            try:
                cell_mv, percent = chip.cell()
                by_voltage = self.gauge.step(cell_mv)
                return by_voltage if percent is None else percent, chip.powered()
            except OSError:
                self._fail()
        return None, False

    def cell_mv(self) -> int:
        """Millivolts; 0 when there is no cell, or nobody who knows."""
        chip = self._ready()
        if chip is not None:
            try:
                return chip.cell()[0]
            except OSError:
                self._fail()
        return 0

    def gnss(self, on: bool) -> None:
        chip = self._ready()
        if chip is not None:
            try:
                chip.gnss(on)
            except OSError:
                self._fail()

    def off(self) -> None:
        chip = self._ready()
        if chip is not None:
            try:
                chip.off()
            except OSError:
                self._fail()

    def _ready(self) -> "Axp192 | Axp2101 | None":
        """The chip, set up; None while it does not answer."""
        if not self._begun and self._chip is not None:
            try:
                self._chip.begin()
                self._begun = True
            except OSError:
                pass
        self.faulty = not self._begun
        return self._chip if self._begun else None

    def _fail(self) -> None:
        self._begun = False
        self.faulty = True
