"""What was broken on purpose, what was down, and what the desk saw of it."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

from simulator.lockstep.log import Entry
from simulator.report.facts import flag, many, number, table, text, whole
from simulator.report.spans import Span, Spans
from simulator.scenario.verbs import VERBS

DOWN, CELL_OUT, DEAF = "down", "battery out", "deaf"
CUT_OFF = "without the broker"
SILENT, BROKER_AWAY = "silent", "broker away"
#: Faults that strike some time after they were begun, and end with the next start.
_STRIKE = ("is killed", "loses power", "dies")
_DEAF = ("goes deaf", "hangs its adapter")


class Outages(NamedTuple):
    """faults: by the story. down: hubs, desk and badges that did not run, hubs that were deaf,
    and hubs and desk without the broker.

    seen: what the desk showed of gateways other than `online` (who: the gateway), of badges
    (`silent`) and of the broker (`broker away`). verbs: how often each fault was begun.
    """

    faults: tuple[Span, ...]
    down: tuple[Span, ...]
    seen: tuple[Span, ...]
    verbs: Counter[str]
    left_out: int


class OutageLog:
    """A listener."""

    def __init__(self) -> None:
        self._faults = Spans()
        self._down = Spans()
        self._seen = Spans()
        self._verbs: Counter[str] = Counter()
        self._does: Mapping[str, Callable[[Entry], None]] = {
            "is over": self._is_over,
            "killed": self._killed,
            "started": self._started,
            "hears again": lambda entry: self._down.end(entry.at_ms, entry.who, DEAF),
            "loses its cell": lambda entry: self._down.begin(entry.at_ms, entry.who, CELL_OUT),
            "gets a cell": lambda entry: self._down.end(entry.at_ms, entry.who, CELL_OUT),
            "goes down": lambda entry: self._down.begin(entry.at_ms, entry.who, DOWN),
            "said": self._said,
            "link": self._link,
            "sees": self._sees,
        }

    def __call__(self, entry: Entry) -> None:
        if entry.who == "story" and entry.what != "is over":
            self._begin_fault(entry)
            return
        does = self._does.get(entry.what)
        if does is not None:
            does(entry)

    def until(self, now_ms: int, settle_ms: int) -> Outages:
        """All up to now. settle_ms: from then on nothing is broken any more."""
        return Outages(
            self._faults.until(max(0, min(now_ms, settle_ms))),
            self._down.until(now_ms),
            self._seen.until(now_ms),
            Counter(self._verbs),
            self._faults.left_out + self._down.left_out + self._seen.left_out,
        )

    def _begin_fault(self, entry: Entry) -> None:
        verb = VERBS.get(entry.what)
        if verb is not None and not verb.fault:
            return
        who, to = text(entry, "who"), text(entry, "to")
        self._verbs[entry.what] += 1
        amount, lasts_ms = number(entry, "amount"), whole(entry, "lasts")
        more = f"at {to}" if to and entry.what == "jams" else to
        more = " ".join(filter(None, (more, f"{amount:g}" if amount else "")))
        at_ms = entry.at_ms
        if lasts_ms and not _runs_out(entry.what):
            self._faults.end(at_ms, who, entry.what)
            self._faults.begin(at_ms, who, entry.what, more)
        else:
            self._faults.add(Span(at_ms, at_ms + lasts_ms, who, entry.what, more))
        if entry.what in _DEAF:
            self._down.begin(at_ms, who, DEAF)

    def _is_over(self, entry: Entry) -> None:
        self._faults.end(entry.at_ms, text(entry, "who"), text(entry, "what"))

    def _link(self, entry: Entry) -> None:
        if flag(entry, "up"):
            self._down.end(entry.at_ms, entry.who, CUT_OFF)
        else:
            self._down.begin(entry.at_ms, entry.who, CUT_OFF)

    def _killed(self, entry: Entry) -> None:
        for what in (DEAF, CUT_OFF):
            self._down.end(entry.at_ms, entry.who, what)
        self._down.begin(entry.at_ms, entry.who, DOWN)
        if entry.who == "desk":  # a dead desk sees nothing
            for who, what in self._seen.now():
                self._seen.end(entry.at_ms, who, what)

    def _started(self, entry: Entry) -> None:
        if (entry.who, DOWN) in self._down.now():
            for verb in _STRIKE:
                self._faults.end(entry.at_ms, entry.who, verb)
        self._down.end(entry.at_ms, entry.who, DOWN)

    def _said(self, entry: Entry) -> None:
        self._down.end(entry.at_ms, entry.who, DOWN)

    def _sees(self, entry: Entry) -> None:
        at_ms = entry.at_ms
        now = {(str(who), str(state)) for who, state in table(entry, "gateways").items()}
        now = {(who, state) for who, state in now if state != "online"}
        now |= {(f"badge-{badge}", SILENT) for badge in many(entry, "silent")}
        if not flag(entry, "broker"):
            now.add(("broker", BROKER_AWAY))
        before = self._seen.now()
        for who, what in before - now:
            self._seen.end(at_ms, who, what)
        for who, what in sorted(now - before):
            self._seen.begin(at_ms, who, what)


def _runs_out(verb: str) -> bool:
    """Whether the log does not tell its end, or tells it of another: it just lasts so long."""
    return verb in ("forges frames", "replays frames", "floods connections", "has a stuck button",
                    "has power cut in a write")  # fmt: skip
