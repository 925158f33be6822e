"""One press on its way: what became true when, when the badge knew, and what the hand felt.

Fed by the badge's line, the air and the desk; all times are milliseconds of unix time.
"""

from typing import NamedTuple

from badge.boards import esp32_generic as board
from gateway.contract.messages import PHASES, AlertRecord, Phase, unix_ms
from simulator.ear import Ear
from simulator.felt import Felt, Hand
from wire import WireError
from wire.frame import KIND_STATUS, PHASE_CANCELLED, PHASE_IDLE, PHASE_RAISED

STAGES = (
    Phase.RAISED,
    Phase.HEARD,
    Phase.DELIVERED,
    Phase.ACKNOWLEDGED,
    Phase.RESOLVED,
)
_FELT_AS = {Phase.RAISED: "recognised"}
# A stage's pattern and its advertisement begin together; their lines come with times of their own.
_TOGETHER_MS = 50


class Row(NamedTuple):
    """A stage: when it became true and through whom, when the badge said it, when it was felt."""

    stage: Phase
    true_ms: int | None
    by: str
    known_ms: int | None
    felt_ms: int | None


class Journey:
    """Begins when the finger goes down; follows the first event that the badge opens after it."""

    def __init__(self, ear: Ear, pressed_ms: int) -> None:
        self.pressed_ms = pressed_ms
        self.event: int | None = None
        self.kind = KIND_STATUS
        self.heard_on_air_ms: int | None = None
        self.shown_ms: int | None = None
        self.record: AlertRecord | None = None
        self.felt: list[Felt] = []
        self._ear = ear
        self._hand = Hand()
        self._known: dict[Phase, int] = {}

    def said(self, now_ms: int, words: tuple[str, ...]) -> None:
        """A line of the badge's hardware."""
        if words[:2] == ("pin", str(board.MOTOR)):
            self._feel(self._hand.edge(now_ms, words[2] == "1"))
        elif words[0] == "adv" and words[1] != "0":
            self._read(now_ms, bytes.fromhex(words[3]))

    def tick(self, now_ms: int) -> None:
        """Time passes: a pattern may have ended."""
        self._feel(self._hand.tick(now_ms))

    def on_air(self, now_ms: int, payload: bytes) -> None:
        """A gateway's radio got an advertisement of the badge."""
        if self.event is not None and self.heard_on_air_ms is None and self._opens(payload):
            self.heard_on_air_ms = now_ms

    def told(self, now_ms: int, record: AlertRecord) -> None:
        """The desk shows this record of the badge."""
        if record.event == self.event:
            self.record = record
            self.shown_ms = self.shown_ms or now_ms

    def rows(self) -> tuple[Row, ...]:
        """All stages in order, those to come with nothing in them."""
        return tuple(self._row(stage) for stage in STAGES)

    def stuck_at(self) -> Phase | None:
        """The last stage that the wearer felt or the badge showed; None when none was reached."""
        reached = [row.stage for row in self.rows() if row.known_ms is not None]
        return reached[-1] if reached else None

    def knows(self, stage: Phase) -> bool:
        """Whether the badge has shown this stage."""
        return stage in self._known

    def has_felt(self, stage: Phase) -> bool:
        """Whether the whole pattern of this stage has been played."""
        return self._felt_ms(stage) is not None

    def _row(self, stage: Phase) -> Row:
        true_ms, by = self._known.get(stage) if stage is Phase.RAISED else None, "badge"
        for entry in self.record.timeline if self.record and stage is not Phase.RAISED else ():
            if entry.phase is stage:
                true_ms, by = unix_ms(entry.at), entry.by or "desk"
        by = by if true_ms is not None else ""
        return Row(stage, true_ms, by, self._known.get(stage), self._felt_ms(stage))

    def _felt_ms(self, stage: Phase) -> int | None:
        name = _FELT_AS.get(stage, stage.value)
        known_ms = self._known.get(stage)
        if known_ms is None:
            return None
        since_ms = known_ms - _TOGETHER_MS
        later = (f.at_ms for f in self.felt if name in f.names and f.at_ms >= since_ms)
        return next(later, None)

    def _read(self, now_ms: int, payload: bytes) -> None:
        heard = self._ear.hear(payload)
        report = heard.report
        if self.event is None and report.kind != KIND_STATUS and report.phase == PHASE_RAISED:
            self.event, self.kind = report.event, report.kind
        if report.event == self.event and PHASE_IDLE < report.phase <= PHASE_CANCELLED:
            self._known.setdefault(PHASES[report.phase], now_ms)

    def _opens(self, payload: bytes) -> bool:
        try:
            return self._ear.hear(payload).report.event == self.event
        except WireError:
            return False

    def _feel(self, felt: Felt | None) -> None:
        if felt is not None:
            self.felt.append(felt)
