"""What a tester may say to virtual badges, word by word. Pure: a line in, an order out."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from gateway.contract.messages import Phase
from simulator.errors import SimulatorError

NEAR_M = 2.0
AWAY_M = 5_000.0  # beyond every receiver's reach
MOST_M = 100_000.0
MOST_PRESSES = 20
MOST_WAIT_S = 3_600.0
MOST_V = 5.0
PARTS = ("motor", "flash", "gnss", "accelerometer", "button-stuck", "crash")
FOREVER_PARTS = tuple(part for part in PARTS if part != "crash")  # a crash mends itself

_PLACES = {"near": NEAR_M, "away": AWAY_M}


class OrderError(SimulatorError):
    """A line that is no order; one line that names the culprit and says what to do."""


class Order(NamedTuple):
    """verb: of VERBS; badges: their numbers; amount, word: what else the verb takes.

    amount: presses, metres, volts or seconds; word: a part, a phase, `on` or `off`.
    """

    verb: str
    badges: tuple[int, ...] = ()
    amount: float = 0.0
    word: str = ""


class Verb(NamedTuple):
    """usage: as it is typed; about: what it does; read: the words behind it into an order."""

    usage: str
    about: str
    read: Callable[[Sequence[str], Sequence[int]], Order]


def read_order(line: str, known: Sequence[int]) -> Order | None:
    """The order in a line; None for an empty one, or a remark that begins with #.

    known: the numbers of the badges there are, in order. Raises OrderError.
    """
    words = line.partition("#")[0].split()
    if not words:
        return None
    odd = next((word for word in words if not word.isprintable()), None)
    if odd is not None:
        raise OrderError(f"{odd!r}: no such command; help lists what there is")
    name, rest = words[0].lower(), [word.lower() for word in words[1:]]
    verb = VERBS.get(name)
    if verb is None:
        close = difflib.get_close_matches(name, VERBS, 1)
        hint = f"did you mean {close[0]}?" if close else "help lists what there is"
        raise OrderError(f"{words[0]}: no such command; {hint}")
    try:
        return verb.read(rest, known)
    except _Misuse as misuse:
        culprit = f"{misuse}; " if str(misuse) else ""
        raise OrderError(f"{name}: {culprit}say: {verb.usage}") from None


class _Misuse(Exception):  # noqa: N818 - becomes an OrderError, which names the verb
    """What is wrong with the words behind a verb; "" when their number is."""


def _badges(text: str, known: Sequence[int]) -> tuple[int, ...]:
    """Numbers in `3`, `1-5`, `1,4,7-9` or `all`."""
    if text == "all":
        return tuple(known)
    chosen: dict[int, None] = {}
    for piece in text.split(","):
        first, dash, last = piece.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise _Misuse(f"{text} is no badge's number, 1-5, 1,3 or all")
        low, high = int(first), int(last if dash else first)
        if high < low:
            raise _Misuse(f"{piece} runs backwards")
        for end in (low, high):
            if end not in known:
                raise _Misuse(f"no badge {end}; there are {known[0]} to {known[-1]}")
        chosen |= dict.fromkeys(number for number in known if low <= number <= high)
    return tuple(chosen)


def _number(text: str, least: float, most: float, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise _Misuse(f"{text} is not {what} from {least:g} to {most:g}")
    return value


def _one_of(text: str, choices: Sequence[str], what: str) -> str:
    if text not in choices:
        raise _Misuse(f"{text} is no {what} ({', '.join(choices)})")
    return text


def _count(words: Sequence[str], least: int, most: int) -> None:
    if not least <= len(words) <= most:
        raise _Misuse


def _alone(verb: str) -> Callable[[Sequence[str], Sequence[int]], Order]:
    def read(words: Sequence[str], _known: Sequence[int]) -> Order:
        _count(words, 0, 0)
        return Order(verb)

    return read


def _of_badges(verb: str) -> Callable[[Sequence[str], Sequence[int]], Order]:
    def read(words: Sequence[str], known: Sequence[int]) -> Order:
        _count(words, 1, 1)
        return Order(verb, _badges(words[0], known))

    return read


def _press(words: Sequence[str], known: Sequence[int]) -> Order:
    _count(words, 1, 2)
    times = _number(words[1], 1, MOST_PRESSES, "a number of presses") if words[1:] else 1.0
    if not times.is_integer():
        raise _Misuse(f"{words[1]} is no whole number of presses")
    return Order("press", _badges(words[0], known), times)


def _walk(words: Sequence[str], known: Sequence[int]) -> Order:
    _count(words, 2, 2)
    metres = _PLACES.get(words[1])
    if metres is None:
        metres = _number(words[1].removesuffix("m"), 0, MOST_M, "near, away or metres")
    return Order("walk", _badges(words[0], known), metres)


def _battery(words: Sequence[str], known: Sequence[int]) -> Order:
    _count(words, 2, 2)
    volts = _number(words[1].removesuffix("v"), 0, MOST_V, "volts")
    return Order("battery", _badges(words[0], known), volts)


def _charge(words: Sequence[str], known: Sequence[int]) -> Order:
    _count(words, 2, 2)
    return Order("charge", _badges(words[0], known), word=_one_of(words[1], _SWITCH, "switch"))


def _break(words: Sequence[str], known: Sequence[int]) -> Order:
    _count(words, 2, 2)
    return Order("break", _badges(words[0], known), word=_one_of(words[1], PARTS, "part"))


def _mend(words: Sequence[str], known: Sequence[int]) -> Order:
    _count(words, 1, 2)
    part = _one_of(words[1], (*FOREVER_PARTS, "all"), "part to mend") if words[1:] else "all"
    return Order("mend", _badges(words[0], known), word=part)


def _jam(words: Sequence[str], _known: Sequence[int]) -> Order:
    _count(words, 1, 1)
    return Order("jam", word=_one_of(words[0], _SWITCH, "switch"))


def _wait(words: Sequence[str], known: Sequence[int]) -> Order:
    _count(words, 1, 2)
    if not words[1:]:
        return Order("wait", amount=_number(words[0], 0, MOST_WAIT_S, "seconds"))
    return Order("wait", _badges(words[0], known), word=_one_of(words[1], tuple(Phase), "phase"))


_SWITCH = ("on", "off")

VERBS = {
    "list": Verb("list", "every badge: what it is and says", _alone("list")),
    "press": Verb("press 3 [TIMES]", "presses the button, once or TIMES in a row", _press),
    "hold": Verb("hold 3", "calls for help: holds the button until it buzzes", _of_badges("hold")),
    "fall": Verb("fall 3", "the wearer walks, falls and stays down", _of_badges("fall")),
    "walk": Verb("walk 3 12|near|away", "goes to so many metres from the hub", _walk),
    "battery": Verb("battery 3 3.4", "the cell's volts: 4.2 is full, 3.3 empty", _battery),
    "charge": Verb("charge 3 on|off", "puts it on its charger, or takes it off", _charge),
    "break": Verb("break 3 PART", f"{', '.join(FOREVER_PARTS)} or crash", _break),
    "mend": Verb("mend 3 [PART]", "mends a part, or all of them", _mend),
    "off": Verb("off 3", "the battery comes out, without warning", _of_badges("off")),
    "on": Verb("on 3", "the battery goes in", _of_badges("on")),
    "jam": Verb("jam on|off", "nobody hears anybody on the air", _jam),
    "wait": Verb("wait 5 | wait 3 delivered", "seconds, or until a badge says a phase", _wait),
    "help": Verb("help", "this list", _alone("help")),
    "quit": Verb("quit", "ends everything", _alone("quit")),
}
