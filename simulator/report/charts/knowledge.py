"""One event: what each part knew when."""

from collections.abc import Sequence

from simulator.report.charts.shapes import LETTER_PX, bar, line, picture, shortened, words
from simulator.report.journey import BADGE, DESK, HAND, PEOPLE, Journey
from simulator.report.markup import Markup
from simulator.report.outages import CUT_OFF, DEAF
from simulator.report.scale import Elapsed
from simulator.report.spans import Span
from simulator.report.words import span

_WIDTH, _LEFT, _RIGHT = 860, 132, 846
_LANE, _HEAD, _FOOT = 26, 24, 8
_SHORT = {"recognised": "recognised", "acknowledged": "a person has it", "resolved": "over"}


def knowledge(journey: Journey, down: Sequence[Span]) -> Markup:
    """A lane for each part, from the gesture on; hatched where that part was down."""
    lanes = _lanes(journey)
    length_ms = max(1_000, journey.until_ms - journey.from_ms)
    scale = Elapsed(round(length_ms * 1.15), _LEFT, _RIGHT)
    height = _HEAD + _LANE * len(lanes) + _FOOT
    says = f"What each part knew of {journey.alert} when; the same is in the table below."
    content = [_grid(scale, height)]
    for number, lane in enumerate(lanes):
        top = _HEAD + _LANE * number
        content.append([words(_LEFT - 10, top + 16, _label(journey, lane), anchor="end")])
        content.append(_known(scale, journey, lane, top))
        content.append(_down(scale, journey, _outages(journey, lane, down), top))
    return picture(_WIDTH, height, says, content)


def _lanes(journey: Journey) -> list[str]:
    hubs = sorted(part for part in journey.knows if part not in (HAND, BADGE, DESK, PEOPLE))
    return [HAND, BADGE, *hubs, DESK, *([PEOPLE] if journey.calls_for_help else [])]


def _label(journey: Journey, lane: str) -> str:
    names = {
        HAND: "the hand",
        BADGE: f"badge {journey.badge}",
        DESK: "the desk",
        PEOPLE: "a person",
    }
    return shortened(names.get(lane, lane), _LEFT - 12)


def _grid(scale: Elapsed, height: float) -> list[Markup]:
    pieces = [line(scale.left, _HEAD - 4, scale.left, height - _FOOT, "grid")]
    pieces.append(words(scale.left, 14, "gesture", "quiet"))
    for x, label in scale.ticks():
        if x > scale.left + 70:
            pieces.append(line(x, _HEAD - 4, x, height - _FOOT, "grid"))
            pieces.append(words(x, 14, f"+{label}", "quiet", anchor="middle"))
    return pieces


def _known(scale: Elapsed, journey: Journey, lane: str, top: float) -> list[Markup]:
    known = sorted(journey.knows.get(lane, ()))
    pieces = [bar(scale.left, top + 4, scale.right - scale.left, _LANE - 8, "lane")]
    for place, (at_ms, phase) in enumerate(known):
        end_ms = known[place + 1][0] if place + 1 < len(known) else None
        after_ms = at_ms - journey.from_ms
        left = scale.x(after_ms)
        right = scale.right if end_ms is None else scale.x(end_ms - journey.from_ms)
        tip = f"{_label(journey, lane)}: {phase}, {span(after_ms)} after the gesture"
        pieces.append(bar(left, top + 4, right - left, _LANE - 8, f"phase {phase}", tip))
        text = _SHORT.get(phase, phase)
        if len(text) * LETTER_PX < right - left - 6:
            pieces.append(words(left + 5, top + 17, text, f"on-phase on-{phase}"))
    return pieces


def _outages(journey: Journey, lane: str, down: Sequence[Span]) -> list[Span]:
    who = {BADGE: f"badge-{journey.badge}", HAND: ""}.get(lane, lane)
    return [
        one
        for one in down
        if one.who == who and one.until_ms > journey.from_ms and one.from_ms < journey.until_ms
    ]


def _down(scale: Elapsed, journey: Journey, outages: list[Span], top: float) -> list[Markup]:
    pieces = []
    for one in outages:
        left = scale.x(one.from_ms - journey.from_ms)
        right = scale.x(one.until_ms - journey.from_ms)
        tip = f"{one.who}: {one.what} for {span(one.until_ms - one.from_ms)}"
        class_ = {DEAF: "deaf", CUT_OFF: "cut-off"}.get(one.what, "hatched")
        pieces.append(bar(left, top + 1, right - left, _LANE - 2, class_, tip))
    return pieces


PHASES = {
    "pending": "about to be raised",
    "raised": "raised, or recognised by the badge",
    "heard": "a hub has it on disk",
    "delivered": "the desk has it on disk",
    "acknowledged": "a person has it",
    "resolved": "it is over",
    "failed": "nobody has it",
}
"""The phases that lanes are coloured by, in words."""
