"""Every event of a run: a line for a supervisor, and behind it what each part knew when."""

from simulator.report.charts.knowledge import PHASES, knowledge
from simulator.report.figures import Figures
from simulator.report.journey import HAND, Journey
from simulator.report.markup import Content, Markup, tag
from simulator.report.scenery import Scenery
from simulator.report.summary import told
from simulator.report.tables import key, section, table
from simulator.report.words import clock, exact_clock, kind, listed, span

ROW = "row"
"""The class of a line of alerts."""

_LEAD = (
    "Times are counted from the gesture; for a visit over its time, those of people from when the"
    " desk rang. Open a line to see what each part knew when."
)
_HEAD = ("When", "Who", "Where", "Desk shows", "A person", "Hand knows", "Over")


def alerts(figures: Figures, scenery: Scenery) -> Markup:
    """All that are told one by one."""
    if not figures.journeys:
        return section("alerts", "Every alert", tag("p", "No badge raised anything."))
    left_out = ""
    if figures.left_out:
        left_out = f"{figures.left_out} more, which went by more quickly, are counted, not told."
    phases = key(*((f"phase {phase}", words) for phase, words in PHASES.items()))
    return section(
        "alerts",
        "Every alert",
        tag("p", _LEAD, class_="lead"),
        _filters(figures),
        tag("div", [tag("span", word) for word in _HEAD], class_=f"{ROW} head", aria_hidden="true"),
        tag("div", [_alert(one, figures, scenery) for one in figures.journeys], id="alert-list"),
        tag("p", left_out, class_="quiet") if left_out else None,
        tag("p", "No alert fits.", id="no-alert", class_="quiet", hidden=True),
        phases,
    )  # fmt: skip


def _filters(figures: Figures) -> Markup:
    groups = dict.fromkeys(journey.group for journey in figures.journeys)
    options = [tag("option", "Everything", value="")]
    options += [tag("option", group, value=group) for group in groups]
    return tag(
        "form",
        tag("label", "Show ", tag("select", options, id="filter-group")),
        tag("label", "that says ", tag("input", type="search", id="filter-words")),
        tag("button", "Open all", type="button", id="open-all"),
        class_="filters", hidden=True, id="filters",
    )  # fmt: skip


def _alert(journey: Journey, figures: Figures, scenery: Scenery) -> Markup:
    return tag(
        "details",
        tag("summary", _line(journey, scenery.place(figures, journey.wearer, journey.from_ms))),
        tag("p", told(journey, figures, scenery)),
        tag("p", f"The desk warned: {listed(journey.warnings)}.") if journey.warnings else None,
        tag("div", knowledge(journey, figures.outages.down), class_="wide"),
        _moments(journey),
        id=f"alert-{journey.alert}", class_="alert", data_group=journey.group,
    )  # fmt: skip


def _line(journey: Journey, place: str) -> Markup:
    first, from_ms = journey.first, journey.from_ms
    shown = first.get("shown")
    knows = first.get("felt acknowledged" if journey.calls_for_help else "felt delivered")
    over = first.get("resolved", first.get("cancelled"))
    who = [
        tag("b", journey.wearer),
        tag("span", kind(journey.kind), class_=f"kind {tone(journey)}"),
    ]
    cells: list[tuple[str, Content]] = [
        (_HEAD[0], tag("time", clock(from_ms))),
        (_HEAD[1], who),
        (_HEAD[2], place or "—"),
        (_HEAD[3], _after(shown, from_ms, "never")),
        (_HEAD[4], _person(journey)),
        (_HEAD[5], _after(knows, from_ms, "failed" if "failed" in first else "—")),
        (_HEAD[6], _after(over, journey.asked_ms, "—")),
    ]
    return tag("span", [cell(label, content) for label, content in cells], class_=ROW)


def cell(label: str, content: Content) -> Markup:
    """A cell of a row, with its label for those who do not see the head."""
    return tag("span", tag("span", f"{label} ", class_="label"), content, class_="cell")


def _after(at_ms: int | None, from_ms: int, otherwise: str) -> Markup:
    if at_ms is None:
        return tag("span", otherwise, class_="bad" if otherwise in ("never", "failed") else "quiet")
    return tag("span", span(at_ms - from_ms))


def _person(journey: Journey) -> Markup:
    if not journey.calls_for_help or "cancelled" in journey.first:
        return tag("span", "—", class_="quiet")
    if journey.answer_ms is None:
        return tag("span", "nobody", class_="bad")
    return tag("span", span(journey.answer_ms), title=journey.by or None)


def tone(journey: Journey) -> str:
    """The class of an event's name."""
    return "urgent" if journey.calls_for_help else "calm"


def _moments(journey: Journey) -> Markup:
    rows = [
        (exact_clock(one.at_ms), f"+{span(one.at_ms - journey.from_ms)}", _part(journey, one.part),
         one.what)
        for one in sorted(journey.moments, key=lambda one: one.at_ms)
    ]  # fmt: skip
    if journey.left_out:
        rows.append(("", "", "", f"and {journey.left_out} more"))
    return table(f"{journey.alert} step by step", ("At", "After", "Part", "What"), rows)


def _part(journey: Journey, part: str) -> str:
    names = {HAND: journey.wearer, "badge": f"badge {journey.badge}", "people": "a person"}
    return names.get(part, part)
