"""What chance adds to a story: the same for a seed, in its time, and steps like any others."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import plans
from simulator.errors import SimulatorError
from simulator.lockstep.run import run
from simulator.lockstep.stage import Stage
from simulator.scenario.casting import check_on_plan
from simulator.scenario.draw import drawn, with_crowd
from simulator.scenario.duration import milliseconds
from simulator.scenario.story import Chance, Step, Story, Wearer, check, parse, write
from simulator.scenario.verbs import FAULTS, VERBS
from simulator.world.plan import Plan

PLANS = plans.names()
ALL = {name: plans.load(name) for name in PLANS}
#: Told in stories alone: of cores nobody knows exactly when they are sure of a fall.
NEVER_DRAWN = {"falls"}

chances = st.builds(
    Chance,
    st.floats(0, 60),
    st.floats(0, 60),
    st.floats(0, 600),
    st.lists(st.sampled_from(FAULTS), max_size=4).map(tuple),
)
stories = st.builds(
    Story,
    name=st.just("drawn"),
    plan=st.sampled_from(PLANS),
    length=st.sampled_from(("5 min", "40 min", "2 h")),
    crowd=st.integers(1, 5),
    chance=chances,
)


@settings(max_examples=40)
@given(stories, st.integers(0, 10_000))
def test_the_same_seed_draws_the_same_and_all_before_the_story_settles(
    story: Story, seed: int
) -> None:
    plan = ALL[story.plan]
    told = drawn(story, plan, seed)
    assert told == drawn(story, plan, seed)
    times_ms = [step.at_ms for step in told.steps]
    assert times_ms == sorted(times_ms)
    assert all(20_000 <= at_ms < story.length_ms - story.settle_ms for at_ms in times_ms)
    kinds = set(story.chance.kinds or FAULTS)
    assert {step.does for step in told.steps if VERBS[step.does].fault} <= kinds
    assert (len(told.wearers), told.crowd, told.chance) == (story.crowd, 0, Chance())


@settings(max_examples=40)
@given(stories, st.integers(0, 10_000))
def test_a_drawn_story_can_be_written_down_read_and_cast(story: Story, seed: int) -> None:
    told = drawn(story, ALL[story.plan], seed)
    again = parse("drawn.toml", write(told))
    assert again == told
    check_on_plan("drawn.toml", again, ALL[story.plan])


def test_a_story_that_is_written_out_is_drawn_no_further() -> None:
    story = Story(name="x", plan="clinic", length="1 h", crowd=3, chance=Chance(10, 10, 60))
    told = drawn(story, ALL["clinic"], 1)
    assert drawn(told, ALL["clinic"], 2).steps == told.steps


def test_every_verb_is_drawn_sooner_or_later_with_what_it_needs() -> None:
    story = Story(name="x", plan="clinic", length="10 h", crowd=3, chance=Chance(20, 5, 600))
    steps = [step for seed in range(3) for step in drawn(story, ALL["clinic"], seed).steps]
    assert {step.does for step in steps} == set(VERBS) - NEVER_DRAWN
    for step in steps:
        verb = VERBS[step.does]
        assert bool(step.to) == verb.to
        assert bool(step.lasts) == (verb.lasts is not None)
        if verb.lasts is not None:
            assert verb.lasts[0] <= step.lasts_ms / 1000 <= verb.lasts[1]
        if verb.amount is not None:
            assert verb.amount[0] <= step.amount <= verb.amount[1]


def test_as_much_happens_as_was_asked_for() -> None:
    story = Story(
        name="x", plan="clinic", length="50 h", settle="1 min", crowd=4,
        chance=Chance(2.0, 0.0, 30.0),
    )  # fmt: skip
    steps = drawn(story, ALL["clinic"], 1).steps
    faults = sum(VERBS[step.does].fault for step in steps)
    assert faults == pytest.approx(1_500, abs=4 * 1_500**0.5)
    presses = sum(step.does in ("holds the button", "presses three times") for step in steps)
    asked = 4 * 2.0 * 50 * 6 / 10
    assert presses == pytest.approx(asked, abs=4 * asked**0.5)


def test_another_seed_and_another_wearer_draw_something_else() -> None:
    story = Story(name="x", plan="clinic", length="5 h", crowd=2, chance=Chance(10, 0, 10))
    one, other = (drawn(story, ALL["clinic"], seed) for seed in (1, 2))
    assert one.steps != other.steps
    times_ms = {
        name: [step.at_ms for step in one.steps if step.who == name]
        for name in ("wearer-1", "wearer-2")
    }
    assert not set(times_ms["wearer-1"]) & set(times_ms["wearer-2"])


def test_more_faults_leave_the_presses_where_they_were() -> None:
    calm = Story(name="x", plan="clinic", length="5 h", crowd=2, chance=Chance(10, 0, 0))
    storm = Story(name="x", plan="clinic", length="5 h", crowd=2, chance=Chance(10, 0, 60))
    presses = [step for step in drawn(storm, ALL["clinic"], 1).steps if not VERBS[step.does].fault]
    assert presses == list(drawn(calm, ALL["clinic"], 1).steps)


def test_a_crowd_is_named_behind_those_who_have_names_and_stands_where_people_stay() -> None:
    told = with_crowd(
        Story(name="x", plan="clinic", length="1 h", wearers=(Wearer("Asha", "office"),), crowd=2),
        ALL["clinic"],
        1,
    )
    assert [one.name for one in told.wearers] == ["Asha", "wearer-2", "wearer-3"]
    assert {one.at for one in told.wearers} <= set(ALL["clinic"].stays)
    check("x", told)


@settings(max_examples=40)
@given(
    st.integers(0, 1_000),
    st.lists(st.sampled_from(("2 min", "9 min", "25 min", "31 min")), max_size=2, unique=True),
)
def test_walks_by_chance_let_the_told_ones_be_walked(seed: int, told: list[str]) -> None:
    home, *_, away = ALL["street"].stays
    story = Story(
        name="x", plan="street", length="40 min", wearers=(Wearer("Asha", home),),
        steps=tuple(
            Step(at, "walks to", "Asha", to)
            for at, to in zip(sorted(told, key=milliseconds), (away, home), strict=False)
        ),
        chance=Chance(0, 20, 0),
    )  # fmt: skip
    Stage(drawn(story, ALL["street"], seed), ALL["street"], seed).close()


# -- on a plan --------------------------------------------------------------

HERE = Wearer("Asha", "kitchen")
MISCAST = {
    r"\$\.hubs\[0\]: 'hub-x' is none of: hub-farm": Story("x", "p", "9 min", hubs=("hub-x",)),
    r"\$\.wearers\[0\]\.at: 'attic' is none of: kitchen": Story(
        "x", "p", "9 min", wearers=(Wearer("Asha", "attic"),)
    ),
    r"\$\.steps\[0\]\.to: 'attic' is none of: kitchen": Story(
        "x", "p", "9 min", wearers=(HERE,), steps=(Step("0 s", "walks to", "Asha", "attic"),)
    ),
    r"\$\.steps\[0\]\.to: 'Ben' is none of: Asha": Story(
        "x", "p", "9 min", wearers=(HERE,),
        steps=(Step("0 s", "floods connections", "attacker", "Ben", "5 s"),),
    ),
    r"\$\.steps\[0\]\.who: 'hub-x' is none of: hub-farm": Story(
        "x", "p", "9 min", wearers=(HERE,), steps=(Step("0 s", "goes deaf", "hub-x"),)
    ),
    r"\$\.steps\[0\]\.who: 'hub-x' is none of: hub-farm, desk": Story(
        "x", "p", "9 min", wearers=(HERE,), steps=(Step("0 s", "is cut", "hub-x", lasts="1 s"),)
    ),
    r"\$\.steps\[0\]\.who: 'Ben' is none of: Asha": Story(
        "x", "p", "9 min", wearers=(HERE,), steps=(Step("0 s", "falls", "Ben"),)
    ),
}  # fmt: skip


@pytest.fixture
def farmhouse() -> Plan:
    return ALL["farmhouse"]


@pytest.mark.parametrize(("said", "story"), MISCAST.items(), ids=range(len(MISCAST)))
def test_who_or_what_the_plan_does_not_have_is_named_before_anything_is_played(
    farmhouse: Plan, said: str, story: Story
) -> None:
    with pytest.raises(SimulatorError, match=rf"^x: {said}"):
        run(story, farmhouse, 1, listeners=[lambda entry: pytest.fail(str(entry))])
