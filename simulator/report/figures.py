"""All figures of a run, collected in one pass over its log."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from simulator.lockstep.log import Entry
from simulator.promises import Broken
from simulator.report.carried import Carried, CarriedLog
from simulator.report.facts import many, text, whole
from simulator.report.gestures import Gesture
from simulator.report.journey import Journey
from simulator.report.journeys import KEPT, Journeys
from simulator.report.outages import OutageLog, Outages
from simulator.report.supply import Curve, SupplyLog
from simulator.report.tally import Tally
from simulator.report.tracks import Track, TrackLog


class About(NamedTuple):
    """Which run it was. plan: its title. seed: None where the log does not say it.

    ended_ms: the last entry's time; complete: whether the log tells the run's end. waiting: the
    alerts that nobody had answered then.
    """

    story: str
    plan: str
    length_ms: int
    settle_ms: int
    badges: int
    hubs: tuple[str, ...]
    seed: int | None
    ended_ms: int
    complete: bool
    waiting: tuple[str, ...]


class Figures(NamedTuple):
    """vain: gestures of which nothing came. broken: None where no promise was checked."""

    about: About
    journeys: tuple[Journey, ...]
    tally: Tally
    vain: tuple[Gesture, ...]
    carried: Carried
    supply: Mapping[int, Curve]
    outages: Outages
    tracks: Mapping[str, Track]
    wearers: Mapping[int, str]
    broken: tuple[Broken, ...] | None
    entries: int
    left_out: int

    def name(self, badge: int) -> str:
        """Who wears it."""
        return self.wearers.get(badge, f"badge {badge}")


class Collector:
    """A listener of a run, or of the entries of a log that was kept.

    wearers: names in the order of their badges, where the log does not tell them.
    """

    def __init__(self, kept: int = KEPT, wearers: Sequence[str] = ()) -> None:
        self._journeys = Journeys(kept)
        self._journeys.wearers.update(enumerate(wearers, 1))
        self._carried = CarriedLog()
        self._supply = SupplyLog()
        self._outages = OutageLog()
        self._tracks = TrackLog()
        self._parts = (
            self._journeys, self._carried, self._supply, self._outages, self._tracks,
        )  # fmt: skip
        self._began: Entry | None = None
        self._waiting: tuple[str, ...] | None = None
        self._broken: list[Broken] = []
        self._judged = False
        self._now_ms = 0
        self._entries = 0

    def __call__(self, entry: Entry) -> None:
        self._now_ms = entry.at_ms
        self._entries += 1
        match entry.who, entry.what:
            case "run", "began":
                self._begin(entry)
            case "run", "ended":
                self._waiting = tuple(str(alert) for alert in many(entry, "waiting"))
            case "promise", "broken":
                self._break(entry)
            case "promises", "judged":
                self._judged = True
            case _:
                for part in self._parts:
                    part(entry)

    @property
    def began(self) -> bool:
        """Whether a run has begun."""
        return self._began is not None

    def figures(self, broken: tuple[Broken, ...] | None = None) -> Figures:
        """All so far. broken: what somebody else found who checked the promises."""
        told = tuple(self._broken) if self._judged or self._broken else None
        about = self._about()
        outages = self._outages.until(self._now_ms, about.settle_ms)
        journeys, gestures = self._journeys, self._journeys.gestures
        return Figures(
            about,
            journeys.all(),
            journeys.tally(),
            gestures.all_in_vain(),
            self._carried.carried(),
            self._supply.curves(),
            outages,
            self._tracks.tracks(),
            dict(sorted(journeys.wearers.items())),
            told if broken is None else broken,
            self._entries,
            journeys.left_out,
        )

    def _begin(self, entry: Entry) -> None:
        self._began = entry
        for badge, name in enumerate(many(entry, "wearers") if "wearers" in entry.facts else (), 1):
            self._journeys.wearers[badge] = str(name)
        self._about()

    def _break(self, entry: Entry) -> None:
        found = Broken(whole(entry, "promise"), whole(entry, "at"), text(entry, "why"))
        if len(self._broken) < KEPT:
            self._broken.append(found)

    def _about(self) -> About:
        began = self._began or Entry(0, "run", "began", {})
        seed = began.facts.get("seed")
        return About(
            text(began, "story"),
            text(began, "plan"),
            whole(began, "length"),
            whole(began, "settle"),
            whole(began, "badges"),
            tuple(str(hub) for hub in many(began, "hubs")),
            seed if isinstance(seed, int) else None,
            self._now_ms,
            self._waiting is not None,
            self._waiting or (),
        )
