"""The lanes of a run at a glance, out of its figures."""

from collections.abc import Iterator

from simulator.report.charts.glance import Lane, Point, Stretch
from simulator.report.facts import badge_number
from simulator.report.figures import Figures
from simulator.report.journey import Journey
from simulator.report.outages import BROKER_AWAY, CUT_OFF, DEAF
from simulator.report.spans import Span
from simulator.report.words import clock, kind, span

MOST_PEOPLE = 24
"""So many people get a lane of their own; first those who had the most to tell."""

_TURNS = (
    ("raised", "raised"), ("at a hub", "heard"), ("at the desk", "delivered"),
    ("acknowledged", "acknowledged"), ("resolved", "resolved"),
)  # fmt: skip
_REST = ("broker", "desk", "supervisor", "air", "attacker")


def lanes(figures: Figures) -> list[Lane]:
    """People, hubs, and all that is behind them."""
    people = [_person(figures, badge) for badge in _worth_a_lane(figures)]
    hubs = [_machine(figures, hub) for hub in figures.about.hubs]
    rest = [_machine(figures, name) for name in _rest(figures)]
    found = []
    for heading, group in (("People", people), ("Hubs", hubs), ("Behind them", rest)):
        found += [lane._replace(heading="" if at else heading) for at, lane in enumerate(group)]
    return found


def people_left_out(figures: Figures) -> int:
    """How many people have no lane."""
    return figures.about.badges - len(_worth_a_lane(figures))


def breaches(figures: Figures) -> list[Point]:
    """Where promises were broken."""
    return [
        Point(
            one.at_ms, "diamond", "breach", f"{clock(one.at_ms)} promise {one.promise}: {one.why}"
        )
        for one in figures.broken or ()
    ]


def _worth_a_lane(figures: Figures) -> list[int]:
    events: dict[int, int] = {}
    for journey in figures.journeys:
        events[journey.badge] = events.get(journey.badge, 0) + (10 if journey.calls_for_help else 1)
    for gesture in figures.vain:
        events[gesture.badge] = events.get(gesture.badge, 0) + 10
    for one in (*figures.outages.down, *figures.outages.seen):
        if badge := badge_number(one.who):
            events[badge] = events.get(badge, 0) + 1
    if figures.about.badges <= MOST_PEOPLE:
        events |= {badge: events.get(badge, 0) for badge in range(1, figures.about.badges + 1)}
    most = sorted(events, key=lambda badge: (-events[badge], badge))[:MOST_PEOPLE]
    return sorted(most)


def _person(figures: Figures, badge: int) -> Lane:
    who, name = f"badge-{badge}", figures.name(badge)
    journeys = [journey for journey in figures.journeys if journey.badge == badge]
    stretches = [*_faults(figures, name), *_down(figures, who), *_sight(figures, who)]
    points = []
    for journey in journeys:
        if journey.calls_for_help:
            stretches += _course(journey)
        else:
            points.append(_small(journey))
    for gesture in figures.vain:
        if gesture.badge == badge:
            why = f": {gesture.why_not}" if gesture.why_not else ""
            tip = f"{clock(gesture.at_ms)} {name} {gesture.how}: nothing came of it{why}"
            points.append(Point(gesture.at_ms, "cross", "vain", tip))
    return Lane(name, stretches, points)


def _course(journey: Journey) -> Iterator[Stretch]:
    """A call for help, coloured by how far it has come."""
    end_ms = journey.first.get("resolved", journey.first.get("cancelled", journey.until_ms))
    turns = [(journey.first[at], phase) for at, phase in _TURNS if at in journey.first]
    passed = [phase for at_ms, phase in turns if at_ms <= journey.asked_ms]
    turns = [turn for turn in turns if turn[0] > journey.asked_ms]
    turns = sorted([(journey.asked_ms, passed[-1] if passed else "raised"), *turns])
    said = f"{clock(journey.asked_ms)} {kind(journey.kind)} {journey.alert}"
    for place, (at_ms, phase) in enumerate(turns):
        until_ms = turns[place + 1][0] if place + 1 < len(turns) else max(end_ms, at_ms)
        if phase != "resolved" and until_ms > at_ms:
            tip = f"{said}: {phase} for {span(until_ms - at_ms)}"
            yield Stretch(at_ms, until_ms, f"phase {phase}", tip)


def _small(journey: Journey) -> Point:
    went_well = "at the desk" in journey.first and "failed" not in journey.first
    word = "came to the desk" if "at the desk" in journey.first else "did not come to the desk"
    felt = ", and the hand felt that it failed" if "failed" in journey.first else ""
    tip = f"{clock(journey.from_ms)} {kind(journey.kind)} {journey.alert}: {word}{felt}"
    return Point(journey.from_ms, "diamond", "well" if went_well else "unwell", tip)


def _machine(figures: Figures, name: str) -> Lane:
    return Lane(name, [*_faults(figures, name), *_down(figures, name), *_sight(figures, name)])


def _rest(figures: Figures) -> list[str]:
    named = {one.who for one in figures.outages.faults}
    return [name for name in _REST if name in ("broker", "desk") or name in named]


def _faults(figures: Figures, who: str) -> Iterator[Stretch]:
    for one in figures.outages.faults:
        if one.who == who:
            yield Stretch(one.from_ms, one.until_ms, "fault", _tip(one), "above")


def _down(figures: Figures, who: str) -> Iterator[Stretch]:
    for one in figures.outages.down:
        if one.who == who:
            class_ = {DEAF: "deaf", CUT_OFF: "cut-off"}.get(one.what, "hatched")
            yield Stretch(one.from_ms, one.until_ms, class_, _tip(one))


def _sight(figures: Figures, who: str) -> Iterator[Stretch]:
    """What the desk saw, on the lane of what it saw it of."""
    for one in figures.outages.seen:
        if one.who == who:
            what = "is away" if one.what == BROKER_AWAY else f"is {one.what}"
            tip = f"the desk sees that {one.who} {what}: {_when(one)}"
            yield Stretch(one.from_ms, one.until_ms, "seen", tip, "below")


def _tip(one: Span) -> str:
    more = f" ({one.more})" if one.more else ""
    return f"{one.who}: {one.what}{more}, {_when(one)}"


def _when(one: Span) -> str:
    length_ms = one.until_ms - one.from_ms
    return clock(one.from_ms) + (f" for {span(length_ms)}" if length_ms else "")
