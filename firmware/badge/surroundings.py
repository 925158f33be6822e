"""What the badge knows of itself and of where it is, and the reports made of that. Pure."""

from badge.power import CRITICAL, Reserve
from wire.frame import Fix, Report, accuracy_code, age_code, minute_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    Position = tuple[int, int, "int | None"]  # latitude_udeg, longitude_udeg, accuracy_m

OFF_DUTY_MS = 3_600_000  # without movement
NEVER = -(1 << 62)


class Surroundings:
    """covert: no light, no sound; drill: nobody is in danger."""

    def __init__(self, covert: bool, drill: bool) -> None:
        self.covert = covert
        self.drill = drill
        self.fault = False
        self.moving = False
        self.battery: "int | None" = None
        self.charging = False
        self.reserve = Reserve()
        self.position: "Position | None" = None
        self.position_at = NEVER
        self._moved_at: "int | None" = None  # None: no sensor says
        self._unix_at_0: "int | None" = None

    def set_clock(self, now_ms: int, unix_s: "int | None") -> None:
        self._unix_at_0 = None if unix_s is None else unix_s - now_ms // 1000

    def locate(self, now_ms: int, position: "Position") -> bool:
        """Whether this is the first fix."""
        first = self.position is None
        self.position, self.position_at = position, now_ms
        return first

    def move(self, now_ms: int, moving: bool) -> None:
        self.moving = moving
        if moving or self._moved_at is None:
            self._moved_at = now_ms

    def charge(self, percent: "int | None", charging: bool) -> bool:
        """Whether the desk should hear of it now: the charger came or went, or the cell is low."""
        before = self.reserve.state
        told = charging != self.charging
        self.battery, self.charging = percent, charging
        return self.reserve.step(percent, charging) > before or told

    @property
    def critical(self) -> bool:
        """Whether the cell is about to give out."""
        return self.reserve.state == CRITICAL

    def still_ms(self, now_ms: int) -> int:
        """How long nothing has moved; -1 when no sensor says."""
        return -1 if self._moved_at is None else now_ms - self._moved_at

    def on_duty(self, now_ms: int) -> bool:
        """Worn, as far as the badge can tell."""
        if self.charging:
            return False
        return self._moved_at is None or now_ms - self._moved_at < OFF_DUTY_MS

    def report(self, now_ms: int, kind: int, phase: int, event: int, tell_position: bool) -> Report:
        fix = None
        if tell_position and self.position is not None:
            latitude, longitude, accuracy_m = self.position
            age_s = (now_ms - self.position_at) // 1000
            fix = Fix(latitude, longitude, age_code(age_s), accuracy_code(accuracy_m))
        minute = None if self._unix_at_0 is None else minute_of(self._unix_at_0 + now_ms // 1000)
        return Report(
            kind,
            phase,
            event,
            self.battery,
            self.charging,
            fix,
            self.covert,
            self.drill,
            self.moving,
            self.fault,
            minute,
        )
