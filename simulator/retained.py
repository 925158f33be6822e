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

    Times are seconds of any clock that goes on while the badge sleeps; drift_ppm: by how much
    the RTC is faster than that.
    """

    def __init__(self, now_s: float, unix_s: int | None = None, drift_ppm: float = 0.0) -> None:
        self._rate = 1 + drift_ppm / 1_000_000
        self._set(now_s, _START_UNIX_S if unix_s is None else unix_s)
        self._memory = ""
        self._inputs: dict[tuple[str, str], str] = {}

    def said(self, now_s: float, words: tuple[str, ...]) -> None:
        """A line from the VM."""
        if words[0] == "rtc":
            self._set(now_s, int(words[1]))
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
        self._set(now_s, _START_UNIX_S)
        self._memory = ""

    def lines(self, now_s: float, cause: str) -> list[str]:
        """What a VM that starts now, for this cause, is told first."""
        reset_cause, wake_reason = _CAUSES[cause]
        found = [f"cause {reset_cause} {wake_reason}", f"rtc {self.unix_s(now_s)}"]
        if self._memory:
            found.append(f"rtcmem {self._memory}")
        found += [f"{kind} {number} {level}" for (kind, number), level in self._inputs.items()]
        return found

    @property
    def memory(self) -> bytes:
        """What is in the RTC's memory."""
        return bytes.fromhex(self._memory)

    def unix_s(self, now_s: float) -> int:
        """What the RTC shows."""
        return int(self._unix_s + (now_s - self._set_s) * self._rate)

    def _set(self, now_s: float, unix_s: int) -> None:
        self._set_s, self._unix_s = now_s, unix_s
