"""Each verb of a story does what it says, leaves its trace in the log, and is over in time."""

from collections.abc import Callable
from functools import cache

import pytest
from msgspec.structs import replace

from simulator import plans
from simulator.lockstep.broker import Message
from simulator.lockstep.happenings import HAPPENINGS, happen
from simulator.lockstep.log import Entry
from simulator.lockstep.network import Path
from simulator.lockstep.run import run
from simulator.lockstep.stage import Stage
from simulator.scenario.story import Step, Story, Wearer, check
from simulator.scenario.verbs import FAULTS, VERBS
from simulator.world.plan import Plan

ANN, HUB, BADGE = "Ann", "hub-farm", "badge-1"
PRESS_S, FAULT_S, LASTS_S = 50, 60, 40
AMOUNTS = {
    "has power cut in a write": 1, "has memory full": 2_000, "is noisy": 0.5, "tells twice": 1.0,
    "jams": 20, "forges frames": 10, "replays frames": 10, "is killed": 2, "loses power": 2,
    "has its clock set": 5, "sends twice": 0.9, "dies": 2, "has the clock set": 5,
}  # fmt: skip
#: Where the press comes after the fault, which shows itself only then.
AGAIN = (
    "has power cut in a write", "has a worn flash", "has a mute receiver", "floods connections",
    "is killed", "loses power", "goes mute", "dies",
)  # fmt: skip
ONLY_IN_THE_VM = ("has memory full",)
#: What lies behind by itself: whatever died starts again, what is set stays set.
WITHOUT_AN_END = {
    "has power cut in a write", "has a task crash", "has memory full", "has a stuck button",
    "forges frames", "replays frames", "floods connections", "is killed", "loses power",
    "goes deaf", "hangs its adapter", "has its clock set", "dies", "has the clock set",
}  # fmt: skip


@pytest.fixture(scope="module")
def farmhouse() -> Plan:
    return plans.load("farmhouse")


def step(verb: str, at_s: int = FAULT_S) -> Step:
    told = VERBS[verb]
    who = {"wearer": ANN, "hub": HUB, "network": HUB}.get(told.who, told.who)
    to = ("doorstep" if verb in ("jams", "walks to") else ANN) if told.to else ""
    lasts = f"{LASTS_S} s" if told.lasts is not None else ""
    return Step(f"{at_s} s", verb, who, to, lasts, AMOUNTS.get(verb, 0.0))


def story(*steps: Step) -> Story:
    told = Story(
        name="one verb", plan="farmhouse", length="6 min", settle="2 min", hubs=(HUB,),
        wearers=(Wearer(ANN, "kitchen"),), steps=steps,
    )  # fmt: skip
    check("story", told)
    return told


def played(farmhouse: Plan, *steps: Step, vm: bool = False) -> list[Entry]:
    entries: list[Entry] = []
    broken = run(story(*steps), farmhouse, 1, vm=vm, listeners=[entries.append])
    assert broken == []
    return entries


@cache
def untouched(at_s: int) -> list[Entry]:
    """With a press alone, at that time."""
    return played(plans.load("farmhouse"), step("holds the button", at_s))


def of(entries: list[Entry], who: str, what: str) -> list[Entry]:
    return [entry for entry in entries if (entry.who, entry.what) == (who, what)]


def goes_down(why: str) -> Callable[[list[Entry]], bool]:
    return lambda log: (
        any(entry.facts["why"] == why for entry in of(log, BADGE, "goes down"))
        and of(log, BADGE, "said")[-1].facts["start"] > 1  # type: ignore[operator]
    )


def said(**facts: object) -> Callable[[list[Entry]], bool]:
    """While the fault lasts, and no more at the end."""

    def trace(log: list[Entry]) -> bool:
        frames = [{name: entry.facts[name] for name in facts} for entry in of(log, BADGE, "said")]
        return facts in frames and frames[-1] != facts

    return trace


def loses(cause: str) -> Callable[[list[Entry]], bool]:
    """Packets, to this, while the fault lasts, and none to it a minute later."""

    def trace(log: list[Entry]) -> bool:
        times_s = [
            entry.at_ms / 1000
            for entry in of(log, "air", "carried")
            if cause in entry.facts["lost"]  # type: ignore[operator]
        ]
        return bool(times_s) and max(times_s) < FAULT_S + LASTS_S + 60

    return trace


def dies(who: str, *, power: bool) -> Callable[[list[Entry]], bool]:
    def trace(log: list[Entry]) -> bool:
        killed, back = of(log, who, "killed"), of(log, who, "started")[-1]
        return [entry.facts for entry in killed] == [{"power": power}] and (
            back.at_ms == killed[0].at_ms + LASTS_S * 1000
        )

    return trace


def unlinks(*parts: str, within_s: float = 16.0) -> Callable[[list[Entry]], bool]:
    def trace(log: list[Entry]) -> bool:
        down_s = [
            next((e.at_ms / 1000 for e in of(log, who, "link") if not e.facts["up"]), 0.0)
            for who in parts
        ]
        return all(0 <= at_s - FAULT_S <= within_s for at_s in down_s)

    return trace


def does(who: str, *whats: str) -> Callable[[list[Entry]], bool]:
    return lambda log: all(of(log, who, what) for what in whats)


def sees(**states: object) -> Callable[[list[Entry]], bool]:
    return lambda log: any(
        entry.facts[name] == state
        for entry in of(log, "desk", "sees")
        for name, state in states.items()
    )


TRACES: dict[str, Callable[[list[Entry]], bool]] = {
    "has power cut in a write": goes_down("cut"),
    "loses the battery": does(BADGE, "loses its cell", "gets a cell"),
    "has a task crash": goes_down("reset"),
    "has memory full": goes_down("ended"),
    "has a worn flash": said(fault=True),
    "has a stuck button": does(ANN, "has the button down"),
    "has a mute receiver": said(fault=True),
    "is noisy": loses("noise"),
    "jams": loses("jammed"),
    "forges frames": sees(warned={HUB: ("intrusion",)}),
    "floods connections": does("attacker", "connects", "is let go"),
    "is killed": dies(HUB, power=False),
    "loses power": dies(HUB, power=True),
    "has a full disk": sees(warned={HUB: ("disk full",)}),
    "goes deaf": does(HUB, "rescans", "hears again"),
    "hangs its adapter": does(HUB, "resets", "hears again"),
    "loses its adapter": sees(gateways={HUB: "deaf"}),
    "is cut": unlinks(HUB),
    "swallows": unlinks(HUB),
    "stops": unlinks(HUB, "desk", within_s=0.1),
    "crashes": unlinks(HUB, "desk", within_s=0.1),
    "is wiped": unlinks(HUB, "desk", within_s=0.1),
    "goes mute": unlinks("desk", within_s=20.0),
    "dies": dies("desk", power=False),
}

Probe = Callable[[Stage], object]


def rejected(reason: str) -> Probe:
    def count(stage: Stage) -> object:
        process = stage.hubs[HUB].process
        assert process is not None
        return process.rejected.get(reason, 0) > 10

    return count


#: What leaves the log as it was: what is so meanwhile, and what before and after.
PROBES: dict[str, tuple[Probe, object, object]] = {
    "has a bouncing button": (lambda stage: stage.wearers[ANN].bounces, True, False),
    "tells twice": (lambda stage: stage.air.twice, 1.0, 0.0),
    "is slow": (lambda stage: stage.ways[HUB].condition, "slow", "whole"),
    "sends twice": (lambda stage: stage.broker.duplicates, 0.9, 0.0),
    "sleeps": (lambda stage: stage.supervisor.awake, False, True),
    "has its clock set": (lambda stage: stage.hubs[HUB].offset_ms, 5 * 3_600_000, 0),
    "has the clock set": (lambda stage: stage.desk.offset_ms, 5 * 3_600_000, 0),
    "replays frames": (rejected("replay"), True, False),
}


def test_every_verb_happens_and_nothing_else_does() -> None:
    assert set(HAPPENINGS) == set(VERBS)
    assert set(TRACES) | set(PROBES) == set(FAULTS)


@pytest.mark.parametrize("verb", TRACES)
def test_a_fault_alone_leaves_its_trace_breaks_no_promise_and_is_over_before_the_end(
    farmhouse: Plan, verb: str
) -> None:
    press_s = FAULT_S + 2 if verb in AGAIN else PRESS_S
    press = step("holds the button", press_s)
    log = played(farmhouse, press, step(verb), vm=verb in ONLY_IN_THE_VM)
    assert TRACES[verb](log)
    assert not TRACES[verb](untouched(press_s))
    over = [entry.at_ms for entry in of(log, "story", "is over")]
    assert over == ([] if verb in WITHOUT_AN_END else [(FAULT_S + LASTS_S) * 1000])
    for part in (HUB, "desk"):
        assert of(log, part, "link")[-1].facts["up"]
    last = of(log, "desk", "sees")[-1].facts
    assert (last["broker"], last["gateways"]) == (True, {HUB: "online"})
    if verb != "forges frames":  # a warning stays for longer
        assert last["warned"] == {}
    assert of(log, BADGE, "said")[-1].at_ms > 270_000


@pytest.mark.parametrize("verb", PROBES)
def test_a_fault_that_no_log_shows_is_there_while_it_lasts(farmhouse: Plan, verb: str) -> None:
    probe, meanwhile, before = PROBES[verb]
    stage = Stage(story(step(verb)), farmhouse, 1)
    try:
        stage.begin()
        stage.agenda.at(FAULT_S * 1000, happen, stage, step(verb), 240_000)
        stage.agenda.run(FAULT_S * 1000 - 1)
        assert probe(stage) == before
        stage.agenda.run((FAULT_S + LASTS_S) * 1000 - 1)
        assert probe(stage) == meanwhile
        stage.agenda.run((FAULT_S + LASTS_S) * 1000)
        assert probe(stage) == (meanwhile if verb in WITHOUT_AN_END else before)
    finally:
        stage.close()


def test_what_lasts_longer_than_the_story_is_over_when_it_settles(farmhouse: Plan) -> None:
    fault = Step("60 s", "is slow", HUB, lasts="1 h")
    log = played(farmhouse, fault)
    assert [entry.at_ms for entry in of(log, "story", "is over")] == [240_000]


def test_wearers_do_as_they_are_told(farmhouse: Plan) -> None:
    kinds = {
        "holds the button": "sos", "presses three times": "sos", "presses once": "test",
        "presses twice": "check_in", "falls": "man_down",
    }  # fmt: skip
    for verb, kind in kinds.items():
        log = played(farmhouse, step(verb))
        seen = {entry.facts["kind"] for entry in of(log, BADGE, "said")}
        assert seen == {"status", kind}, verb
    log = played(farmhouse, step("walks to"))
    assert len({(entry.facts["x"], entry.facts["y"]) for entry in of(log, ANN, "is at")}) > 2


def test_a_supervisor_who_sleeps_looks_at_nothing_until_waking(farmhouse: Plan) -> None:
    steps = (step("sleeps", 40), step("holds the button"))
    told = story(*steps)
    nobody_called = replace(told, desk=replace(told.desk, contacts=()))
    entries: list[Entry] = []
    run(nobody_called, farmhouse, 1, listeners=[entries.append])
    looked = of(entries, "supervisor", "looks")
    assert looked
    assert looked[0].at_ms > 80_000


class Subscriber:
    """Sees what a broker has retained."""

    def __init__(self) -> None:
        self.path = Path(lambda *_: 0.0)
        self.topics: set[str] = set()

    def delivered(self, number: int, message: Message) -> None:
        self.topics.add(message.topic)

    def acknowledged(self, mid: int) -> None:
        pass

    def cut(self, reason: str) -> None:
        pass


@pytest.mark.parametrize(
    ("verb", "old", "new"),
    [("stops", True, True), ("crashes", True, False), ("is wiped", False, False)],
)
def test_a_broker_comes_back_with_all_with_what_was_saved_or_with_nothing(
    farmhouse: Plan, verb: str, old: bool, new: bool
) -> None:
    stage = Stage(story(step(verb)), farmhouse, 1)
    try:
        stage.begin()
        stage.agenda.at(FAULT_S * 1000, happen, stage, step(verb), 240_000)
        who = Subscriber()
        stage.agenda.run(30_000)
        stage.broker.connect("who", who, None, ("kept/+",), 10_000)
        stage.broker.publish("who", who, 1, Message("kept/old", b"1", 1), retain=True)
        stage.agenda.run(FAULT_S * 1000 - 1)
        stage.broker.publish("who", who, 2, Message("kept/new", b"1", 1), retain=True)
        stage.agenda.run((FAULT_S + LASTS_S) * 1000)
        again = Subscriber()
        stage.broker.connect("again", again, None, ("kept/+",), 10_000)
        stage.agenda.run((FAULT_S + LASTS_S) * 1000 + 100)
        assert again.topics == {
            topic for topic, kept in (("kept/old", old), ("kept/new", new)) if kept
        }
    finally:
        stage.close()
