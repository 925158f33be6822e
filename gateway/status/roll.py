"""The roll call: every badge as this gateway last heard it, without its position. Pure."""

from typing import NamedTuple

from gateway.contract.messages import PHASES, Phase
from gateway.intake import Hearing
from gateway.reports import is_open
from gateway.status.snapshot import BadgeStatus

_MS_PER_S = 1000


class Roll:
    """Who was heard since the start, when and how loudly."""

    def __init__(self) -> None:
        self._entries: dict[int, _Entry] = {}

    def heard(self, now_ms: int, hearing: Hearing, rssi: int) -> None:
        """A frame that intake took; rssi in dBm."""
        report = hearing.report
        phase = PHASES[report.phase] if is_open(report.phase) else None
        self._entries[hearing.badge] = _Entry(
            now_ms, rssi, report.battery, bool(report.charging), phase
        )

    def badges(self, now_ms: int) -> tuple[BadgeStatus, ...]:
        """The badges by number."""
        return tuple(
            BadgeStatus(
                number=number,
                battery=entry.battery,
                charging=entry.charging,
                rssi=entry.rssi,
                age_s=max(0, now_ms - entry.seen_ms) / _MS_PER_S,
                phase=entry.phase,
            )
            for number, entry in sorted(self._entries.items())
        )


class _Entry(NamedTuple):
    seen_ms: int
    rssi: int
    battery: int | None
    charging: bool
    phase: Phase | None
