"""What thumbs did, and which event of the badge came of it."""

from collections import deque
from typing import NamedTuple

TOGETHER_MS = 20_000
"""Holds that follow each other this soon are one call for help: who feels nothing, holds again."""

_MOST = 200
_WAITING = 50


class Gesture(NamedTuple):
    """how: `holds the button`, `presses`, `falls`. times: of presses in a row, or of holds.
    why_not: what kept the badge from noticing, as far as the log says."""

    at_ms: int
    badge: int
    wearer: str
    how: str
    times: int
    why_not: str = ""


class Gestures:
    """Gestures that wait for an event to come of them."""

    def __init__(self) -> None:
        self.vain: list[Gesture] = []
        self.left_out = 0
        self._waiting: dict[int, deque[Gesture]] = {}

    def add(self, gesture: Gesture) -> None:
        """A thumb did something, and nothing has come of it yet."""
        waiting = self._waiting.setdefault(gesture.badge, deque())
        last = waiting[-1] if waiting else None
        if last is not None and _goes_on(last, gesture):
            waiting[-1] = last._replace(times=last.times + gesture.times)
            return
        waiting.append(gesture)
        if len(waiting) > _WAITING:
            self._give_up(waiting.popleft())

    def claim(self, badge: int) -> Gesture | None:
        """The badge opened an event: the latest gesture was for it, all before in vain."""
        waiting = self._waiting.pop(badge, None)
        if not waiting:
            return None
        claimed = waiting.pop()
        for gesture in waiting:
            self._give_up(gesture)
        return claimed

    def all_in_vain(self) -> tuple[Gesture, ...]:
        """Those of which nothing came, nor will."""
        rest = [gesture for waiting in self._waiting.values() for gesture in waiting]
        return tuple(sorted((*self.vain, *rest)))

    def _give_up(self, gesture: Gesture) -> None:
        if len(self.vain) < _MOST:
            self.vain.append(gesture)
        else:
            self.left_out += 1


def _goes_on(before: Gesture, after: Gesture) -> bool:
    lately = after.at_ms - before.at_ms <= TOGETHER_MS * max(1, before.times)
    return lately and before.how == after.how == "holds the button"
