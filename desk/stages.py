"""The commands that tell a badge where its event stands, and when they are repeated. Pure."""

from collections.abc import Iterable

from desk.alert import CALLING, Alert, Key, raises
from desk.turns import Send
from gateway.contract.messages import CommandMessage, Opcode, Phase, rfc3339

REISSUE_MS = 2_000
COMMAND_LIFE_MS = 60_000
MINUTES_UNKNOWN = 255

#: The command that tells the badge a stage.
COMMANDS = {
    Phase.DELIVERED: Opcode.DELIVERED,
    Phase.ACKNOWLEDGED: Opcode.ACKNOWLEDGED,
    Phase.RESOLVED: Opcode.RESOLVED,
}
#: The stage that the badge took with a command.
STAGES = {Opcode.HEARD: Phase.HEARD, **{opcode: phase for phase, opcode in COMMANDS.items()}}


class Stages:
    """Remembers which stage was sent when, so that no badge is told it too often."""

    def __init__(self) -> None:
        self._sent_ms: dict[Key, int] = {}

    def tell(self, now_ms: int, key: Key, phase: Phase, minutes: int | None = None) -> Send:
        """The command of a stage. key: the badge's own event; minutes: until help."""
        self._sent_ms[key] = now_ms
        opcode = COMMANDS[phase]
        told = MINUTES_UNKNOWN if minutes is None else minutes
        return Send(
            CommandMessage(
                id=f"{key}-{opcode}-{now_ms}",
                badge=key.badge,
                event=key.event,
                opcode=opcode,
                expires_at=rfc3339(now_ms + COMMAND_LIFE_MS),
                argument=told if opcode is Opcode.ACKNOWLEDGED else None,
            )
        )

    def tell_current(self, now_ms: int, alert: Alert) -> Send:
        """The command of an alert's stage."""
        return self.tell(now_ms, alert.key, stage(alert), alert.minutes)

    def heal(
        self, now_ms: int, key: Key, phase: Phase, shown: Phase, minutes: int | None = None
    ) -> tuple[Send, ...]:
        """The current command again, when the badge shows an earlier phase of its open event."""
        behind = raises(shown) and shown.rank < phase.rank
        if not behind or 0 <= now_ms - self._sent_ms.get(key, -REISSUE_MS) < REISSUE_MS:
            return ()
        return (self.tell(now_ms, key, phase, minutes),)

    def repeat(self, now_ms: int, alerts: Iterable[Alert]) -> tuple[Send, ...]:
        """What no badge has confirmed, after the broker may have lost it."""
        return tuple(
            self.tell_current(now_ms, alert)
            for alert in alerts
            if Phase.RAISED in alert.reported
            and stage(alert) not in alert.felt
            and (alert.ended_ms is None or now_ms - alert.ended_ms < COMMAND_LIFE_MS)
        )

    def pass_time(self, now_ms: int) -> None:
        """Forget what was sent long ago."""
        self._sent_ms = {
            key: at_ms for key, at_ms in self._sent_ms.items() if 0 <= now_ms - at_ms < REISSUE_MS
        }


def stage(alert: Alert) -> Phase:
    """The stage that the badge is told: a check in that was missed knows no acknowledgement."""
    quiet = alert.phase is Phase.ACKNOWLEDGED and alert.kind not in CALLING
    return Phase.DELIVERED if quiet else alert.phase
