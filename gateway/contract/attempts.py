"""Which broker is tried next, and in which version of MQTT. Pure."""

from enum import Enum

STEADY_S = 10.0
#: So many short connections in a row may happen: a broker hangs up on one message, say.
SHORT_USUAL = 8
RETURN_MAX_S = 3600.0


class Version(Enum):
    """Versions of MQTT, by the names of their standards; the best first."""

    V5 = "5"
    V3 = "3.1.1"


class Attempts:
    """The order of attempts at one or more brokers; 0 is the best.

    After a failure the next broker is tried, and after a connection that stood the same one
    again. `return_in_s` says how long to stay on a lesser broker before the better ones are
    tried; after each relapse, twice as long.
    """

    def __init__(self, brokers: int, return_s: float) -> None:
        self._brokers = brokers
        self._return_s = return_s
        self._known: dict[int, Version] = {}
        self._relapses = 0
        self._short = 0
        self.broker = 0

    @property
    def better(self) -> tuple[int, ...]:
        """The brokers that are better than the current one, the best first."""
        return tuple(range(self.broker))

    @property
    def return_in_s(self) -> float:
        """How long to stay on a lesser broker before the better ones are tried."""
        return min(RETURN_MAX_S, self._return_s * 2.0 ** min(self._relapses, 16))

    @property
    def flaps(self) -> int:
        """How many connections in a row were short, beyond what may happen."""
        return max(0, self._short - SHORT_USUAL)

    def versions(self, broker: int) -> tuple[Version, ...]:
        """The versions to try with this broker: what it understood last, else all."""
        known = self._known.get(broker)
        return tuple(Version) if known is None else (known,)

    def understood(self, broker: int, version: Version) -> None:
        """The broker took us in with this version."""
        self._known[broker] = version

    def misunderstood(self, broker: int) -> None:
        """The broker takes none of the versions that were tried."""
        self._known.pop(broker, None)

    def moved(self, broker: int) -> None:
        """A better broker takes the place of the current one."""
        self.broker = broker

    def failed(self) -> None:
        """No connection to the current broker."""
        self.broker = (self.broker + 1) % self._brokers

    def ended(self, stood_s: float, broken: bool) -> None:
        """The connection stood so long; broken: the broker did not do its work."""
        self._short = self._short + 1 if stood_s < STEADY_S else 0
        if stood_s > max(STEADY_S, self.return_in_s):
            self._relapses = 0
        if self._brokers > 1 and (broken or stood_s < STEADY_S):
            self._relapses += 1
            self.failed()
