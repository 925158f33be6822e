"""Starts that follow each other too fast: a cell too weak for the radio's peaks, or a fault.

MicroPython tells a brown-out no other than a power-on, and a brown-out may take the RTC's memory
with it. So starts are counted on flash, until one has lasted a minute or has gone to sleep by
itself. From the third in a row on the badge spends its power on the radio alone, and says fault;
from the fifth on it first rests, ever longer, so that the cell recovers: it neither restarts
for ever without a word, nor falls silent. A press ends the rest.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from esp32 import NVS

STEADY_MS = 60_000
WEAK = 3
_RESTS_FROM = 5
_REST_MS = 1_000
_LONGEST_REST_MS = 32_000
_KEY = "starts"


class Stumbles:
    """slept: whether this start ended a deep sleep, and so is none to be counted."""

    def __init__(self, nvs: "NVS", slept: bool) -> None:
        self._nvs = nvs
        self._slept = slept
        try:
            self.count = max(0, nvs.get_i32(_KEY))
        except OSError:
            self.count = 0
        if not slept:
            self._write(self.count + 1)

    @property
    def weak(self) -> bool:
        """Whether motor, light, sound and receiver are to stay off."""
        return self.count >= WEAK

    def rest_ms(self) -> int:
        """How long to sleep before this start goes on; 0 = not at all."""
        if self._slept or self.count < _RESTS_FROM:
            return 0
        return min(_REST_MS << min(self.count - _RESTS_FROM, 10), _LONGEST_REST_MS)

    def steady(self) -> None:
        """This start is a good one."""
        if self.count:
            self._write(0)

    def _write(self, count: int) -> None:
        self.count = count
        try:
            self._nvs.set_i32(_KEY, count)
            self._nvs.commit()
        except OSError:
            pass  # the journal's copy is there too, and says so
