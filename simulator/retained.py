"""What of an ESP32 lives on while its processor is off: the RTC with its memory, and the pins."""

_START_UNIX_S = 946_684_800  # where an RTC that had no power begins: 2000-01-01

POWER_ON = "power"
RESET = "reset"
TIMER = "timer"
BUTTON = "button"
MOVED = "moved"

# machine.reset_cause() and machine.wake_reason() of each.
_CAUSES = {POWER_ON: (1, 0), RESET: (2, 0), TIMER: (4, 4), BUTTON: (4, 2), MOVED: (4, 3)}


class Retained:
    """Follows both sides of the line; tells a starting VM what it would find.

    Times are seconds of any clock that goes on while the badge sleeps.
    """

    def __init__(self, now_s: float, unix_s: int | None = None) -> None:
        self._unix_at_0 = (_START_UNIX_S if unix_s is None else unix_s) - now_s
        self._memory = ""
        self._inputs: dict[tuple[str, str], str] = {}

    def said(self, now_s: float, words: tuple[str, ...]) -> None:
        """A line from the VM."""
        if words[0] == "rtc":
            self._unix_at_0 = int(words[1]) - now_s
        elif words[0] == "rtcmem":
            self._memory = words[1]
        elif words[0] == "reg":
            self._inputs["reg", words[1]] = words[2]

    def told(self, line: str) -> None:
        """A line to the VM: the level that a pin, a voltage or a register has from now on."""
        kind, _, rest = line.partition(" ")
        if kind in ("pin", "adc", "i2c", "reg"):
            number, _, level = rest.partition(" ")
            self._inputs[kind, number] = level

    def lose_power(self, now_s: float) -> None:
        """The battery is out: the clock and its memory are gone."""
        self._unix_at_0 = _START_UNIX_S - now_s
        self._memory = ""

    def lines(self, now_s: float, cause: str) -> list[str]:
        """What a VM that starts now, for this cause, is told first."""
        reset_cause, wake_reason = _CAUSES[cause]
        found = [f"cause {reset_cause} {wake_reason}", f"rtc {int(self._unix_at_0 + now_s)}"]
        if self._memory:
            found.append(f"rtcmem {self._memory}")
        found += [f"{kind} {number} {level}" for (kind, number), level in self._inputs.items()]
        return found
