"""An accepted frame as the message that the desk reads."""

from gateway.contract import messages
from gateway.contract.messages import KINDS, PHASES, Position
from gateway.intake import Accepted
from wire.frame import (
    AGE_LIMITS_S,
    CODE_UNKNOWN,
    KIND_STATUS,
    PHASE_CANCELLED,
    PHASE_DELIVERED,
    PHASE_IDLE,
    PHASE_RESOLVED,
    Fix,
    Report,
)

_UDEG = 1_000_000
_RSSI_RANGE = (-200, 100)


def to_message(accepted: Accepted, gateway: str, now_ms: int, rssi: int) -> messages.Report:
    """The message of a frame heard at now_ms with rssi dBm."""
    report = accepted.report
    return messages.Report(
        badge=accepted.badge,
        event=report.event,
        kind=KINDS[report.kind],
        phase=PHASES[report.phase],
        counter=accepted.counter,
        gateway=gateway,
        heard_at=messages.rfc3339(now_ms),
        position=_position(report.fix),
        place=accepted.place,
        battery=report.battery,
        charging=report.charging,
        covert=report.covert,
        drill=report.drill,
        moving=report.moving,
        fault=report.fault,
        time_valid=report.minute is not None,
        stale=accepted.stale,
        rssi=clamp_rssi(rssi),
    )


def clamp_rssi(rssi: int) -> int:
    """A signal strength as messages may carry it, in dBm."""
    lowest, highest = _RSSI_RANGE
    return min(highest, max(lowest, rssi))


def is_event(report: Report) -> bool:
    """Whether a report tells of an event; otherwise it is a heartbeat, and the next replaces it."""
    return report.kind != KIND_STATUS or is_open(report.phase)


def is_open(phase: int) -> bool:
    """Whether an event in this phase still needs somebody."""
    return phase not in (PHASE_IDLE, PHASE_RESOLVED, PHASE_CANCELLED)


def shows_receipt(phase: int) -> bool:
    """Whether a badge in this phase needs no receipt of the desk any more."""
    return PHASE_DELIVERED <= phase <= PHASE_CANCELLED


def _position(fix: Fix | None) -> Position | None:
    if fix is None:
        return None
    return Position(
        latitude=fix.latitude_udeg / _UDEG,
        longitude=fix.longitude_udeg / _UDEG,
        age_s=None if fix.age_code == CODE_UNKNOWN else AGE_LIMITS_S[fix.age_code],
        accuracy_m=None if fix.accuracy_code == CODE_UNKNOWN else 1 << fix.accuracy_code,
    )
