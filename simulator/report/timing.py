"""Latencies by stage: pictures and tables."""

from collections.abc import Iterator, Mapping, Sequence

from simulator.report.charts.latencies import SHARES, Row, Series, latencies
from simulator.report.distribution import Distribution
from simulator.report.journey import MILESTONES, OVERDUE
from simulator.report.markup import Markup, tag
from simulator.report.tables import figure, folded, key, section, table
from simulator.report.told import Told
from simulator.report.words import span

GROUPS = ("Calls for help", "Man down", "Tests", "Check-ins and check-outs", OVERDUE, "Others")
Timed = Sequence[tuple[Told, Mapping[str, Distribution]]]
"""Runs, each with its times by milestone."""

_SINCE = (
    "Time from the gesture until each stage; of a visit over its time, from when the desk rang."
    " Every bar is a time that was measured; the dot is the median, the diamond the 99th"
    " percentile. The axis is logarithmic."
)
_LEGS = "How long each stage took after the one before it was reached."


def timing(runs: Sequence[Told]) -> Markup:
    """By group of events: since the gesture, and from stage to stage."""
    groups = [group for group in GROUPS if any(run.figures.tally.since.get(group) for run in runs)]
    parts = [_group(group, runs) for group in groups]
    runs_key = key(*((run.class_, run.title) for run in runs)) if len(runs) > 1 else None
    nothing = None if parts else tag("p", "No badge raised anything.")
    lead = tag("p", _SINCE, class_="lead")
    pictures = tag("div", parts, class_="two")
    return section("latencies", "How long everything took", runs_key, lead, pictures, nothing)


def _group(group: str, runs: Sequence[Told]) -> Markup:
    since: Timed = [(run, run.figures.tally.since.get(group, {})) for run in runs]
    legs: Timed = [(run, run.figures.tally.legs.get(group, {})) for run in runs]
    return tag(
        "div",
        tag("h3", group),
        figure(latencies(f"{group}: {_SINCE}", _rows(since)), None),
        folded(
            "Numbers, and how long from stage to stage",
            _table(f"{group}: since the gesture", since),
            figure(latencies(f"{group}: {_LEGS}", _rows(legs)), _LEGS),
            _table(f"{group}: from stage to stage", legs),
        ),
        class_="group",
    )


def _rows(runs: Timed) -> list[Row]:
    return [
        Row(
            words,
            [
                Series(times.get(milestone, Distribution()), run.class_, run.name)
                for run, times in runs
            ],
        )
        for milestone, words in MILESTONES.items()
    ]


def _table(caption: str, runs: Timed) -> Markup:
    head = ("Stage", "Times", *(f"p{share * 100:g}" for share in SHARES), "Longest", "Mean")
    return table(caption, head, _lines(runs), numbers=6)


def _lines(
    runs: Timed,
) -> Iterator[tuple[str, ...]]:
    for milestone, words in MILESTONES.items():
        for run, by_milestone in runs:
            times = by_milestone.get(milestone)
            if times is not None and times.n:
                shares = (span(times.quantile(share)) for share in SHARES)
                yield run.of(words), str(times.n), *shares, span(times.most), span(times.mean)
