"""The page of one run: complete in itself, for a browser without a network, and for paper."""

from collections.abc import Iterable
from importlib import resources

from simulator.report.alerts import alerts
from simulator.report.charts.shapes import patterns
from simulator.report.engineering import (
    batteries_section,
    faults_section,
    glance_section,
    promises_section,
)
from simulator.report.markup import Content, Markup, join, tag
from simulator.report.radio import coverage_section, losses_section
from simulator.report.summary import Card, Verdict, cards, in_vain, opening, told, verdict
from simulator.report.tables import section
from simulator.report.timing import timing
from simulator.report.told import Told
from simulator.report.words import plural

_MOST_TOLD = 12
_LINKS = {
    "alerts": "Alerts",
    "glance": "At a glance",
    "latencies": "Latencies",
    "losses": "Air",
    "coverage": "Coverage",
    "faults": "Faults",
    "batteries": "Batteries",
    "promises": "Promises",
}


def page(run: Told, title: str = "") -> str:
    """A whole HTML page of a run. title: instead of the story's name."""
    figures = run.figures
    runs = [run]
    return document(
        title or figures.about.story,
        opening(figures, run.scenery),
        banner(verdict(figures)),
        card_list(cards(figures)),
        _happened(run),
        alerts(figures, run.scenery),
        glance_section(runs),
        timing(runs),
        losses_section(runs),
        coverage_section(runs),
        faults_section(runs),
        batteries_section(runs),
        promises_section(runs),
        footer(run),
    )


def document(title: str, lead: Content, *content: Content) -> str:
    """A page around its content."""
    body = join(content)
    links = [
        tag("a", word, href=f"#{name}")
        for name, word in _LINKS.items()
        if f'<section id="{name}"' in body
    ]
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="generator", content="tocsin-simulator report"),
        tag("title", title),
        tag("style", Markup(_file("style.css"))),
    )
    shown = tag(
        "body",
        tag("a", "To the alerts", href="#alerts", class_="skip"),
        patterns(),
        tag("header", tag("p", "Tocsin simulator", class_="brand"), tag("h1", title),
            tag("p", lead, class_="lead") if lead else None),
        tag("nav", links, aria_label="Parts of this page"),
        tag("main", body),
        tag("div", id="tip", role="tooltip", hidden=True),
        tag("script", Markup(_file("page.js"))),
    )  # fmt: skip
    return f"<!DOCTYPE html>\n{tag('html', head, shown, lang='en')}\n"


def banner(found: Verdict) -> Markup:
    """Whether the promises held, in large letters."""
    sign = {"kept": "✓", "broken": "✗", "unknown": "?"}[found.state]
    words = [tag("strong", found.headline), tag("span", found.detail) if found.detail else None]
    return tag(
        "div", tag("span", sign, class_="mark", aria_hidden="true"), tag("p", words),
        class_=f"banner {found.state}", role="status",
    )  # fmt: skip


def card_list(found: Iterable[Card]) -> Markup:
    """The figures to remember."""
    return tag(
        "ul",
        [
            tag(
                "li",
                tag("span", card.title, class_="title"),
                tag("span", card.figure, class_="figure"),
                tag("span", card.detail, class_="detail"),
                class_=card.state or None,
            )
            for card in found
        ],
        class_="cards",
    )


def footer(run: Told) -> Markup:
    """What the page was made of."""
    entries = plural(run.figures.entries, "entry", "entries")
    words = f"Made from {entries} of the run's log. Times are those of the run."
    return tag("footer", tag("p", words))


def _happened(run: Told) -> Markup:
    """Calls for help and gestures in vain, in words and in order."""
    figures, scenery = run.figures, run.scenery
    lines = [
        (one.from_ms, told(one, figures, scenery)) for one in figures.journeys if one.calls_for_help
    ]
    lines += [(one.at_ms, in_vain(one, figures, scenery)) for one in figures.vain]
    lines.sort()
    items = [tag("li", words) for _, words in lines[:_MOST_TOLD]]
    if len(lines) > _MOST_TOLD:
        items.append(tag("li", f"And {len(lines) - _MOST_TOLD} more: see every alert."))
    nothing = tag("p", "Nobody called for help.") if not items else None
    return section("happened", "What happened", nothing or tag("ol", items, class_="told"))


def _file(name: str) -> str:
    return (resources.files("simulator.report") / name).read_text(encoding="utf-8")
