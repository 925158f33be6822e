"""The whole gateway between a radio without air and a real broker."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from gateway.contract.messages import (
    CommandResult,
    GatewayState,
    Opcode,
    Phase,
    Report,
    rfc3339,
)
from gateway.intrusion import BURST
from gateway.radio.watchdog import START_MS
from simulator.broker import EmbeddedBroker
from tests.gateway.conftest import badge_key
from tests.gateway.live_hub import (
    NOW_MS,
    RESEND_MS,
    TOPICS,
    Badge,
    Desk,
    Hub,
    PlainRadio,
    online,
)
from wire.command import Command
from wire.frame import KIND_STATUS, PHASE_IDLE, PHASE_RAISED


@pytest_asyncio.fixture
async def broker() -> AsyncIterator[EmbeddedBroker]:
    broker = EmbeddedBroker()
    await broker.start()
    yield broker
    await broker.stop()


@pytest.fixture
def badge(speaker) -> Badge:
    return Badge(speaker(1))


@pytest_asyncio.fixture
async def hub(tmp_path: Path, registry, broker: EmbeddedBroker, badge: Badge):
    hub = Hub(tmp_path, registry, broker.url, PlainRadio(badge))
    yield hub
    if not hub.running.done():
        await hub.stop()


@pytest_asyncio.fixture
async def desk(broker: EmbeddedBroker) -> AsyncIterator[Desk]:
    desk = Desk(broker.url)
    yield desk
    desk.running.cancel()
    with suppress(asyncio.CancelledError):
        await desk.running


async def test_a_press_reaches_the_desk_and_comes_back_to_the_hand(hub, badge, desk):
    await online(desk)
    hub.radio.say(badge.press())
    report = await desk.sees(Report, "/event/1/1/hub-1")
    assert (report.phase, report.counter) == (Phase.RAISED, 1)
    assert await badge.feels() == 1
    for opcode in (Opcode.DELIVERED, Opcode.ACKNOWLEDGED, Opcode.RESOLVED):
        await desk.orders(opcode)
        while await badge.feels() != opcode.number:
            pass
        result = await desk.sees(CommandResult, "/result/hub-1")
        assert (result.opcode, result.taken) == (opcode, True)


async def test_a_press_while_the_broker_is_away_is_heard_and_delivered_later(
    hub, badge, broker, desk
):
    await online(desk)
    await broker.stop()
    hub.radio.say(badge.press())
    assert await badge.feels() == 1
    await broker.start()
    await online(desk)
    # This broker forgot the desk's subscription: it may have taken the event for nobody.
    hub.skipped_ms += RESEND_MS
    assert (await desk.sees(Report, "/event/1/1/hub-1")).counter == 1


async def test_a_press_before_a_restart_is_delivered_after_it(hub, badge, broker, desk):
    await online(desk)
    await broker.stop()
    hub.radio.say(badge.press())
    assert await badge.feels() == 1
    await hub.stop()
    hub.start()
    await broker.start()
    await online(desk)
    # This broker forgot the desk's subscription: it may have taken the event for nobody.
    hub.skipped_ms += RESEND_MS
    assert (await desk.sees(Report, "/event/1/1/hub-1")).counter == 1


async def test_failed_connections_are_tried_again(hub, badge, desk):
    hub.radio.failures = 2
    await online(desk)
    hub.radio.say(badge.press())
    assert await badge.feels() == 1


async def test_a_forged_or_old_reply_confirms_nothing(hub, badge, desk, speaker):
    await online(desk)
    thief = speaker(2)
    badge.lies = [b"", bytes(64), thief.reply(Command(1, 1, 2), bytes(13))]
    old = Command(0, 1, 2)
    badge.speaker.counter, counter = 0, badge.speaker.counter
    badge.lies.append(badge.speaker.reply(old, bytes(13)))
    badge.speaker.counter = counter
    hub.radio.say(badge.press())
    assert await badge.feels() == 1
    await desk.orders(Opcode.DELIVERED)
    assert (await desk.sees(CommandResult, "/result/hub-1")).taken


async def test_a_heartbeat_is_retained_and_the_last_one_stays(hub, badge, desk, broker):
    await online(desk)
    badge.event = 0
    hub.radio.say(badge.speaker.say(KIND_STATUS, PHASE_IDLE, 0, battery=50))
    assert (await desk.sees(Report, "badge/1/status")).battery == 50
    late = Desk(broker.url)
    assert (await late.sees(Report, "badge/1/status")).battery == 50
    late.running.cancel()
    await asyncio.wait((late.running,))


async def test_bad_messages_are_counted_and_never_quoted_and_good_ones_still_work(
    hub, badge, desk, broker
):
    await online(desk)
    good = {"v": 1, "id": "x", "badge": 1, "event": 1, "opcode": "buzz", "expires_at": "2030"}
    bad = {
        "json": b"hunter2 is not JSON",
        "version": json.dumps({**good, "v": 2}).encode(),
        "schema": json.dumps({**good, "badge": "hunter2"}).encode(),
        "size": b" " * 70_000,
        "badge": json.dumps({**good, "badge": 2, "expires_at": rfc3339(NOW_MS)}).encode(),
        "time": json.dumps({**good, "expires_at": "2030-02-31T00:00:00.000Z"}).encode(),
        "argument": json.dumps({**good, "argument": 256, "expires_at": rfc3339(NOW_MS)}).encode(),
    }
    for payload in bad.values():
        await desk.says(TOPICS.command(1), payload)
    await desk.says(f"{TOPICS.root}command/99999", b"{}")
    badge.event, badge.phase = 1, PHASE_RAISED
    hub.radio.say(badge.frame())
    await desk.orders(Opcode.DELIVERED)
    assert (await desk.sees(CommandResult, "/result/hub-1")).taken
    await broker.stop()
    await broker.start()
    state = await desk.sees(GatewayState, "/state", lambda message: message.rejected)
    counted = {reason: state.rejected[f"mqtt_{reason}"] for reason in (*bad, "topic")}
    assert counted == dict.fromkeys((*bad, "topic"), 1)
    assert len([entry for entry in hub.log if entry["event"] == "mqtt.rejected"]) == 8
    assert "hunter2" not in str(hub.log)


async def test_a_refused_message_does_not_come_back(hub, badge, desk):
    await online(desk)
    await desk.says(TOPICS.command(1), b"not JSON")
    await desk.orders(Opcode.DELIVERED)
    hub.radio.say(badge.press())
    assert (await desk.sees(CommandResult, "/result/hub-1")).taken
    await hub.stop()
    hub.start()
    state = await desk.sees(GatewayState, "/state", lambda message: message.state == "online")
    assert "mqtt_json" not in state.rejected


async def test_a_gateway_says_when_it_goes(hub, desk):
    await online(desk)
    await hub.stop()
    await desk.sees(GatewayState, "/state", lambda message: message.state == "offline")


async def test_a_radio_that_fails_is_told_at_once_and_one_that_scans_again_too(hub, desk):
    await online(desk)
    hub.skipped_ms += START_MS
    hub.radio.becomes("failed", "no adapter")
    state = await desk.sees(GatewayState, "/state", lambda message: message.state == "deaf")
    assert [(radio.name, radio.state, radio.reason) for radio in state.radios] == [
        ("plain", "failed", "no adapter")
    ]
    hub.radio.becomes("scanning")
    assert (await online(desk)).radios[0].state == "scanning"


async def test_a_radio_that_goes_deaf_is_told_and_its_first_word_too(hub, badge, desk):
    await online(desk)
    for _ in range(20):
        hub.radio.hear_a_stranger()
        hub.skipped_ms += 1000
    hub.skipped_ms += 60_000
    state = await desk.sees(GatewayState, "/state", lambda message: message.state == "deaf")
    assert state.radios[0].state == "deaf"
    assert state.radios[0].last_advert_age_s >= 60
    hub.radio.say(badge.press())
    assert (await desk.sees(Report, "/event/1/1/hub-1")).phase == Phase.RAISED
    await online(desk)  # told a moment after the press


async def test_noise_is_counted_and_changes_nothing(hub, badge, desk, broker):
    await online(desk)
    for noise in (b"\x13", bytes(24), b"\x13" + bytes(23), b"x" * 300, badge.press()[:-1]):
        hub.radio.say(noise)
    hub.radio.say(badge.frame())
    assert (await desk.sees(Report, "/event/")).counter == 2
    await broker.stop()
    await broker.start()
    state = await desk.sees(
        GatewayState, "/state", lambda message: message.last_advert_age_s is not None
    )
    assert sum(state.rejected.values()) == 5


async def test_a_burst_of_forged_frames_is_shown_to_supervisors(hub, badge, desk, speaker):
    await online(desk)
    thief = speaker(2)
    thief.number = 1
    for counter in range(BURST):
        hub.radio.say(thief.say(counter=1000 + counter))
    state = await desk.sees(GatewayState, "/state", lambda message: message.warnings)
    assert state.warnings == ("intrusion",)
    assert state.disk == "ok"


async def test_a_badge_that_enters_the_registry_is_heard_without_a_restart(
    hub, badge, desk, registry, speaker
):
    await online(desk)
    hub.radio.say(badge.press())
    assert await badge.feels() == 1
    known = registry.badges[0]
    newcomer = msgspec.structs.replace(known, number=9, key=badge_key(9).hex())
    hub.gateway._renew(msgspec.structs.replace(registry, badges=(known, newcomer)))
    hub.radio.say(speaker(9).say(KIND_STATUS, PHASE_IDLE, 0))
    assert (await desk.sees(Report, "badge/9/status")).counter == 1
    await desk.orders(Opcode.DELIVERED)
    assert (await desk.sees(CommandResult, "/result/hub-1")).taken


async def test_secrets_and_positions_are_in_no_log_and_no_repr(hub, badge, registry, desk):
    await online(desk)
    hub.radio.say(badge.press())
    await badge.feels()
    shown = f"{registry!r} {registry.badges[0]!r} {registry.fleet_keys[0]!r} {hub.log!r}"
    for entry in (*registry.badges, *registry.fleet_keys):
        assert entry.key not in shown
