"""What a supervisor wants to know first, in words."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from simulator.promises import ALL
from simulator.report.distribution import Distribution
from simulator.report.figures import Figures
from simulator.report.gestures import Gesture
from simulator.report.journey import OVERDUE, Journey
from simulator.report.scenery import Scenery
from simulator.report.words import clock, kind, listed, plural, sentence, span


class Verdict(NamedTuple):
    """state: `kept`, `broken` or `unknown`."""

    state: str
    headline: str
    detail: str = ""


class Card(NamedTuple):
    """One figure to remember. state: empty, or `unwell` where it is bad news."""

    title: str
    figure: str
    detail: str = ""
    state: str = ""


def verdict(figures: Figures) -> Verdict:
    """Whether the promises held."""
    broken = figures.broken
    cut = "" if figures.about.complete else "The log ends before the run does."
    if broken is None:
        return Verdict("unknown", "Nobody checked the promises of this run.", cut)
    if broken:
        times = Counter(one.promise for one in broken)
        names = [f"promise {number} ({_title(number)})" for number in sorted(times)]
        count = plural(len(broken), "time")
        return Verdict(
            "broken", f"Broken: {listed(names)}.", sentence(f"{count} in all. {cut}".strip())
        )
    if cut:
        return Verdict("unknown", "No promise was broken up to where the log ends.", cut)
    return Verdict("kept", f"All {len(ALL)} promises held.")


def cards(figures: Figures) -> Iterator[Card]:
    """The figures at the top."""
    tally = figures.tally
    wanted, answered = tally.count("calls for a person"), tally.count("answered")
    if wanted:
        detail = "answered by a person" if answered == wanted else "answered; the others by nobody"
        state = "" if answered == wanted else "unwell"
        yield Card("Calls for help", f"{answered} of {wanted}", detail, state)
    else:
        yield Card("Calls for help", "none")
    yield from _time("The desk showed it after", tally.shown)
    yield from _time("A person had it after", tally.answers)
    yield from _small_cards(figures)
    if figures.vain:
        whys = {gesture.why_not for gesture in figures.vain if gesture.why_not}
        detail = listed(sorted(whys)) or "the log does not say why"
        yield Card("Gestures in vain", str(len(figures.vain)), detail, "unwell")
    yield _faults_card(figures)


def _time(title: str, times: Distribution) -> Iterator[Card]:
    if times.n:
        longest = f"or sooner, in half of all; the longest {span(times.most)}"
        yield Card(title, span(times.quantile(0.5)), longest if times.n > 1 else "the only one")


def _small_cards(figures: Figures) -> Iterator[Card]:
    groups = ("Tests", "Check-ins and check-outs", OVERDUE, "Others")
    outcomes = figures.tally.outcomes
    everything = sum(outcomes[group, "all"] for group in groups)
    if everything:
        came = sum(outcomes[group, "at the desk"] for group in groups)
        failed = sum(outcomes[group, "failed"] for group in groups)
        words = "the hand felt that it failed" if failed == 1 else "hands felt that they failed"
        detail = f"; {failed} did not in time, and {words}" if failed else ""
        state = "" if came == everything else "unwell"
        yield Card(
            "Tests and check-ins", f"{came} of {everything}", f"came to the desk{detail}", state
        )


def _faults_card(figures: Figures) -> Card:
    verbs = figures.outages.verbs
    if not verbs:
        return Card("Broken on purpose", "nothing")
    ways = plural(len(verbs), "way")
    return Card("Broken on purpose", str(verbs.total()), f"times, in {ways}")


def opening(figures: Figures, scenery: Scenery) -> str:
    """What sort of run it was, in a sentence."""
    about = figures.about
    people, hubs = plural(about.badges, "person", "people"), plural(len(about.hubs), "hub")
    plan = scenery.plan.name if scenery.plan else about.plan
    seed = f", seed {about.seed}" if about.seed is not None else ""
    return f"{plan}: {people}, {hubs}, {span(about.length_ms)}{seed}."


def told(journey: Journey, figures: Figures, scenery: Scenery) -> str:
    """An event in words."""
    first, name = journey.first, journey.wearer
    place = scenery.place(figures, name, journey.from_ms)
    where = f" ({place})" if place else ""
    parts = [f"{clock(journey.from_ms)}: {name}{where} {_did(journey)}."]
    if not journey.calls_for_help:
        return " ".join([*parts, _small_end(journey)])
    if "cancelled" in first:
        return " ".join([*parts, "It was cancelled on the badge."])
    if "rang" in first and journey.asked_ms != journey.from_ms:
        parts.append(
            f"At {clock(journey.asked_ms)} the visit was over its time, and the desk rang."
        )
    elif "shown" in first:
        parts.append(f"The desk showed it after {span(first['shown'] - journey.from_ms)}.")
    else:
        parts.append("It never came to the desk.")
    parts.append(_answer(journey))
    return " ".join(filter(None, parts))


def in_vain(gesture: Gesture, figures: Figures, scenery: Scenery) -> str:
    """A gesture of which nothing came, in words."""
    place = scenery.place(figures, gesture.wearer, gesture.at_ms)
    where = f" ({place})" if place else ""
    why = f": {gesture.why_not}" if gesture.why_not else "; the log does not say why"
    did = gesture_words(gesture)
    return f"{clock(gesture.at_ms)}: {gesture.wearer}{where} {did}. Nothing came of it{why}."


def gesture_words(gesture: Gesture) -> str:
    """What the thumb did."""
    if gesture.how == "presses":
        return {1: "pressed once", 2: "pressed twice", 3: "pressed three times"}.get(
            gesture.times, f"pressed {gesture.times} times"
        )
    if gesture.how == "falls":
        return "fell"
    again = f" {gesture.times} times" if gesture.times > 1 else ""
    return f"held the button{again}"


def _did(journey: Journey) -> str:
    name = kind(journey.kind).lower()
    if journey.gesture is None:
        return f"raised an event by no gesture that the log tells ({name})"
    return f"{gesture_words(journey.gesture)} ({name})"


def _answer(journey: Journey) -> str:
    first = journey.first
    if journey.answer_ms is None:
        return "Nobody took it."
    by = "The supervisor" if journey.by == "supervisor" else journey.by or "Somebody"
    words = f"{by} took it after {span(journey.answer_ms)}"
    if "felt acknowledged" in first:
        felt_ms = first["felt acknowledged"] - first.get("acknowledged", first["felt acknowledged"])
        words += f", and the hand felt it {span(felt_ms)} later"
    elif "acknowledged" in first:
        words += ", which the hand did not feel"
    if "resolved" in first:
        return f"{words}. It was over after {span(first['resolved'] - journey.asked_ms)}."
    return f"{words}. It was still open at the end."


def _small_end(journey: Journey) -> str:
    first = journey.first
    if "felt delivered" in first and "at the desk" in first:
        after = span(first["felt delivered"] - journey.from_ms)
        return f"The desk had it, and the hand felt so after {after}."
    felt = "the hand felt that it failed" if "failed" in first else "the hand felt nothing of that"
    if "at the desk" in first:
        after = span(first["at the desk"] - journey.from_ms)
        return f"The desk had it after {after}, but {felt}."
    return f"It did not come to the desk; {felt}."


def _title(number: int) -> str:
    found = next((promise.title for promise in ALL if promise.number == number), "")
    return found[:1].lower() + found[1:]
