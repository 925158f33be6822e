"""A story that fails is cut down to what it takes, with no more runs than allowed."""

from collections.abc import Callable, Sequence
from hashlib import blake2b

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from simulator.scenario.duration import words
from simulator.scenario.shrink import shrink, smallest
from simulator.scenario.story import Step, Story, Wearer

Fails = Callable[[Sequence[int]], bool]
items = st.integers(0, 24).map(lambda count: list(range(count)))


class Counted:
    """A question that counts how often it is asked."""

    def __init__(self, fails: Callable[..., bool]) -> None:
        self._fails = fails
        self.asked = 0

    def __call__(self, candidate: object) -> bool:
        self.asked += 1
        return self._fails(candidate)


def by_chance(seed: int, share: int) -> Fails:
    """No rhyme nor reason: some sets fail, without a pattern."""

    def fails(candidate: Sequence[int]) -> bool:
        word = b"%d %s" % (seed, repr(list(candidate)).encode())
        return blake2b(word, digest_size=1).digest()[0] < share

    return fails


@given(items, st.sets(st.integers(0, 23), max_size=6))
def test_where_some_are_needed_just_those_are_left(items: list[int], needed: set[int]) -> None:
    assume(needed <= set(items))
    assert list(smallest(items, lambda some: needed <= set(some))) == sorted(needed)


@given(items, st.integers(0, 1_000), st.integers(1, 256))
def test_what_is_left_fails_and_nothing_of_it_can_be_left_out(
    items: list[int], seed: int, share: int
) -> None:
    fails = by_chance(seed, share)
    assume(fails(items))
    left = list(smallest(items, fails))
    assert fails(left)
    assert set(left) <= set(items)
    assert left == sorted(left)
    for at in range(len(left)):
        assert not fails([*left[:at], *left[at + 1 :]]), "one more could go"


@given(items, st.integers(0, 1_000), st.integers(0, 256))
def test_it_asks_no_more_than_ddmin_may_and_never_for_all_again(
    items: list[int], seed: int, share: int
) -> None:
    fails = by_chance(seed, share)

    def asked(candidate: Sequence[int]) -> bool:
        assert len(candidate) < len(items)
        return fails(candidate)

    question = Counted(asked)
    smallest(items, question)
    assert question.asked <= len(items) ** 2 + 3 * len(items)  # Zeller and Hildebrandt, 3.2


# -- whole stories ----------------------------------------------------------

HUBS = ("hub-1", "hub-2", "hub-3")
VERBS = ("is killed", "goes deaf", "holds the button", "presses once", "stops")


@st.composite
def stories(draw: st.DrawFn) -> Story:
    names = [f"wearer-{at}" for at in range(1, draw(st.integers(1, 4)) + 1)]
    steps = draw(
        st.lists(
            st.builds(
                lambda at, does, who, lasts: Step(words(at), does, who, lasts=words(lasts)),
                st.integers(0, 3_000_000),
                st.sampled_from(VERBS),
                st.sampled_from((*names, *HUBS)),
                st.integers(0, 60_000),
            ),
            max_size=10,
        )
    )
    return Story(
        name="x", plan="p", length="1 h", settle="4 min",
        wearers=tuple(Wearer(name, "here") for name in names), hubs=HUBS, steps=tuple(steps),
    )  # fmt: skip


def needs(story: Story, data: st.DataObject) -> Callable[[Story], bool]:
    """A fault that takes some of its steps, so many people and hubs, and so much time."""
    steps = set(data.draw(st.lists(st.sampled_from(story.steps)) if story.steps else st.just([])))
    people = data.draw(st.integers(1, len(story.wearers)))
    hubs = set(data.draw(st.lists(st.sampled_from(HUBS))))
    length_ms = data.draw(st.integers(0, story.length_ms))

    def fails(candidate: Story) -> bool:
        return (
            steps <= set(candidate.steps)
            and len(candidate.wearers) >= people
            and hubs <= set(candidate.hubs)
            and candidate.length_ms >= length_ms
        )

    return fails


@settings(max_examples=150)
@given(stories(), st.data(), st.integers(0, 120))
def test_a_story_that_was_cut_down_still_fails_and_took_no_more_runs_than_allowed(
    story: Story, data: st.DataObject, tries: int
) -> None:
    question = Counted(needs(story, data))
    small = shrink(story, question, tries)
    assert question.asked <= tries
    assert question(small)
    told = iter(story.steps)
    assert all(step in told for step in small.steps)  # in their order
    assert small.wearers == story.wearers[: len(small.wearers)]
    assert small.wearers
    assert small.hubs
    assert all(step.who in (*small.hubs, *(one.name for one in small.wearers))
               for step in small.steps)  # fmt: skip


@settings(max_examples=100)
@given(stories(), st.data())
def test_with_runs_enough_only_what_it_takes_is_left(story: Story, data: st.DataObject) -> None:
    fails = needs(story, data)
    small = shrink(story, fails, 5_000)
    for step in small.steps:
        rest = tuple(one for one in small.steps if one is not step)
        assert not fails(_with(small, steps=rest))
    for hub in small.hubs if len(small.hubs) > 1 else ():
        hubs = tuple(one for one in small.hubs if one != hub)
        steps = tuple(step for step in small.steps if step.who != hub)
        assert not fails(_with(small, hubs=hubs, steps=steps))
    last_ms = max((step.at_ms + step.lasts_ms for step in small.steps), default=0)
    assert last_ms + small.settle_ms <= small.length_ms or small.length_ms == story.length_ms


def test_a_story_that_needs_nothing_is_left_with_one_wearer_one_hub_and_no_steps() -> None:
    story = Story(
        name="x", plan="p", length="1 h", settle="4 min", hubs=HUBS,
        wearers=(Wearer("a", "here"), Wearer("b", "here")),
        steps=tuple(Step(f"{at} min", "stops", "broker", lasts="1 s") for at in range(9)),
    )  # fmt: skip
    small = shrink(story, lambda _: True)
    assert (small.steps, len(small.wearers), len(small.hubs)) == ((), 1, 1)
    assert small.length_ms == small.settle_ms + 60_000


def _with(story: Story, **changes: object) -> Story:
    return replace(story, **changes)
