"""A live run as it happens, a line a thing that a bystander would notice."""

from collections.abc import Callable, Mapping

from simulator.lockstep.log import Entry, Fact

Facts = Mapping[str, Fact]
_TOGETHER_MS = 3_000
_OF_PEOPLE = ("acknowledge", "resolve")
_OF_MACHINES = ("started", "killed", "failed", "rescans", "resets", "hears again", "goes down",
                "loses its cell", "gets a cell", "was answered")  # fmt: skip


class Teller:
    """A listener of a log. show: takes each line."""

    def __init__(self, show: Callable[[str], object]) -> None:
        self._show = show
        self._screen: dict[str, str] = {}
        self._wearers: dict[str, str] = {}
        self._felt: dict[str, tuple[str, int]] = {}

    def __call__(self, entry: Entry) -> None:
        text = self._words(entry)
        if text:
            minutes, ms = divmod(entry.at_ms, 60_000)
            self._show(f"{minutes:3d}:{ms // 1_000:02d}  {text}")

    def _words(self, entry: Entry) -> str:
        who, what, facts = entry.who, entry.what, entry.facts
        if who == "story":
            return _happens(what, facts)
        if who == "desk" and what in _AT_THE_DESK:
            return self._unless_shown(str(facts.get("alert")), _AT_THE_DESK[what](facts))
        if what == "felt":
            return self._feels(entry, self._wearers.get(who, who))
        if what in _OF_PEOPLE:
            return f"{who} {what}s {facts['alert']}"
        if "badge" in facts and what in ("holds the button", "presses", "falls"):
            self._wearers[f"badge-{facts['badge']}"] = who
        return f"{who} {what}" if what in _OF_MACHINES else ""

    def _feels(self, entry: Entry, who: str) -> str:
        """Not again and again what a hand feels without end, such as while a fall is pending."""
        text = f"{who} feels {_like(entry.facts)}"
        before, at_ms = self._felt.get(who, ("", 0))
        self._felt[who] = (text, entry.at_ms)
        return "" if text == before and entry.at_ms - at_ms < _TOGETHER_MS else text

    def _unless_shown(self, alert: str, text: str) -> str:
        if self._screen.get(alert) == text:
            return ""
        self._screen[alert] = text
        return text


def _happens(what: str, facts: Facts) -> str:
    if what == "is over":
        return f"{facts['who']} {facts['what']}: over".strip()
    return f"{facts['who']} {what} {facts['to']}".strip()


def _shows(facts: Facts) -> str:
    return f"the desk shows {facts['alert']}: {facts['kind']} {facts['phase']}"


def _calls(facts: Facts) -> str:
    drill = ", a drill" if facts.get("drill") else ""
    return f"the desk calls {facts['contact']} about {facts['alert']}{drill}"


def _sees(facts: Facts) -> str:
    gateways, warned, silent = facts["gateways"], facts["warned"], facts["silent"]
    assert isinstance(gateways, Mapping)
    assert isinstance(warned, Mapping)
    assert isinstance(silent, list)
    away = [f"{hub} {state}" for hub, state in gateways.items() if state != "online"]
    for hub, warnings in warned.items():
        assert isinstance(warnings, tuple)
        away += [f"{hub} with {warning}" for warning in warnings]
    away += ["no broker"] if not facts["broker"] else []
    away += [f"badge {badge} silent" for badge in silent]
    return f"the desk sees {', '.join(away) or 'everything online'}"


def _like(facts: Facts) -> str:
    like = facts["like"]
    assert isinstance(like, tuple)
    return " or ".join(str(name) for name in like) or "something"


_AT_THE_DESK: dict[str, Callable[[Facts], str]] = {"shows": _shows, "calls": _calls, "sees": _sees}
