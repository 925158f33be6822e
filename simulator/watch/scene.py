"""What there is to see at a moment of a run, kept up to date by its log."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from simulator.lockstep.log import Entry
from simulator.report.facts import badge_number, flag, many, table, text, whole

_ANSWERS = {"acknowledge": "acknowledged", "resolve": "resolved"}
_SHOWN = 40
SMALL = ("test", "check_in", "check_out")
"""Kinds of events that no person has to answer."""


@dataclass
class Person:
    """phase: of the badge's open event, else `idle`; down: why the badge is off, if it is."""

    badge: int
    name: str
    phase: str = "idle"
    kind: str = ""
    battery: int = -1
    down: str = ""
    silent: bool = False


@dataclass
class Alert:
    """One that the desk shows, or that a badge has raised and no desk shows yet."""

    alert: str
    badge: int
    since_ms: int
    kind: str
    phase: str
    at_desk: bool = False
    by: str = ""
    changed_ms: int = 0

    @property
    def over(self) -> bool:
        """Whether nobody has to do anything any more."""
        small = self.kind in SMALL and self.phase == "delivered"
        return small or self.phase in ("resolved", "cancelled")


@dataclass
class Machine:
    """A hub, the broker or the desk. seen: how the desk shows it, when that is not `online`."""

    name: str
    up: bool = True
    link: bool = True
    deaf: bool = False
    seen: str = ""


@dataclass
class Scene:
    """A listener. people: by badge; machines, faults (with what they began): by name.

    names: of wearers in the order of their badges, where somebody knows them.
    """

    names: Sequence[str] = ()
    now_ms: int = 0
    length_ms: int = 0
    story: str = ""
    plan: str = ""
    people: dict[int, Person] = field(default_factory=dict)
    machines: dict[str, Machine] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    faults: dict[tuple[str, str], int] = field(default_factory=dict)
    ended: bool = False

    def __post_init__(self) -> None:
        self._does: Mapping[str, Callable[[Entry], None]] = {
            "began": self._began,
            "ended": self._ended,
            "said": self._said,
            "kept": self._kept,
            "shows": self._shows,
            "sees": self._sees,
            "link": self._link,
            "started": lambda entry: self._run(entry, up=True),
            "killed": lambda entry: self._run(entry, up=False),
            "hears again": self._hears_again,
            "goes down": lambda entry: self._goes_down(entry, "off"),
            "loses its cell": lambda entry: self._goes_down(entry, "no battery"),
            "gets a cell": lambda entry: self._goes_down(entry, ""),
            "holds the button": self._gesture,
            "presses": self._gesture,
            "falls": self._gesture,
            "acknowledge": self._answered,
            "resolve": self._answered,
        }

    def __call__(self, entry: Entry) -> None:
        self.now_ms = entry.at_ms
        if entry.who == "story":
            self._story(entry)
            return
        does = self._does.get(entry.what)
        if does is not None:
            does(entry)

    def name(self, badge: int) -> str:
        """Who wears it."""
        return self._person(badge).name

    # -- who does what ------------------------------------------------------

    def _began(self, entry: Entry) -> None:
        self.length_ms = whole(entry, "length")
        self.story, self.plan = text(entry, "story"), text(entry, "plan")
        for name in (*many(entry, "hubs"), "broker", "desk"):
            self.machines[str(name)] = Machine(str(name))
        for badge in range(1, whole(entry, "badges") + 1):
            self._person(badge)

    def _ended(self, entry: Entry) -> None:
        self.ended = entry.who == "run"

    def _gesture(self, entry: Entry) -> None:
        self._person(whole(entry, "badge")).name = entry.who

    def _said(self, entry: Entry) -> None:
        badge, event = badge_number(entry.who), whole(entry, "event")
        person = self._person(badge)
        person.down, person.kind, person.phase = "", text(entry, "kind"), text(entry, "phase")
        if entry.facts.get("battery") is not None:
            person.battery = whole(entry, "battery")
        if not event or person.kind == "status":
            person.phase = "idle"
            return
        alert = f"{badge}-{event}"
        if alert not in self.alerts:
            self._add(Alert(alert, badge, entry.at_ms, person.kind, person.phase))
        self._change(alert, person.kind, person.phase, entry.at_ms)

    def _goes_down(self, entry: Entry, why: str) -> None:
        self._person(badge_number(entry.who)).down = why

    def _kept(self, entry: Entry) -> None:
        if entry.who == "desk" and (shown := self.alerts.get(text(entry, "alert"))):
            shown.at_desk = True

    def _shows(self, entry: Entry) -> None:
        alert, kind, phase = text(entry, "alert"), text(entry, "kind"), text(entry, "phase")
        if alert not in self.alerts:
            badge = badge_number(f"badge-{alert.partition('-')[0]}")
            self._add(Alert(alert, badge, entry.at_ms, kind, phase))
        self._change(alert, kind, phase, entry.at_ms, at_desk=True)

    def _answered(self, entry: Entry) -> None:
        shown = self.alerts.get(text(entry, "alert"))
        if shown is not None:
            shown.by = entry.who
            self._change(shown.alert, shown.kind, _ANSWERS[entry.what], entry.at_ms)

    def _sees(self, entry: Entry) -> None:
        states = table(entry, "gateways")
        for name, machine in self.machines.items():
            state = str(states.get(name, "online"))
            machine.seen = "" if state == "online" else state
        if "broker" in self.machines:
            self.machines["broker"].seen = "" if flag(entry, "broker") else "away"
        silent = set(many(entry, "silent"))
        for badge, person in self.people.items():
            person.silent = badge in silent

    def _link(self, entry: Entry) -> None:
        self._machine(entry.who).link = flag(entry, "up")

    def _run(self, entry: Entry, *, up: bool) -> None:
        machine = self._machine(entry.who)
        machine.up, machine.deaf = up, False
        for verb in ("is killed", "loses power", "dies") if up else ():
            self.faults.pop((entry.who, verb), None)

    def _hears_again(self, entry: Entry) -> None:
        self._machine(entry.who).deaf = False
        for verb in ("goes deaf", "hangs its adapter"):
            self.faults.pop((entry.who, verb), None)

    def _story(self, entry: Entry) -> None:
        who = text(entry, "who")
        if entry.what == "is over":
            self.faults.pop((who, text(entry, "what")), None)
        elif whole(entry, "lasts") or entry.what in ("goes deaf", "hangs its adapter"):
            self.faults[who, entry.what] = entry.at_ms
        if entry.what in ("goes deaf", "hangs its adapter"):
            self._machine(who).deaf = True

    # -- what there is ------------------------------------------------------

    def _person(self, badge: int) -> Person:
        known = 0 < badge <= len(self.names)
        name = self.names[badge - 1] if known else f"badge {badge}"
        return self.people.setdefault(badge, Person(badge, name))

    def _machine(self, name: str) -> Machine:
        return self.machines.setdefault(name, Machine(name))

    def _add(self, alert: Alert) -> None:
        self.alerts[alert.alert] = alert
        over = [name for name, one in self.alerts.items() if one.over]
        for name in over[: max(0, len(self.alerts) - _SHOWN)]:
            del self.alerts[name]

    def _change(
        self, alert: str, kind: str, phase: str, at_ms: int, *, at_desk: bool = False
    ) -> None:
        """Phases only rise: a badge that has not heard yet says what the desk knows better."""
        shown = self.alerts[alert]
        shown.at_desk = shown.at_desk or at_desk
        shown.kind = kind if shown.kind in ("", "status") or kind == "sos" else shown.kind
        if _RANKS.get(phase, 0) > _RANKS.get(shown.phase, 0):
            shown.phase, shown.changed_ms = phase, at_ms


_RANKS = {
    phase: rank
    for rank, phase in enumerate(
        ("pending", "raised", "heard", "delivered", "acknowledged", "resolved", "cancelled")
    )
}
