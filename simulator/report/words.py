"""Times, counts and lists as people say them."""

from collections.abc import Sequence

_JOIN = "\u00a0"


def span(ms: float | None) -> str:
    """How long: `0.4 s`, `12 s`, `1 min 24 s`, `2 h 5 min`; a dash for None."""
    if ms is None:
        return "—"
    if abs(ms) < 9_950:
        return _units((int(ms), "ms")) if 0 < abs(ms) < 100 else f"{round(ms / 100) / 10}{_JOIN}s"
    minutes, seconds = divmod(round(ms / 1_000), 60)
    if minutes < 60:
        return _units((minutes, "min"), (seconds, "s"))
    return _units(*zip(divmod(round(ms / 60_000), 60), ("h", "min"), strict=True))


def _units(*parts: tuple[int, str]) -> str:
    """A line never breaks between a number and its unit."""
    return " ".join(f"{number}{_JOIN}{unit}" for number, unit in parts if number)


def clock(ms: float) -> str:
    """A time of the run: `6:10`, `1:02:05`."""
    seconds = int(ms // 1_000)
    hours, rest = divmod(seconds, 3_600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def exact_clock(ms: float) -> str:
    """The same to a tenth of a second: `6:10.4`."""
    return f"{clock(ms)}.{int(ms % 1_000) // 100}"


def percent(share: float | None) -> str:
    """Of 0 to 1; never 100 % of what is less, nor 0 % of what is more."""
    if share is None:
        return "—"
    if 0 < share < 0.01:
        return "< 1 %"
    if 0.99 < share < 1:
        return "> 99 %"
    return f"{100 * share:.0f} %"


def plural(n: int, one: str, several: str = "") -> str:
    """`1 hub`, `3 hubs`, `no hubs`."""
    number = f"{n:,}".replace(",", "\u202f") if n else "no"
    return f"{number} {one if n == 1 else several or one + 's'}"


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def sentence(text: str) -> str:
    """With a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}" if text else ""


KINDS = {
    "sos": "Call for help",
    "man_down": "Man down",
    "assist": "Asks for assistance",
    "test": "Test",
    "check_in": "Check-in",
    "check_out": "Check-out",
    "going_off": "Switching off",
    "status": "Known from heartbeats",
}


def kind(name: str) -> str:
    """What an event is, to a person."""
    return KINDS.get(name, name.replace("_", " ").capitalize() or "Unknown")
