"""Who answers at the desk: a supervisor before the screen, and those whom the desk calls."""

from collections.abc import Callable

from gateway.contract.messages import AlertRecord, Phase
from simulator.lockstep.agenda import Agenda
from simulator.lockstep.desk_host import waits
from simulator.lockstep.log import Log
from simulator.world.draws import Draws

Ask = Callable[[str, str, str], object]
"""Asks the desk to `acknowledge` or `resolve` an alert, as somebody; it may not hear."""

SUPERVISOR = "supervisor"
_OVER = (Phase.RESOLVED, Phase.CANCELLED)
_AGAIN_MS = 5_000
_LOOKS_S = (8, 40)
_BACK_S = (3, 15)
_ENDS_S = (60, 180)


class People:
    """They ask again until the screen shows that the desk has heard.

    watched: whether a supervisor looks at the screen at all. answers_ms: after how long each
    contact who can be reached answers a call.
    """

    def __init__(
        self,
        agenda: Agenda,
        log: Log,
        draws: Draws,
        ask: Ask,
        *,
        watched: bool,
        answers_ms: dict[str, int],
    ) -> None:
        self.awake = True
        self._agenda = agenda
        self._log = log
        self._draws = draws.under("supervisor")
        self._ask = ask
        self._watched = watched
        self._answers_ms = answers_ms
        self._records: dict[str, AlertRecord] = {}
        self._looking: set[str] = set()
        self._ending: set[str] = set()

    @property
    def waiting(self) -> list[str]:
        """The alerts that wait for a person."""
        return [alert for alert, record in self._records.items() if waits(record)]

    def see(self, record: AlertRecord) -> None:
        """The screen shows an alert."""
        alert = record.alert
        self._records[alert] = record
        if record.phase in _OVER:
            self._looking.discard(alert)
            self._ending.discard(alert)
        elif waits(record) and self._watched and alert not in self._looking:
            self._looking.add(alert)
            self._later(_LOOKS_S, "looks", alert, self._take, SUPERVISOR)
        elif record.phase is Phase.ACKNOWLEDGED and alert not in self._ending:
            self._ending.add(alert)
            self._later(_ENDS_S, "ends", alert, self._end)

    def wake(self) -> None:
        """The supervisor is back, before the screen as it is now."""
        self.awake = True
        for alert in self.waiting:
            self._later(_BACK_S, "looks", alert, self._take, SUPERVISOR)

    def called(self, contact: str, alert: str) -> None:
        """The desk has called a contact."""
        after_ms = self._answers_ms.get(contact)
        if after_ms is not None:
            self._agenda.after(after_ms, self._take, alert, contact)

    def _take(self, alert: str, by: str) -> None:
        if alert in self.waiting and (self.awake or by != SUPERVISOR):
            self._try("acknowledge", alert, by)
            self._agenda.after(_AGAIN_MS, self._take, alert, by)

    def _end(self, alert: str) -> None:
        if self._records[alert].phase not in _OVER:
            self._try("resolve", alert, SUPERVISOR)
            self._agenda.after(_AGAIN_MS, self._end, alert)

    def _try(self, what: str, alert: str, by: str) -> None:
        self._log.note(by, "tries", to=what, alert=alert)
        self._ask(what, alert, by)

    def _later(
        self,
        pause_s: tuple[int, int],
        why: str,
        alert: str,
        call: Callable[..., object],
        *more: str,
    ) -> None:
        after_s = self._draws.between(*pause_s, why, alert, self._agenda.now_ms)
        self._agenda.after(int(after_s * 1_000), call, alert, *more)
