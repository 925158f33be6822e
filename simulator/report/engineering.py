"""Sections for an engineer: the run at a glance, faults and outages, batteries, promises."""

from collections.abc import Iterator, Sequence

from simulator.promises import ALL
from simulator.report.charts.batteries import Line, batteries
from simulator.report.charts.glance import glance
from simulator.report.figures import Figures
from simulator.report.lanes import breaches, lanes, people_left_out
from simulator.report.markup import Content, Markup, tag
from simulator.report.spans import Span
from simulator.report.tables import figure, folded, key, section, table
from simulator.report.told import Told
from simulator.report.words import clock, plural, span
from simulator.scenario.verbs import VERBS

_MOST_CURVES = 12
_SIGHT_SLACK_MS = 120_000
_GLANCE = key(
    ("phase raised", "raised"),
    ("phase heard", "at a hub"),
    ("phase delivered", "at the desk"),
    ("phase acknowledged", "a person has it"),
    ("fault", "broken on purpose"),
    ("hatched", "down"),
    ("deaf", "deaf"),
    ("cut-off", "without the broker"),
    ("seen", "the desk saw that"),
    ("well", "test or check-in that came through"),
    ("unwell", "one that did not"),
    ("vain", "gesture in vain"),
    ("breach", "promise broken"),
)


def glance_section(runs: Sequence[Told]) -> Markup:
    """Who and what did what when."""
    until_ms = max(run.figures.about.ended_ms for run in runs)
    return section(
        "glance", "The run at a glance" if len(runs) == 1 else "Both runs at a glance",
        [_glance(run, until_ms) for run in runs], _GLANCE,
    )  # fmt: skip


def _glance(run: Told, until_ms: int) -> Markup:
    figures = run.figures
    drawn = glance(run.of("Lanes of people, hubs and the rest"), lanes(figures), until_ms,
                   breaches(figures))  # fmt: skip
    left_out = people_left_out(figures)
    more = f" {plural(left_out, 'person has', 'people have')} no lane here." if left_out else ""
    says = (
        "Above a lane: what the story broke. In it: what happened. Below it: what the desk saw"
        f" of it.{more}"
    )
    name = tag("h3", run.title) if run.name else None
    return tag("div", name, figure(drawn, says))


def promises_section(runs: Sequence[Told]) -> Markup:
    """Each promise, and whether it held."""
    rows: list[list[Content]] = [
        [
            f"{promise.number}. {promise.title}",
            *(_light(run.figures, promise.number) for run in runs),
        ]
        for promise in ALL
    ]
    names = [run.title or "This run" for run in runs]
    return section(
        "promises", "What Tocsin promises", table("Promises", ("Promise", *names), rows),
        [_reasons(run) for run in runs],
    )  # fmt: skip


def _light(figures: Figures, number: int) -> Markup:
    if figures.broken is None:
        return tag("span", "not checked", class_="quiet")
    times = sum(one.promise == number for one in figures.broken)
    if not times:
        return tag("span", "held", class_="good")
    return tag("span", f"broken {plural(times, 'time')}", class_="bad")


def _reasons(run: Told) -> Markup | None:
    if not run.figures.broken:
        return None
    rows = [(clock(one.at_ms), str(one.promise), one.why) for one in run.figures.broken[:200]]
    return table(run.of("Why promises count as broken"), ("When", "Promise", "Why"), rows)


def faults_section(runs: Sequence[Told]) -> Markup:
    """What the story broke, how often, and what came of it."""
    verbs = sorted({verb for run in runs for verb in run.figures.outages.verbs})
    rows = [
        [verb, VERBS[verb].means if verb in VERBS else "",
         *(str(run.figures.outages.verbs[verb]) for run in runs)]
        for verb in verbs
    ]  # fmt: skip
    names = [run.title or "Times" for run in runs]
    return section(
        "faults", "What was broken, and what the desk saw",
        table("Faults of the story", ("Fault", "What it is", *names), rows, numbers=len(runs)),
        [_outages(run) for run in runs],
    )  # fmt: skip


def _outages(run: Told) -> Markup:
    outages = run.figures.outages
    down = table(
        run.of("What did not run, hear or reach the broker, and when the desk saw it"),
        ("From", "What", "How", "For", "Desk saw it after"),
        [_outage(one, outages.seen) for one in outages.down if _long(one)],
        numbers=2,
    )
    short = len(outages.down) - sum(map(_long, outages.down))
    flicker = tag("p", f"{short} shorter than a second are not listed.") if short else None
    seen = table(
        run.of("What the desk saw"), ("From", "Of", "What", "For"), _spans(outages.seen), 1
    )
    faults = table(run.of("Every fault"), ("From", "Who", "What", "For"), _spans(outages.faults), 1)
    more = tag("p", f"{outages.left_out} more are not listed.") if outages.left_out else None
    title = run.of("Every fault and outage, one by one")
    return tag("div", down, flicker, folded(title, seen, faults, more))


def _long(one: Span) -> bool:
    return one.until_ms - one.from_ms >= 1_000


def _outage(one: Span, seen: Sequence[Span]) -> tuple[str, ...]:
    until_ms = one.until_ms + _SIGHT_SLACK_MS
    sights = (sight for sight in seen if sight.who == one.who and sight.from_ms >= one.from_ms)
    first = next((sight for sight in sights if sight.from_ms <= until_ms), None)
    after = "not seen" if first is None else f"{span(first.from_ms - one.from_ms)}: {first.what}"
    after = "—" if one.who == "desk" else after
    return clock(one.from_ms), one.who, one.what, span(one.until_ms - one.from_ms), after


def _spans(spans: Sequence[Span]) -> Iterator[tuple[str, ...]]:
    for one in spans:
        what = f"{one.what} ({one.more})" if one.more else one.what
        yield clock(one.from_ms), one.who, what, span(one.until_ms - one.from_ms)


def batteries_section(runs: Sequence[Told]) -> Markup:
    """Curves of the badges that ended lowest, and a table of all."""
    until_ms = max(run.figures.about.ended_ms for run in runs)
    curves = sorted(
        (
            (curve[-1][1], run.figures.name(badge), run, curve)
            for run in runs
            for badge, curve in run.figures.supply.items()
        ),
        key=lambda one: one[:2],
    )
    shown = [
        Line(f"{name} {run.name}".strip(), curve,
             run.class_ if run.name else f"line-{at % 6}")
        for at, (_, name, run, curve) in enumerate(curves[:_MOST_CURVES])
    ]  # fmt: skip
    if not shown:
        return section("batteries", "Batteries", tag("p", "No badge said how its battery is."))
    rest = len(curves) - len(shown)
    more = f" The {len(shown)} lowest of {len(curves)}." if rest else ""
    rows = [
        (run.of(name), f"{curve[0][1]} %", f"{curve[-1][1]} %", clock(curve[-1][0]))
        for _, name, run, curve in curves[:100]
    ]
    return section(
        "batteries",
        "Batteries",
        figure(
            batteries("Percent over time", shown, until_ms), f"Percent, as badges say it.{more}"
        ),
        folded("Numbers", table("Batteries", ("Badge", "First", "Last", "At"), rows, numbers=3)),
    )
