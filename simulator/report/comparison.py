"""The page of two runs."""

from simulator.report.alerts import ROW, cell, tone
from simulator.report.charts.knowledge import knowledge
from simulator.report.differences import Pair, differences, measures, pairs
from simulator.report.engineering import (
    batteries_section,
    faults_section,
    glance_section,
    promises_section,
)
from simulator.report.journey import Journey
from simulator.report.markup import Content, Markup, tag
from simulator.report.page import banner, document, footer
from simulator.report.radio import coverage_section, losses_section
from simulator.report.summary import opening, told, verdict
from simulator.report.tables import section, table
from simulator.report.timing import timing
from simulator.report.told import Told
from simulator.report.words import clock, kind, span

_HEAD = ("When", "Who", "Desk: A", "Desk: B", "Person: A", "Person: B", "Change")


def comparison(a: Told, b: Told, title: str = "") -> str:
    """A whole HTML page of two runs; the first is A, the second B."""
    runs = [a, b]
    return document(
        title or f"{a.label} and {b.label}",
        None,
        tag("div", [_head(run) for run in runs], class_="two"),
        _words(a, b),
        _numbers(a, b),
        _alerts(a, b),
        glance_section(runs),
        timing(runs),
        losses_section(runs),
        coverage_section(runs),
        faults_section(runs),
        batteries_section(runs),
        promises_section(runs),
        [footer(run) for run in runs],
    )


def _head(run: Told) -> Markup:
    return tag(
        "div",
        tag("h2", run.title, class_=f"run {run.class_}"),
        tag("p", f"{run.figures.about.story}. {opening(run.figures, run.scenery)}", class_="lead"),
        banner(verdict(run.figures)),
    )


def _words(a: Told, b: Told) -> Markup:
    items = [tag("li", words) for words in differences(a, b)]
    return section("happened", "What is different", tag("ul", items, class_="told"))


def _numbers(a: Told, b: Told) -> Markup:
    rows: list[list[Content]] = [
        [
            one.name,
            one.first,
            one.second,
            tag("span", one.change or "—", class_=one.tone or "quiet"),
        ]
        for one in measures(a.figures, b.figures)
    ]
    head = ("Figure", a.title, b.title, "Change from A to B")
    return section("numbers", "In numbers", table("Both runs", head, rows, numbers=3))


def _alerts(a: Told, b: Told) -> Markup:
    both = pairs(a.figures, b.figures)
    if not both:
        return section("alerts", "Every alert in both runs", tag("p", "No badge raised anything."))
    lead = "The same badge's same event in both runs. Open a line to see what each part knew when."
    head = [tag("span", word) for word in _HEAD]
    return section(
        "alerts",
        "Every alert in both runs",
        tag("p", lead, class_="lead"),
        tag("div", head, class_=f"{ROW} head pair", aria_hidden="true"),
        [_pair(a, b, pair) for pair in both],
    )


def _pair(a: Told, b: Told, pair: Pair) -> Markup:
    sides = [(a, pair.first), (b, pair.second)]
    return tag(
        "details",
        tag("summary", _line(pair)),
        tag("div", [_side(run, journey) for run, journey in sides], class_="sides"),
        class_="alert", data_group=pair.one.group,
    )  # fmt: skip


def _side(run: Told, journey: Journey | None) -> Markup:
    name = tag("h3", run.title, class_=f"run {run.class_}")
    if journey is None:
        return tag("div", name, tag("p", "Not raised."))
    drawn = knowledge(journey, run.figures.outages.down)
    words = told(journey, run.figures, run.scenery)
    return tag("div", name, tag("p", words), tag("div", drawn, class_="wide"))


def _line(pair: Pair) -> Markup:
    journey = pair.one
    shown = [_shown(one) for one in pair]
    taken = [None if one is None else one.answer_ms for one in pair]
    sort = tag("span", kind(journey.kind), class_=f"kind {tone(journey)}")
    contents: list[Content] = [
        clock(journey.from_ms),
        [tag("b", journey.wearer), sort],
        *map(_seen, pair),
        *map(_taken, pair),
        _change(*(taken if journey.calls_for_help else shown)),
    ]
    cells = [cell(label, content) for label, content in zip(_HEAD, contents, strict=True)]
    return tag("span", cells, class_=f"{ROW} pair")


def _shown(journey: Journey | None) -> int | None:
    if journey is None or "shown" not in journey.first:
        return None
    return journey.first["shown"] - journey.from_ms


def _seen(journey: Journey | None) -> Markup:
    ms = _shown(journey)
    if ms is not None:
        return tag("span", span(ms))
    return _missing("never" if journey is not None else "")


def _taken(journey: Journey | None) -> Markup:
    if journey is None or not journey.calls_for_help or "cancelled" in journey.first:
        return _missing("")
    return (
        tag("span", span(journey.answer_ms))
        if journey.answer_ms is not None
        else _missing("nobody")
    )


def _missing(word: str) -> Markup:
    return tag("span", word or "—", class_="bad" if word else "quiet")


def _change(first: int | None, second: int | None) -> Markup:
    if first is None or second is None:
        return tag("span", "—", class_="quiet")
    change = second - first
    if abs(change) < 500:
        return tag("span", "same", class_="quiet")
    sign, class_ = ("+", "worse") if change > 0 else ("\u2212", "better")
    return tag("span", f"{sign}{span(abs(change))}", class_=class_)
