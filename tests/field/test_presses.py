"""Presses that fire twice, are missed, come from nowhere, or do not say what they are."""

import asyncio
from collections.abc import Callable
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.alerts import Alerts
from desk.turns import Reported, Resolve
from gateway.contract.messages import Kind, Phase, Report, rfc3339
from gateway.contract.topics import Topics
from gateway.intake import Accepted, Intake
from gateway.registry import BadgeKey, FleetKey, Registry
from gateway.reports import to_message
from simulator.badge_files import BadgeFiles
from simulator.ear import Ear
from simulator.lockstep.single import LockstepBadge, Said
from simulator.mosquitto import Mosquitto
from tests.badge.vm_badge import command, felt
from tests.conftest import BADGE_KEY, FLEET_KEY, NUMBER
from tests.field.naive import PRESS_TOPIC, Bell, Buzzer, Client, Switch, Tracker
from tests.gateway.live_hub import Badge, Desk, Hub, PlainRadio, online
from tests.gateway.test_buttons import NOW_MS, Peer, button, hear, restarted, rules
from wire.command import OP_DELIVERED, OP_HEARD
from wire.frame import KIND_SOS, KIND_STATUS, from_advertisement

TOPICS = Topics("demo")


def report(event: int, counter: int, gateway: str = "hub-1") -> Report:
    return Report(
        badge=1,
        event=event,
        kind=Kind.SOS,
        phase=Phase.RAISED,
        counter=counter,
        gateway=gateway,
        heard_at=rfc3339(NOW_MS),
    )


async def test_a_retained_press_fires_again_after_a_restart_and_ours_are_not_retained(
    mosquitto: Callable[..., Mosquitto], tmp_path, registry, speaker
):
    broker = mosquitto()
    await broker.start()
    sender = await Client(broker.port, "sender").up()
    sender.publish(b"pressed", retain=True)
    await sender.puback()
    desk = Desk(broker.url)
    hub = Hub(tmp_path, registry, broker.url, PlainRadio(badge := Badge(speaker(1))))
    await online(desk)
    hub.radio.say(badge.press())
    assert (await desk.sees(Report, "/event/1/1/hub-1")).phase is Phase.RAISED

    # Desks that start now, one of each sort.
    theirs = await Client(broker.port, "their desk", PRESS_TOPIC).up()
    ours = await Client(broker.port, "our desk", f"{TOPICS.root}#").up()
    assert (await theirs.message()).payload == b"pressed"
    sender.publish(b"{}", topic=f"{TOPICS.root}barrier")
    told = [await ours.message()]
    while not told[-1].topic.endswith("barrier"):
        told.append(await ours.message())
    assert any(one.retained for one in told)
    assert not [one.topic for one in told if "/event/" in one.topic]

    await hub.stop()
    desk.running.cancel()
    await asyncio.wait((desk.running,))
    for one in (sender, theirs, ours):
        one.end()
    await broker.stop()


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), min_size=2))
def test_a_bell_rings_with_every_copy_and_ours_once_for_each_press(
    copies: list[tuple[int, int]],
) -> None:
    bell, desk, counters = Bell(), Alerts({}), count(1)
    for event, gateway in copies:
        told = report(event, next(counters), f"hub-{gateway}")
        bell.take(told)
        desk.step(NOW_MS, Reported(told))
    assert bell.rings == len(copies)
    assert {record.alert for record in desk.records} == {f"1-{event}" for event, _ in copies}
    assert len(desk.records) == len({event for event, _ in copies})


def test_a_second_press_changes_no_state_and_is_missed_and_ours_rings_again() -> None:
    switch, desk = Switch(), Alerts({})
    for event in (1, 2):
        switch.take(report(event, event))
        desk.step(NOW_MS, Reported(report(event, event)))
        desk.step(NOW_MS, Resolve(f"1-{event}", "Sam"))
    assert switch.rings == 1
    assert [record.alert for record in desk.records] == ["1-1", "1-2"]


def test_a_restart_in_a_burst_is_a_second_press_to_bthome_ble_and_none_here() -> None:
    first, second = button(counter=500).burst(2)
    assert Peer().takes(first, 0.0)
    assert Peer().takes(second, 1.0)  # another one: it was started again

    found = hear(rules(), first)
    assert isinstance(found, Accepted)
    again = hear(restarted(found), second, NOW_MS + 1000)
    assert isinstance(again, Accepted)
    assert (found.report.kind, again.report.kind) == (KIND_SOS, KIND_STATUS)


@pytest.fixture
def frames(badge_files: BadgeFiles, ear: Ear) -> list[bytes]:
    """All that a badge says in the first half minute of an alert, each frame once."""
    with LockstepBadge(badge_files) as badge:
        badge.run(1_000)
        badge.press(for_ms=2_000)
        badge.run(20_000)
        command(badge, ear, OP_HEARD)
        badge.run(10_000)
        said = [bytes.fromhex(one.words[3]) for one in badge.said if on_air(one)]
    events = [payload for payload in said if ear.hear(payload).report.kind != KIND_STATUS]
    return list(dict.fromkeys(map(from_advertisement, events)))


def on_air(said: Said) -> bool:
    return said.words[0] == "adv" and said.words[1] != "0"


def test_an_alarm_that_one_message_carries_is_lost_with_it_and_ours_is_in_every_frame(frames):
    tracker = Tracker()
    tracker.press()
    messages = [tracker.message() for _ in frames]
    fleet = Registry((FleetKey(0, FLEET_KEY.hex()),), (BadgeKey(NUMBER, BADGE_KEY.hex()),))
    alarms, ours = [], []
    for lost in range(len(frames)):
        alarms.append(any("alarm" in message for message in messages[lost:]))
        found = Intake(fleet).hear(NOW_MS, frames[lost])  # the first that gets through
        assert isinstance(found, Accepted)
        ours.append(to_message(found, "hub-1", NOW_MS, -70).kind)
    assert len(frames) > 1
    assert alarms == [True] + [False] * (len(frames) - 1)
    assert ours == [Kind.SOS] * len(frames)


@pytest.mark.parametrize(
    ("stages", "feels"),
    [
        pytest.param((), "failed", id="nobody hears"),
        pytest.param((OP_HEARD,), "failed", id="the desk is dead"),
        pytest.param((OP_HEARD, OP_DELIVERED), "delivered", id="all is well"),
    ],
)
def test_a_test_press_tells_which_calls_would_fail_where_sent_is_always_felt(
    badge_files: BadgeFiles, ear: Ear, stages: tuple[int, ...], feels: str
) -> None:
    naive = Buzzer()
    with LockstepBadge(badge_files) as badge:
        badge.run(1_000)
        badge.press()
        badge.run(4_000)
        for opcode in stages:
            command(badge, ear, opcode)
            badge.run(2_000)
        badge.run(40_000)
        for said in badge.said:
            naive.take(said.words)
        assert naive.felt == "sent"
        assert felt(badge.said)[-1][-1] == feels
