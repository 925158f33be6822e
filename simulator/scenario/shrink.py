"""A story that breaks a promise, cut down to what it takes to break it.

Delta debugging (Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002)
over steps, then people, then hubs, then time.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec.structs import replace

from simulator.scenario.duration import words
from simulator.scenario.story import Story

T = TypeVar("T")
Fails = Callable[[Story], bool]


def shrink(story: Story, fails: Fails, tries: int = 200) -> Story:
    """The smallest story found that still fails; fails: plays one. At most so many are played."""
    left = [tries]

    def still(candidate: Story) -> bool:
        if left[0] <= 0:
            return False
        left[0] -= 1
        return fails(candidate)

    steps = smallest(story.steps, lambda steps: still(replace(story, steps=tuple(steps))))
    story = replace(story, steps=tuple(steps))
    story = _without_idlers(story, still)
    if len(story.hubs) > 1:
        hubs = smallest(story.hubs, lambda hubs: bool(hubs) and still(_with_hubs(story, hubs)))
        story = _with_hubs(story, hubs)
    return _shorter(story, still)


def smallest(items: Sequence[T], fails: Callable[[Sequence[T]], bool]) -> Sequence[T]:
    """Some of the items, in their order, with which it still fails (ddmin)."""
    pieces = 2
    while len(items) >= 2:
        size = max(1, len(items) // pieces)
        for at in range(0, len(items), size):
            rest = [*items[:at], *items[at + size :]]
            if fails(rest):
                items, pieces = rest, max(2, pieces - 1)
                break
        else:
            if size == 1:
                break
            pieces = min(len(items), pieces * 2)
    if len(items) == 1 and fails([]):
        return []
    return items


def _without_idlers(story: Story, still: Fails) -> Story:
    """Wearers to whom nothing happens. Badges keep their numbers: those at the end go first."""
    while len(story.wearers) > 1:
        last = story.wearers[-1].name
        if any(last in (step.who, step.to) for step in story.steps):
            return story
        fewer = replace(story, wearers=story.wearers[:-1])
        if not still(fewer):
            return story
        story = fewer
    return story


def _with_hubs(story: Story, hubs: Sequence[str]) -> Story:
    gone = set(story.hubs) - set(hubs)
    steps = tuple(step for step in story.steps if step.who not in gone)
    return replace(story, hubs=tuple(hubs), steps=steps)


def _shorter(story: Story, still: Fails) -> Story:
    """Ends soon after its last step."""
    last_ms = max((step.at_ms + step.lasts_ms for step in story.steps), default=0)
    for spare_ms in (60_000, 300_000, 900_000):
        length_ms = last_ms + spare_ms + story.settle_ms
        if length_ms < story.length_ms:
            shorter = replace(story, length=words(length_ms))
            if still(shorter):
                return shorter
    return story
