"""What Tocsin promises, each as a checker that reads a run's log, entry by entry.

A checker knows nothing of the code: only what happened, in the words of the log. Each is in a
file of its own, named for its promise, so that somebody who wants to know what is promised, and
how it is checked, reads one page.
"""

from simulator.lockstep.log import Entry
from simulator.promises.ledger import Broken, Promise
from simulator.promises.p1_no_alert_lost import NoAlertLost
from simulator.promises.p2_no_false_comfort import NoFalseComfort
from simulator.promises.p3_one_press_one_alert import OnePressOneAlert
from simulator.promises.p4_only_the_fleet_speaks import OnlyTheFleetSpeaks
from simulator.promises.p5_silence_is_noticed import SilenceIsNoticed
from simulator.promises.p6_nobody_is_tracked import NobodyIsTracked
from simulator.promises.p7_escalation_goes_on import EscalationGoesOn
from simulator.promises.p8_missed_check_in_rings import MissedCheckInRings
from simulator.scenario.story import Story

__all__ = ["ALL", "Broken", "Promise", "Promises"]

ALL: tuple[type[Promise], ...] = (
    NoAlertLost,
    NoFalseComfort,
    OnePressOneAlert,
    OnlyTheFleetSpeaks,
    SilenceIsNoticed,
    NobodyIsTracked,
    EscalationGoesOn,
    MissedCheckInRings,
)


class Promises:
    """All of them at once: a listener of a log."""

    def __init__(self, story: Story) -> None:
        self.broken: list[Broken] = []
        self._promises = tuple(promise(story, self.broken.append) for promise in ALL)

    def __call__(self, entry: Entry) -> None:
        for promise in self._promises:
            promise.see(entry)
