"""What the air did to advertisements, and where it carries: sections of the page."""

from collections.abc import Sequence

from simulator.report.carried import CAUSES
from simulator.report.charts.losses import Bar, cause_class, losses
from simulator.report.markup import Content, Markup, tag
from simulator.report.scenery import coverage
from simulator.report.tables import figure, folded, key, section, table
from simulator.report.told import Told
from simulator.report.words import clock, percent, span
from simulator.world.drawing import draw
from simulator.world.geometry import Point

_MOST_TRACKS = 6
_MOST_BADGES = 60
_COUNTED = (
    "Advertisements are counted while a hub waits for a frame, and once a second after it has it:"
    " repeats that change nothing are left out."
)


def losses_section(runs: Sequence[Told]) -> Markup:
    """By hub and cause, and by badge and hub."""
    causes = _causes(runs)
    bars = _bars(runs)
    if not bars:
        return section("losses", "What got lost on the air", tag("p", "Nothing was sent."))
    signs = [("arrived", "arrived")]
    signs += [
        (cause_class(causes, cause), f"{cause}: {CAUSES.get(cause, cause)}") for cause in causes
    ]
    return section(
        "losses",
        "What got lost on the air",
        figure(losses("Shares of advertisements that arrived or got lost, by hub", bars, causes),
               _COUNTED),
        key(*signs),
        folded(
            "Numbers",
            _numbers(bars, causes),
            [_shares(run) for run in runs],
        ),
    )  # fmt: skip


def coverage_section(runs: Sequence[Told]) -> Markup | None:
    """The plan, how well it is covered, and where people went. None without a plan."""
    maps = [_map(run) for run in runs if run.scenery.plan is not None]
    if not maps:
        return None
    return section("coverage", "Where a call can be heard", maps)


def _causes(runs: Sequence[Told]) -> list[str]:
    found = {cause for run in runs for cause in run.figures.carried.causes}
    return [cause for cause in CAUSES if cause in found] + sorted(found - CAUSES.keys())


def _bars(runs: Sequence[Told]) -> list[Bar]:
    hubs = sorted({hub for run in runs for hub in run.figures.carried.hubs})
    return [
        Bar(f"{hub} {run.name}".strip(), *run.figures.carried.at_hub(hub))
        for hub in hubs
        for run in runs
        if hub in run.figures.carried.hubs
    ]


def _numbers(bars: Sequence[Bar], causes: Sequence[str]) -> Markup:
    head = ("Hub", "Sent", "Arrived", *(cause.capitalize() for cause in causes))
    rows = [
        (one.label, str(one.sent), *(percent(n / max(1, one.sent)) for n in _became(one, causes)))
        for one in bars
    ]
    return table("Advertisements by hub", head, rows, numbers=2 + len(causes))


def _became(one: Bar, causes: Sequence[str]) -> list[int]:
    return [one.sent - sum(one.lost.values()), *(one.lost.get(cause, 0) for cause in causes)]


def _shares(run: Told) -> Markup:
    carried = run.figures.carried
    badges, hubs = carried.badges, carried.hubs
    rows: list[list[Content]] = [
        [run.figures.name(badge), *(_share(carried.share(badge, hub)) for hub in hubs)]
        for badge in badges[:_MOST_BADGES]
    ]
    rest = len(badges) - _MOST_BADGES
    more = tag("p", f"And {rest} more badges.", class_="quiet") if rest > 0 else None
    caption = run.of("Share of each badge's advertisements that arrived")
    return Markup(table(caption, ("Badge", *hubs), rows, numbers=len(hubs)) + (more or ""))


def _share(share: float | None) -> Markup:
    shade = None if share is None else f"--share:{share * 100:.0f}%"
    return tag("span", percent(share), class_="share", style=shade)


def _map(run: Told) -> Markup:
    figures, scenery = run.figures, run.scenery
    plan = scenery.plan
    assert plan is not None
    moving = sorted(figures.tracks, key=lambda name: -len(figures.tracks[name]))[:_MOST_TRACKS]
    tracks = {
        name: [scenery.point(stop) for stop in figures.tracks[name]]
        for name in figures.tracks
        if name in moving
    }
    drawn = draw(plan, coverage=coverage(plan, figures), tracks=tracks, marks=_marks(run))
    drawn = drawn.replace(' xmlns="http://www.w3.org/2000/svg"', "", 1)
    seed = "" if figures.about.seed is not None else " (the log does not say its seed: for seed 0)"
    says = (
        "Colours: the share of advertisements that the best hub receives, with the air quiet and"
        f" the wearer looking anywhere{seed}. Crosses: where somebody called for help."
    )
    name = tag("h3", run.title) if run.name else None
    return tag("div", name, figure(Markup(drawn), says), _places(run), class_="paper")


def _marks(run: Told) -> dict[str, Point]:
    marks: dict[str, Point] = {}
    for journey in run.figures.journeys:
        stop = run.scenery.stop(run.figures, journey.wearer, journey.from_ms)
        if journey.calls_for_help and stop is not None and len(marks) < 12:
            marks[f"{journey.wearer} {clock(journey.from_ms)}"] = run.scenery.point(stop)
    return marks


def _places(run: Told) -> Markup:
    """The map's crosses as a table."""
    rows = [
        (
            clock(one.from_ms), one.wearer,
            run.scenery.place(run.figures, one.wearer, one.from_ms) or "not known",
            span(one.first["shown"] - one.from_ms) if "shown" in one.first else "never",
        )
        for one in run.figures.journeys
        if one.calls_for_help
    ]  # fmt: skip
    caption = run.of("Where people called for help")
    return folded(caption, table(caption, ("When", "Who", "Where", "Desk shows"), rows, numbers=1))
