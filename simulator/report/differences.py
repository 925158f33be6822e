"""Two runs, side by side in numbers and in words."""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.report.distribution import Distribution
from simulator.report.figures import Figures
from simulator.report.journey import OVERDUE, Journey
from simulator.report.told import Told
from simulator.report.words import clock, kind, listed, percent, span

_SAME_MS = 500
_SAME_SHARE = 0.005
_MOST_WORDS = 8


class Measure(NamedTuple):
    """A figure of both runs. change: how the second differs; tone: `better`, `worse` or empty."""

    name: str
    first: str
    second: str
    change: str
    tone: str


class Pair(NamedTuple):
    """The same event in both runs, or one that only one of them has."""

    first: Journey | None
    second: Journey | None

    @property
    def one(self) -> Journey:
        """Whichever there is."""
        found = self.first or self.second
        assert found is not None
        return found


def measures(a: Figures, b: Figures) -> Iterator[Measure]:
    """What is worth comparing."""
    yield _share("Calls for help answered", _answered(a), _answered(b))
    for name, times in (
        ("The desk showed a call after", "shown"),
        ("A person had it after", "answers"),
    ):
        first, second = getattr(a.tally, times), getattr(b.tally, times)
        for words, share in (("median", 0.5), ("90th percentile", 0.9), ("longest", 1.0)):
            yield _time(f"{name}, {words}", first, second, share)
    yield _share("Tests and check-ins at the desk", _small(a), _small(b))
    yield _share("Advertisements received", _received(a), _received(b))
    yield _count("Gestures in vain", len(a.vain), len(b.vain))
    yield _count("Promises broken", _broken(a), _broken(b))
    yield _count("Faults", a.outages.verbs.total(), b.outages.verbs.total(), judged=False)


def pairs(a: Figures, b: Figures) -> list[Pair]:
    """Events by badge and number, in the order of their beginning."""
    first = {journey.alert: journey for journey in a.journeys}
    second = {journey.alert: journey for journey in b.journeys}
    both = [Pair(first.get(alert), second.get(alert)) for alert in {**first, **second}]
    return sorted(both, key=lambda pair: (pair.one.from_ms, pair.one.alert))


def differences(a: Told, b: Told) -> list[str]:
    """What is different, in words, the gravest first; never empty."""
    found = [*_of_the_stories(a, b), *_of_promises(a, b), *_of_answers(a, b)]
    found += [
        f"{one.name}: {one.first} in {a.name}, {one.second} in {b.name} ({one.change})."
        for one in measures(a.figures, b.figures)
        if one.tone and one.name.endswith(("median", "longest", "received"))
    ]
    found += _of_faults(a, b)
    return found or ["The two runs differ in nothing that is worth a word."]


def _of_the_stories(a: Told, b: Told) -> Iterator[str]:
    first, second = a.figures.about, b.figures.about
    if first.story != second.story:
        yield f"Different stories: {first.story} in {a.name}, {second.story} in {b.name}."
    if first.plan != second.plan:
        yield f"Different plans: {first.plan} in {a.name}, {second.plan} in {b.name}."
    if first.hubs != second.hubs:
        here, there = listed(first.hubs), listed(second.hubs)
        yield f"Different hubs: {here} in {a.name}, {there} in {b.name}."


def _of_promises(a: Told, b: Told) -> Iterator[str]:
    for run, other in ((a, b), (b, a)):
        broken = {one.promise for one in run.figures.broken or ()}
        only = sorted(broken - {one.promise for one in other.figures.broken or ()})
        if only:
            numbers = listed([str(number) for number in only])
            promise = "Promise" if len(only) == 1 else "Promises"
            yield f"{promise} {numbers} broken in {run.name} only."


def _of_answers(a: Told, b: Told) -> list[str]:
    """Calls for help that went another way."""
    found = []
    for pair in pairs(a.figures, b.figures):
        journey = pair.one
        if not journey.calls_for_help:
            continue
        first, second = _fate(pair.first), _fate(pair.second)
        if first != second:
            call = f"{journey.wearer}, {clock(journey.from_ms)} ({kind(journey.kind).lower()})"
            found.append(f"{call}: {first} in {a.name}, {second} in {b.name}.")
    if len(found) > _MOST_WORDS:
        found[_MOST_WORDS:] = [f"{len(found) - _MOST_WORDS} more calls went another way."]
    return found


def _of_faults(a: Told, b: Told) -> Iterator[str]:
    first, second = a.figures.outages.verbs, b.figures.outages.verbs
    if first != second:
        more, less = first - second, second - first
        for run, extra in ((a, more), (b, less)):
            if extra:
                words = [f"{verb} ({times})" for verb, times in sorted(extra.items())]
                yield f"Only in {run.name}, or more often: {listed(words)}."


def _fate(journey: Journey | None) -> str:
    if journey is None:
        return "not raised"
    if "cancelled" in journey.first:
        return "cancelled"
    return "answered" if journey.answer_ms is not None else "never answered"


def _answered(figures: Figures) -> tuple[int, int]:
    return figures.tally.count("answered"), figures.tally.count("calls for a person")


def _small(figures: Figures) -> tuple[int, int]:
    outcomes = figures.tally.outcomes
    groups = ("Tests", "Check-ins and check-outs", OVERDUE)
    return (
        sum(outcomes[group, "at the desk"] for group in groups),
        sum(outcomes[group, "all"] for group in groups),
    )


def _received(figures: Figures) -> tuple[int, int]:
    sent, lost = figures.carried.total
    return sent - lost, sent


def _broken(figures: Figures) -> int | None:
    return None if figures.broken is None else len(figures.broken)


def _time(name: str, a: Distribution, b: Distribution, share: float) -> Measure:
    first, second = (times.quantile(share) if times.n else None for times in (a, b))
    if first is None or second is None:
        return Measure(name, span(first), span(second), "", "")
    change = second - first
    if abs(change) < _SAME_MS:
        return Measure(name, span(first), span(second), "the same", "")
    words, tone = ("longer", "worse") if change > 0 else ("shorter", "better")
    return Measure(name, span(first), span(second), f"{span(abs(change))} {words}", tone)


def _share(name: str, a: tuple[int, int], b: tuple[int, int]) -> Measure:
    first, second = _of(*a), _of(*b)
    if not a[1] or not b[1]:
        return Measure(name, first, second, "", "")
    change = b[0] / b[1] - a[0] / a[1]
    if abs(change) < _SAME_SHARE:
        return Measure(name, first, second, "the same", "")
    points = f"{abs(change) * 100:.0f} points {'more' if change > 0 else 'less'}"
    return Measure(name, first, second, points, "better" if change > 0 else "worse")


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole} ({percent(part / whole)})" if whole else "none"


def _count(name: str, a: int | None, b: int | None, *, judged: bool = True) -> Measure:
    first, second = ("not checked" if n is None else str(n) for n in (a, b))
    if a is None or b is None or a == b:
        return Measure(name, first, second, "the same" if a == b else "", "")
    change = f"{abs(b - a)} {'more' if b > a else 'fewer'}"
    return Measure(
        name, first, second, change, "" if not judged else "worse" if b > a else "better"
    )
