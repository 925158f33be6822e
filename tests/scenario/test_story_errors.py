"""A story that cannot be played is refused in one line: file, key, what was wrong, what to do."""

import pytest

from simulator import plans
from simulator.errors import SimulatorError
from simulator.scenario.casting import check_on_plan
from simulator.scenario.commands import stories, verbs
from simulator.scenario.story import load, parse, shipped
from simulator.scenario.verbs import VERBS

HEAD = 'name = "x"\nplan = "clinic"\nlength = "20 min"\n'
WEARERS = '[[wearers]]\nname = "Asha"\nat = "room 1"\n[[wearers]]\nname = "Ben"\nat = "kitchen"\n'


def step(**keys: str) -> str:
    return "[[steps]]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())


HOLDS = {"at": '"3 min"', "does": '"holds the button"', "who": '"Asha"'}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = ", ("1.toml", "TOML")),
        ('name = "x"\nlength = "5 min"\n', ("1.toml", "plan")),
        (HEAD + "colour = 1\n", ("1.toml", "colour")),
        (HEAD.replace("20 min", "20 years"), ("1.toml", "$.length", "12:30")),
        (HEAD.replace("20 min", "2 min"), ("1.toml", "$.settle", "shorter than $.length")),
        (HEAD + '[desk]\nvisit = "soon"\n', ("1.toml", "$.desk.visit", "2 min")),
        (HEAD + '[[desk.contacts]]\nname = "Sam"\nanswers = "later"\n',
         ("1.toml", "$.desk.contacts[0].answers", "12:30")),
        (HEAD + WEARERS + WEARERS, ("1.toml", "$.wearers[2].name", "Asha is there twice")),
        (HEAD + WEARERS + step(**{**HOLDS, "does": '"flies"'}),
         ("1.toml", "$.steps[0].does", "flies", "tocsin-simulator verbs")),
        (HEAD + WEARERS + step(**{**HOLDS, "who": '"Carl"'}),
         ("1.toml", "$.steps[0].who", "Carl", "Asha, Ben")),
        (HEAD + WEARERS + step(at='"3 min"', does='"holds the button"'),
         ("1.toml", "$.steps[0].who", "say who")),
        (HEAD + WEARERS + step(**{**HOLDS, "does": '"walks to"'}),
         ("1.toml", "$.steps[0].to", "walks to")),
        (HEAD + WEARERS + step(**{**HOLDS, "does": '"loses the battery"'}),
         ("1.toml", "$.steps[0].lasts", "such as 30 s")),
        (HEAD + WEARERS + step(**{**HOLDS, "at": '"21 min"'}),
         ("1.toml", "$.steps[0].at", "after the end")),
        (HEAD + WEARERS + step(**{**HOLDS, "at": '"at noon"'}),
         ("1.toml", "$.steps[0].at", "at noon", "12:30")),
    ],
)  # fmt: skip
def test_a_story_with_a_mistake_names_file_and_key_and_what_to_do(
    text: str, words: tuple[str, ...]
) -> None:
    with pytest.raises(SimulatorError) as error:
        parse("1.toml", text)
    assert "\n" not in str(error.value)
    for word in words:
        assert word in str(error.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('hubs = ["hub-cellar"]\n' + WEARERS, ("$.hubs[0]", "hub-cellar", "hub-reception")),
        (WEARERS.replace("kitchen", "cellar"), ("$.wearers[1].at", "cellar", "reception desk")),
        (WEARERS + step(**HOLDS) + step(**{**HOLDS, "does": '"walks to"', "to": '"cellar"'}),
         ("$.steps[1].to", "cellar", "reception desk")),
        (WEARERS + step(at='"1 min"', does='"goes deaf"', who='"hub-cellar"'),
         ("$.steps[0].who", "hub-cellar", "hub-reception, hub-corridor, hub-upstairs")),
        (WEARERS + step(at='"1 min"', does='"is cut"', who='"broker"', lasts='"9 s"'),
         ("$.steps[0].who", "broker", "hub-upstairs, desk")),
        (WEARERS + step(at='"1 min"', does='"jams"', who='"attacker"', to='"Asha"', lasts='"9 s"'),
         ("$.steps[0].to", "Asha", "reception desk")),
        (WEARERS + step(at='"1 min"', does='"floods connections"', who='"attacker"', to='"Carl"',
                        lasts='"9 s"'), ("$.steps[0].to", "Carl", "Asha, Ben")),
    ],
)  # fmt: skip
def test_a_name_that_is_not_on_the_plan_is_told_with_those_that_are(
    text: str, words: tuple[str, ...]
) -> None:
    story = parse("1.toml", HEAD + text)
    with pytest.raises(SimulatorError, match=r"^1\.toml: ") as error:
        check_on_plan("1.toml", story, plans.load(story.plan))
    for word in words:
        assert word in str(error.value)


def test_a_story_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(SimulatorError, match=r"no story is called 'a-visit'; there are: .*clocks"):
        load("a-visit")


def test_the_tables_name_every_story_and_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    stories()
    said = capsys.readouterr().out
    assert all(name in said for name in shipped())
    verbs()
    said = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert all(name.split()[-1] in said for name in VERBS)
