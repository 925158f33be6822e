"""One alert, as what is known of it; knowledge from anywhere, in any order, only adds up.

`join` is the least upper bound of two states: commutative, associative and
idempotent. So reports that come late, repeated, out of order and through
several gateways end in the same alert (docs/mqtt.md).
"""

from typing import NamedTuple

import msgspec

from gateway.contract.messages import Kind, Phase, Position, Report

#: Kinds from weak to strong: an event that showed several is the strongest of them.
STRENGTH = (
    Kind.STATUS,
    Kind.TEST,
    Kind.CHECK_OUT,
    Kind.CHECK_IN,
    Kind.GOING_OFF,
    Kind.ASSIST,
    Kind.MAN_DOWN,
    Kind.SOS,
)
#: Kinds that call for a person. An open event known only from heartbeats might be any.
CALLING = frozenset((Kind.SOS, Kind.MAN_DOWN, Kind.ASSIST, Kind.GOING_OFF, Kind.STATUS))

#: Phases of an event that was raised and that nobody has answered.
UNANSWERED = frozenset((Phase.RAISED, Phase.HEARD, Phase.DELIVERED))

STALE = "a report was stale: its position is not shown"
CLOCK = "clock of gateway {} is wrong"
COUNTERS = "frame counters contradict the order of events: perhaps a replay"
UPGRADED = "became worse after it was acknowledged"
REOPENED = "became worse after it was resolved: open again"


class Key(NamedTuple):
    """What makes an alert one: badge and event number."""

    badge: int
    event: int

    def __str__(self) -> str:
        return f"{self.badge}-{self.event}"


class Mark(NamedTuple):
    """When something first held (unix ms), and the person or gateway behind it."""

    at_ms: int
    by: str


class Ended(NamedTuple):
    """How an archived alert ended, and what it was."""

    phase: Phase
    kind: Kind

    def excludes(self, kind: Kind, phase: Phase) -> bool:
        """Whether a report of the same event tells of more than what ended."""
        if not raises(phase):
            return False
        return self.phase is Phase.CANCELLED or is_worse(kind, self.kind)


Marks = dict[Phase, Mark]


class Fix(msgspec.Struct, frozen=True):
    """A position with the report that brought it."""

    counter: int
    heard_ms: int
    position: Position

    @property
    def newness(self) -> tuple[float, ...]:
        """Sorts the report with the highest counter last; the rest only breaks ties."""
        at = self.position
        age_s = -1 if at.age_s is None else at.age_s
        accuracy_m = -1 if at.accuracy_m is None else at.accuracy_m
        return (self.counter, -self.heard_ms, at.latitude, at.longitude, age_s, accuracy_m)


class Charge(NamedTuple):
    """Battery percent, with the counter of the report that brought it."""

    counter: int
    percent: int


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one event; times in unix ms.

    reported: phases the badge entered by itself, and `heard`; stages: what the
    desk made true; felt: stages that the badge showed or confirmed. place: of a
    button; presses: its event numbers that are this alert. overdue_ms: when the
    visit that this check in began had lasted too long (desk/visits.py).
    """

    key: Key
    kinds: frozenset[Kind]
    received_ms: int
    heard_ms: int
    updated_ms: int
    lowest: int
    highest: int
    reported: Marks
    stages: Marks = {}
    felt: Marks = {}
    fix: Fix | None = None
    charge: Charge | None = None
    minutes: int | None = None
    gateways: frozenset[str] = frozenset()
    warnings: frozenset[str] = frozenset()
    covert: bool = False
    drill: bool = False
    place: str | None = None
    presses: frozenset[int] = frozenset()
    overdue_ms: int | None = None

    @property
    def kind(self) -> Kind:
        """The strongest kind that any report showed."""
        return max(self.kinds, key=STRENGTH.index)

    @property
    def calls(self) -> bool:
        """Whether a person has to answer; tests and check-ins in time are only recorded."""
        return self.kind in CALLING or self.overdue_ms is not None

    @property
    def waits(self) -> bool:
        """Whether it was raised, calls for a person, and none has taken or resolved it."""
        return self.calls and self.phase in UNANSWERED

    @property
    def phase(self) -> Phase:
        """The highest phase reached; a cancellation counts only before the raise."""
        if Phase.RESOLVED in self.stages:
            return Phase.RESOLVED
        if Phase.CANCELLED in self.reported and Phase.RAISED not in self.reported:
            return Phase.CANCELLED
        reached = (self.reported.keys() | self.stages.keys()) - {Phase.CANCELLED}
        return max(reached, key=lambda phase: phase.rank)

    @property
    def ended_ms(self) -> int | None:
        """When it ended: resolved, cancelled, or delivered when it calls for nobody."""
        if self.phase is Phase.CANCELLED:
            return self.reported[Phase.CANCELLED].at_ms
        last = Phase.RESOLVED if self.calls else Phase.DELIVERED
        return self.stages[last].at_ms if last in self.stages else None


def sight(report: Report, heard_ms: int, received_ms: int) -> Alert:
    """What one report says about its event. heard_ms: when, as far as it can be believed."""
    mark = Mark(heard_ms, report.gateway)
    at = report.position
    fix = None if at is None or report.stale else Fix(report.counter, heard_ms, at)
    charge = None if report.battery is None else Charge(report.counter, report.battery)
    return Alert(
        key=Key(report.badge, report.event),
        kinds=frozenset((report.kind,)),
        received_ms=received_ms,
        heard_ms=heard_ms,
        updated_ms=0,
        lowest=report.counter,
        highest=report.counter,
        reported=dict.fromkeys(_reported(report.phase), mark),
        felt=dict.fromkeys(_felt(report.phase), mark),
        fix=fix,
        charge=charge,
        gateways=frozenset((report.gateway,)),
        warnings=frozenset((STALE,)) if report.stale else frozenset(),
        covert=report.covert,
        drill=report.drill,
        place=report.place,
        presses=frozenset() if report.place is None else frozenset((report.event,)),
    )


def join(one: Alert, other: Alert) -> Alert:
    """What both know together, of the same event. Order and repetition do not matter."""
    return Alert(
        key=one.key,
        kinds=one.kinds | other.kinds,
        received_ms=min(one.received_ms, other.received_ms),
        heard_ms=min(one.heard_ms, other.heard_ms),
        updated_ms=max(one.updated_ms, other.updated_ms),
        lowest=min(one.lowest, other.lowest),
        highest=max(one.highest, other.highest),
        reported=first_marks(one.reported, other.reported),
        stages=first_marks(one.stages, other.stages),
        felt=first_marks(one.felt, other.felt),
        fix=max(filter(None, (one.fix, other.fix)), key=lambda fix: fix.newness, default=None),
        charge=max(filter(None, (one.charge, other.charge)), default=None),
        minutes=other.minutes if one.minutes is None else one.minutes,
        gateways=one.gateways | other.gateways,
        warnings=one.warnings | other.warnings,
        covert=one.covert or other.covert,
        drill=one.drill and other.drill,
        place=max(filter(None, (one.place, other.place)), default=None),
        presses=one.presses | other.presses,
        overdue_ms=min(_told(one.overdue_ms, other.overdue_ms), default=None),
    )


def first_marks(one: Marks, other: Marks) -> Marks:
    """For each phase the first mark of it."""
    phases = one.keys() | other.keys()
    return {
        phase: min(marks[phase] for marks in (one, other) if phase in marks) for phase in phases
    }


def warned(alert: Alert, warning: str) -> Alert:
    """The alert with a warning for those who read it."""
    return msgspec.structs.replace(alert, warnings=alert.warnings | {warning})


def contradict(one: Alert, other: Alert) -> bool:
    """Whether two events of a badge have frame counters that run against their numbers."""
    # Event numbers wrap at 65,536, so the one less than half the circle ahead is the later.
    if (other.key.event - one.key.event) & 0xFFFF >= 0x8000:
        one, other = other, one
    return one.highest >= other.lowest


def is_worse(kind: Kind, known: Kind) -> bool:
    """Whether an event turns out to be worse than what people were told of it."""
    return known is not Kind.STATUS and STRENGTH.index(kind) > STRENGTH.index(known)


def raises(phase: Phase) -> bool:
    """Whether a badge in this phase has raised its event and not seen it resolved."""
    return Phase.RAISED.rank <= phase.rank <= Phase.ACKNOWLEDGED.rank


def _told(*times: int | None) -> tuple[int, ...]:
    return tuple(at_ms for at_ms in times if at_ms is not None)


def _reported(phase: Phase) -> tuple[Phase, ...]:
    # A report in or past raised proves both: it was raised, and its gateway holds it on disk.
    # An event that claims to be idle is odd: it waits as pending, and rings when nothing follows.
    if phase in (Phase.PENDING, Phase.IDLE):
        return (Phase.PENDING,)
    if phase is Phase.CANCELLED:
        return (Phase.CANCELLED,)
    return (Phase.RAISED, Phase.HEARD)


def _felt(phase: Phase) -> tuple[Phase, ...]:
    # Later stages are the desk's to give: what the badge claims of them is only felt.
    return (phase,) if Phase.HEARD.rank <= phase.rank <= Phase.RESOLVED.rank else ()
