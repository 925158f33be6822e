"""What there is to see at a moment."""

from collections.abc import Iterable

from simulator.lockstep.log import Entry
from simulator.watch.scene import Scene
from tests.report.tale import Tale


def scene_at(entries: Iterable[Entry], at_ms: int) -> Scene:
    scene = Scene(names=("Asha", "Ben", "Chloe"))
    for entry in entries:
        if entry.at_ms <= at_ms:
            scene(entry)
    return scene


def test_an_alert_is_seen_from_the_badges_first_word_to_its_end() -> None:
    call = Tale().call(10_000).ended()
    assert not scene_at(call, 11_000).alerts
    seen = [
        (at_ms, scene.alerts["1-1"].phase, scene.alerts["1-1"].at_desk)
        for at_ms in (11_500, 12_000, 40_050, 100_500)
        for scene in [scene_at(call, at_ms)]
    ]
    assert seen == [
        (11_500, "raised", False), (12_000, "delivered", True), (40_050, "acknowledged", True),
        (100_500, "resolved", True),
    ]  # fmt: skip
    assert scene_at(call, 100_500).alerts["1-1"].by == "Sam"


def test_a_badge_that_has_not_heard_yet_does_not_take_a_phase_back() -> None:
    tale = Tale().call(10_000)
    tale.said(40_050, 1, "sos", "delivered")  # it does not know yet that somebody has it
    scene = scene_at(tale.ended(), 40_060)
    assert scene.alerts["1-1"].phase == "acknowledged"
    assert scene.people[1].phase == "delivered"


def test_everybody_is_there_from_the_beginning() -> None:
    scene = scene_at(Tale().ended(), 0)
    assert [person.name for person in scene.people.values()] == ["Asha", "Ben", "Chloe"]
    assert list(scene.machines) == ["hub-a", "hub-b", "broker", "desk"]


def test_parts_that_fail_are_seen_to_fail_and_to_come_back() -> None:
    tale = Tale().say(10, "hub-a", "killed", power=False).say(20, "hub-a", "started")
    tale.say(10, "hub-b", "link", up=False).say(20, "hub-b", "link", up=True)
    tale.say(10, "badge-2", "loses its cell").say(20, "badge-2", "gets a cell")
    tale.say(10, "story", "goes deaf", who="hub-b", to="", amount=0.0, lasts=0)
    tale.say(20, "hub-b", "hears again")
    tale.say(10, "desk", "sees", broker=False, gateways={"hub-a": "silent"}, silent=(2,))
    tale.say(20, "desk", "sees", broker=True, gateways={"hub-a": "online"}, silent=())
    before, after = scene_at(tale.ended(), 10), scene_at(tale.ended(), 20)
    hub, other = before.machines["hub-a"], before.machines["hub-b"]
    assert (hub.up, hub.seen, other.link, other.deaf) == (False, "silent", False, True)
    assert (before.people[2].down, before.people[2].silent) == ("no battery", True)
    assert before.machines["broker"].seen == "away"
    hub, other = after.machines["hub-a"], after.machines["hub-b"]
    assert (hub.up, hub.seen, other.link, other.deaf) == (True, "", True, False)
    assert (after.people[2].down, after.people[2].silent) == ("", False)
    assert not after.faults


def test_alerts_that_are_over_make_room_for_those_that_are_not() -> None:
    tale = Tale()
    tale.said(1, 2, "sos", "raised", event=1)
    for event in range(1, 70):
        tale.call(10_000 * event, event=event)
    scene = scene_at(tale.ended(1_000_000), 1_000_000)
    assert "2-1" in scene.alerts
    assert len(scene.alerts) <= 41
