"""A story's file: read and written back; and what is wrong in one is named, with what to do."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import SimulatorError
from simulator.scenario.duration import words
from simulator.scenario.story import (
    Chance,
    Contact,
    DeskTable,
    Step,
    Story,
    Wearer,
    load,
    parse,
    shipped,
    write,
)
from simulator.scenario.verbs import FAULTS, VERBS

HEAD = 'name = "x"\nplan = "farmhouse"\nlength = "10 min"\n'
ASHA = '[[wearers]]\nname = "Asha"\nat = "kitchen"\n'
SAM = '[[desk.contacts]]\nname = "Sam"\n'

names = st.sampled_from(("Asha", "Ben", "Zoë", 'the "other"', "\\ and\ttab", "名"))
times = st.integers(0, 3_600_000).map(words)
wearers = st.lists(
    st.builds(Wearer, names, st.text(min_size=1, max_size=40), st.floats(0, 100)),
    min_size=1, max_size=3, unique_by=lambda wearer: wearer.name,
).map(tuple)  # fmt: skip


@st.composite
def stories(draw: st.DrawFn) -> Story:
    people = draw(wearers)
    hubs = draw(st.sampled_from(((), ("hub-farm",), ("hub-farm", "hub-barn"))))
    length_ms = draw(st.integers(1_000, 10_000_000))

    def step() -> Step:
        does = draw(st.sampled_from(sorted(VERBS)))
        who = VERBS[does].who
        named = {"wearer": [one.name for one in people], "hub": hubs or ("hub-1",)}
        return Step(
            words(draw(st.integers(0, length_ms))),
            does,
            draw(st.sampled_from(named.get(who, [("desk" if who == "network" else who)]))),
            draw(st.text(min_size=1, max_size=10)),
            draw(times),
            draw(st.floats(0, 100)),
        )

    return Story(
        name=draw(st.text(min_size=1, max_size=40)),
        plan="farmhouse",
        length=words(length_ms),
        about=draw(st.text(max_size=60)),
        settle=words(draw(st.integers(0, length_ms - 1))),
        heartbeat=draw(st.integers(1_000, 3_600_000).map(words)),
        ambient=draw(st.booleans()),
        hubs=hubs,
        wearers=people,
        crowd=draw(st.integers(0, 50)),
        desk=DeskTable(
            draw(times), draw(times), draw(times), draw(st.booleans()),
            draw(st.sampled_from(((), (Contact("Sam", ""), Contact("Kim", "1 min"))))),
        ),
        chance=Chance(
            draw(st.floats(0, 60)), draw(st.floats(0, 60)), draw(st.floats(0, 600)),
            tuple(draw(st.lists(st.sampled_from(FAULTS), max_size=3))),
        ),
        steps=tuple(step() for _ in range(draw(st.integers(0, 5)))),
        seed=draw(st.none() | st.integers(0, 10**6)),
    )  # fmt: skip


@given(stories())
def test_a_story_comes_back_from_its_file(story: Story) -> None:
    assert parse("story.toml", write(story)) == story


def test_every_story_that_is_shipped_can_be_read() -> None:
    for name, text in shipped().items():
        assert parse(name, text) == load(name)


WRONG = {
    "": "missing key",
    "name = ": "not TOML",
    HEAD + "colour = 1": r"\$\.colour: unknown key; remove it or correct its spelling",
    HEAD.replace("10 min", "soon"): r"\$\.length: 'soon' is no time; write it as",
    HEAD + 'settle = "1 h"': r"\$\.settle: must be shorter than \$\.length",
    HEAD + 'heartbeat = "0 s"': r"\$\.heartbeat: .*from 1 s to 1 h",
    HEAD + 'heartbeat = "2 h"': r"\$\.heartbeat: .*from 1 s to 1 h",
    HEAD + "crowd = 5001": r"\$\.crowd: expected int <= 5000",
    HEAD + '[desk]\nvisit = "long"': r"\$\.desk\.visit: 'long' is no time",
    HEAD + SAM + 'answers = "now"': r"\$\.desk\.contacts\[0\]\.answers: 'now' is no time",
    HEAD + SAM + SAM: r"\$\.desk\.contacts\[1\]\.name: Sam is there twice; change one",
    HEAD + ASHA + ASHA: r"\$\.wearers\[1\]\.name: Asha is there twice; change one",
    HEAD + ASHA.replace("Asha", "desk"): r"\$\.wearers\[0\]\.name: 'desk' is taken; choose",
    HEAD + "crowd = 1\n" + ASHA.replace("Asha", "wearer-2"): r"'wearer-2' is taken; choose",
    HEAD + 'hubs = ["hub-farm", "hub-farm"]': r"\$\.hubs\[1\]: hub-farm is there twice; change",
    HEAD
    + ASHA
    + '[chance]\nkinds = ["rains"]': r"\$\.chance\.kinds\[0\]: 'rains' is no fault; see",
    HEAD
    + ASHA
    + '[chance]\nkinds = ["falls"]': r"\$\.chance\.kinds\[0\]: 'falls' is no fault; see",
    HEAD + "[chance]\nfaults = 601": r"\$\.chance\.faults: expected float <= 600",
    HEAD: r"\$\.wearers: nobody is in this story; add one, or a crowd",
    HEAD + ASHA + "battery = nan": r"\$\.wearers\[0\]\.battery: expected float",
}
STEPS = {
    'does = "rains"': r"\$\.steps\[0\]\.does: 'rains' is nothing that can happen; see",
    'does = "falls"': r"\$\.steps\[0\]\.who: missing; say who does it",
    'does = "falls"\nwho = "Ben"': r"\$\.steps\[0\]\.who: 'Ben' is none of: Asha",
    'does = "is killed"\nlasts = "1 s"': r"\$\.steps\[0\]\.who: missing; say who does it",
    'does = "stops"\nwho = "desk"\nlasts = "1 s"': r"\.who: 'desk' is none of: broker",
    'does = "walks to"\nwho = "Asha"': r"\$\.steps\[0\]\.to: missing; 'walks to' needs it",
    'does = "sleeps"': r"\$\.steps\[0\]\.lasts: missing; say for how long, such as 30 s",
    'does = "sleeps"\nlasts = "x"': r"\$\.steps\[0\]\.lasts: 'x' is no time",
    'does = "stops"\nlasts = "1 s"\namount = nan': r"\$\.steps\[0\]\.amount: expected float",
    'does = "stops"\nlasts = "1 s"\namount = 1e9': r"\$\.steps\[0\]\.amount: expected float",
}


@pytest.mark.parametrize(("text", "said"), WRONG.items(), ids=range(len(WRONG)))
def test_what_is_wrong_is_named_by_file_and_key_with_what_to_do(text: str, said: str) -> None:
    with pytest.raises(SimulatorError, match=r"^story\.toml: .*" + said):
        parse("story.toml", text)


@pytest.mark.parametrize(("step", "said"), STEPS.items(), ids=range(len(STEPS)))
def test_what_is_wrong_in_a_step_is_named_likewise(step: str, said: str) -> None:
    text = HEAD + 'hubs = ["hub-farm"]\n' + ASHA + '[[steps]]\nat = "1 min"\n' + step
    with pytest.raises(SimulatorError, match=r"^story\.toml: .*" + said):
        parse("story.toml", text)


@pytest.mark.parametrize(("at", "said"), [("x", "'x' is no time"), ("11 min", "after the end")])
def test_a_step_has_its_time_within_the_story(at: str, said: str) -> None:
    step = f'[[steps]]\nat = "{at}"\nwho = "Asha"\ndoes = "falls"'
    with pytest.raises(SimulatorError, match=rf"^story\.toml: \$\.steps\[0\]\.at: {said}"):
        parse("story.toml", HEAD + ASHA + step)


values = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("1 min"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)
KEYS = ("name", "plan", "length", "settle", "heartbeat", "hubs", "wearers", "crowd", "desk",
        "chance", "steps", "seed", "at", "does", "who")  # fmt: skip


def told(garbage: str) -> str:
    """Of a text as a story: what is said against it; nothing where it is one."""
    try:
        parse("story.toml", garbage)
    except SimulatorError as error:
        return str(error)
    return ""


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_text_gives_one_line_that_names_the_file(text: str) -> None:
    error = told(text)
    assert error.startswith("story.toml: ")
    assert "\n" not in error


@settings(max_examples=200)
@given(stories(), st.sampled_from(KEYS), values, st.integers(0, 2))
def test_any_value_anywhere_gives_a_story_or_one_line(
    story: Story, key: str, value: object, depth: int
) -> None:
    import msgspec

    tables = msgspec.to_builtins(story)
    inner = tables
    for _ in range(depth):
        below = [one for one in inner.values() if isinstance(one, dict | list) and one]
        if not below:
            break
        inner = below[0] if isinstance(below[0], dict) else below[0][0]
        if not isinstance(inner, dict):
            return
    inner[key] = value
    try:
        text = msgspec.toml.encode(tables).decode()
    except (TypeError, ValueError, OverflowError):
        return  # TOML has no such value
    error = told(text)
    assert not error or error.startswith("story.toml: ")
    assert "\n" not in error


def test_a_story_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(SimulatorError, match=r"no story is called 'nothing'; there are: a-drill"):
        load("nothing")
    with pytest.raises(SimulatorError, match=r"gone\.toml: No such file.*; name a story's TOML"):
        load(str(tmp_path / "gone.toml"))
    (tmp_path / "raw.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SimulatorError, match=r"raw\.toml: is not text; name a story's TOML"):
        load(str(tmp_path / "raw.toml"))
    with pytest.raises(SimulatorError, match=r"Is a directory; name a story's TOML"):
        load(str(tmp_path / ""))
