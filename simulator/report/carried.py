"""What became of advertisements on the air: by badge, hub and cause of loss."""

from collections import Counter
from typing import NamedTuple

from simulator.lockstep.log import Entry
from simulator.report.facts import counts, text, whole

CAUSES = {
    "range": "too far, or behind too much",
    "fading": "a fade, while nobody moved enough to end it",
    "busy": "the hub's radio did something else",
    "collision": "over another advertiser's packet",
    "interference": "under Wi-Fi",
    "jammed": "under a jammer",
    "noise": "under the noise of the story",
}
"""Why a packet gets lost, in words; causes that are not here are shown by their name."""


class Carried(NamedTuple):
    """sent: advertisements that a hub could have heard, by badge and hub. lost: by badge, hub
    and cause. All are counted while a hub waited for a frame, and once a second after."""

    sent: Counter[tuple[int, str]]
    lost: Counter[tuple[int, str, str]]

    @property
    def badges(self) -> list[int]:
        return sorted({badge for badge, _ in self.sent})

    @property
    def hubs(self) -> list[str]:
        return sorted({hub for _, hub in self.sent})

    @property
    def causes(self) -> list[str]:
        """The known ones first, in a fixed order."""
        found = {cause for _, _, cause in self.lost}
        return [cause for cause in CAUSES if cause in found] + sorted(found - CAUSES.keys())

    def at_hub(self, hub: str) -> tuple[int, dict[str, int]]:
        """How many were sent, and how many lost by cause."""
        sent = sum(n for (_, at), n in self.sent.items() if at == hub)
        return sent, {cause: self._lost_at(hub, cause) for cause in self.causes}

    def share(self, badge: int, hub: str) -> float | None:
        """The share that arrived, 0 to 1; None when nothing was sent."""
        sent = self.sent[badge, hub]
        lost = sum(self.lost[badge, hub, cause] for cause in self.causes)
        return (sent - lost) / sent if sent else None

    @property
    def total(self) -> tuple[int, int]:
        """Sent and lost, of all."""
        return self.sent.total(), self.lost.total()

    def _lost_at(self, hub: str, cause: str) -> int:
        return sum(n for (_, at, why), n in self.lost.items() if (at, why) == (hub, cause))


class CarriedLog:
    """A listener."""

    def __init__(self) -> None:
        self._sent: Counter[tuple[int, str]] = Counter()
        self._lost: Counter[tuple[int, str, str]] = Counter()

    def __call__(self, entry: Entry) -> None:
        if entry.what == "carried":
            badge, hub = whole(entry, "badge"), text(entry, "hub")
            self._sent[badge, hub] += whole(entry, "sent")
            for cause, n in counts(entry, "lost").items():
                self._lost[badge, hub, cause] += n

    def carried(self) -> Carried:
        """All so far."""
        return Carried(Counter(self._sent), Counter(self._lost))
