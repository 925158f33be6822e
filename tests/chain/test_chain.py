"""The promises, on the whole chain: real firmware, radio, gateways, broker and desk."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest

from gateway.contract.messages import Kind, Phase
from simulator.broker_process import BrokerProcess
from simulator.peripheral import Peripheral
from tests.chain.conftest import Supervised

Start = Callable[..., Awaitable[Supervised]]


async def test_a_press_goes_to_the_desk_and_back_to_the_hand(start: Start) -> None:
    run = await start()
    run.call_for_help()
    record = await run.shows("1-1", Phase.DELIVERED)
    assert (record.kind, record.wearer) == (Kind.SOS, "Asha Nair")
    await run.feels("delivered")
    run.acknowledge("1-1")
    await run.feels("acknowledged")
    run.resolve("1-1")
    await run.feels("resolved")
    assert run.first_shown == ["1-1"]


async def test_a_test_press_passes_and_a_double_press_checks_in(start: Start) -> None:
    run = await start()
    run.chain.badges[1].press(1, 0.05)
    record = await run.shows("1-1", Phase.DELIVERED)
    assert record.kind is Kind.TEST
    await run.feels("delivered")
    run.felt.clear()
    run.chain.badges[1].press(2, 0.05)
    record = await run.shows("1-2", Phase.DELIVERED)
    assert record.kind is Kind.CHECK_IN
    await run.feels("delivered")


@pytest.mark.parametrize("seed", range(4))
async def test_a_gateway_killed_at_any_moment_costs_no_alert_and_makes_no_second(
    start: Start, seed: int
) -> None:
    run = await start(seed=seed)
    rng = random.Random(seed)
    (gateway,) = run.chain.gateways.values()
    run.call_for_help()
    await run.knows(Phase.RAISED)
    for _ in range(3):
        # From the first advertisement to the last receipt takes about so long.
        await asyncio.sleep(rng.uniform(0, 0.6))
        await gateway.kill()
        await gateway.start()
    await run.shows("1-1", Phase.DELIVERED)
    await run.knows(Phase.DELIVERED)
    run.acknowledge("1-1")
    await run.feels("acknowledged")
    assert run.first_shown == ["1-1"]


async def test_a_press_while_the_gateway_is_dead_rings_when_it_lives_again(start: Start) -> None:
    run = await start()
    (gateway,) = run.chain.gateways.values()
    await gateway.kill()
    run.call_for_help()
    await run.feels("recognised")
    assert run.records == {}
    await gateway.start()
    await run.shows("1-1", Phase.DELIVERED)


async def test_a_press_while_the_broker_is_away_is_heard_and_rings_when_it_is_back(
    start: Start,
) -> None:
    run = await start()
    broker = run.chain.broker
    assert broker is not None
    await broker.stop()
    run.call_for_help()
    await run.knows(Phase.HEARD)
    await run.until(lambda: run.view is not None and not run.view.broker)
    assert run.records == {}
    await broker.start()  # with an empty disk
    await run.shows("1-1", Phase.DELIVERED)
    await run.knows(Phase.DELIVERED)
    assert run.first_shown == ["1-1"]


async def test_what_a_gateway_has_heard_rings_though_the_badge_and_the_gateway_lose_power(
    start: Start,
) -> None:
    run = await start()
    (gateway,) = run.chain.gateways.values()
    broker = run.chain.broker
    assert broker is not None
    await broker.stop()
    run.call_for_help()
    await run.knows(Phase.HEARD)
    run.chain.badges[1].power_off()
    await gateway.kill()
    await broker.start()
    await run.until(lambda: run.view is not None and run.view.broker)
    await gateway.start()
    await run.shows("1-1", Phase.DELIVERED)


async def test_a_desk_killed_in_the_middle_of_an_alert_goes_on_with_it(start: Start) -> None:
    run = await start()
    run.call_for_help()
    await run.shows("1-1", Phase.DELIVERED)
    run.acknowledge("1-1")
    await run.shows("1-1", Phase.ACKNOWLEDGED)
    await run.chain.desk.kill()
    run.records.clear()
    await run.chain.desk.start()
    record = await run.shows("1-1", Phase.ACKNOWLEDGED)
    assert record.holder == "Sam"
    await run.feels("acknowledged")
    run.resolve("1-1")
    await run.feels("resolved")


async def test_a_press_while_the_desk_is_dead_rings_when_it_lives_again(start: Start) -> None:
    run = await start()
    await run.chain.desk.kill()
    run.call_for_help()
    await run.knows(Phase.HEARD)
    await run.chain.desk.start()
    await run.shows("1-1", Phase.DELIVERED)
    await run.knows(Phase.DELIVERED)


async def test_a_badge_whose_battery_is_pulled_goes_on_with_its_alert(start: Start) -> None:
    run = await start()
    run.call_for_help()
    await run.shows("1-1", Phase.DELIVERED)
    await run.knows(Phase.DELIVERED)
    run.chain.badges[1].power_off()
    run.chain.badges[1].power_on()
    run.acknowledge("1-1")
    await run.feels("acknowledged")
    assert run.first_shown == ["1-1"]


async def test_ten_ears_are_one_alert(start: Start) -> None:
    run = await start(gateways=3, badges=2)
    run.call_for_help(1)
    run.call_for_help(2)
    await run.until(lambda: sorted(run.records) == ["1-1", "2-1"])
    for alert in ("1-1", "2-1"):
        await run.until(lambda alert=alert: len(run.records[alert].gateways) == 3)  # type: ignore[misc]
    await run.knows(Phase.DELIVERED, 1)
    await run.knows(Phase.DELIVERED, 2)
    run.acknowledge("2-1")
    await run.feels("acknowledged", 2)
    assert sorted(run.first_shown) == ["1-1", "2-1"]
    assert not any("acknowledged" in names for names in run.felt.get(1, []))


async def test_a_stranger_on_the_air_changes_nothing(start: Start) -> None:
    run = await start(loss=0.0)
    heard: list[bytes] = []
    run.chain.air.on_heard = lambda _sender, _receiver, payload: heard.append(payload)
    run.call_for_help()
    await run.shows("1-1", Phase.DELIVERED)
    run.acknowledge("1-1")
    await run.feels("acknowledged")
    run.resolve("1-1")
    await run.feels("resolved")

    frames = list(dict.fromkeys(heard))  # a recording of the whole event
    head, rng = frames[0][:7], random.Random(1)
    stranger = Peripheral(
        run.chain.air,
        "stranger",
        "C0:00:00:00:00:01",
        on_connect=lambda _handle, _peer: None,
        on_disconnect=lambda _handle, _peer: None,
        on_write=lambda _handle, _value_handle, _value: None,
    )
    got = asyncio.Event()
    run.chain.air.on_heard = lambda sender, _receiver, _payload: (
        got.set() if sender == "stranger" else None
    )
    noise = [head + rng.randbytes(24) for _ in range(20)]
    wrong = [head + b"\x20" + frame[8:] for frame in frames]  # version 2
    cut = [frame[:20] for frame in frames] + [b"\x02\x01\x06", b"", b"\xff" * 31]
    try:
        for payload in (*frames, *noise, *wrong, *cut):
            got.clear()
            stranger.advertise(20_000, payload, connectable=False)
            await asyncio.wait_for(got.wait(), 10)
        run.call_for_help()
        await run.shows("1-2", Phase.DELIVERED)
    finally:
        stranger.close()
    assert run.first_shown == ["1-1", "1-2"]
    assert run.records["1-1"].phase is Phase.RESOLVED


@pytest.mark.parametrize("kind", ["mosquitto", "nats"])
async def test_the_chain_over_a_real_broker_survives_its_restart(
    start: Start, request: pytest.FixtureRequest, kind: str
) -> None:
    broker: BrokerProcess = request.getfixturevalue(kind)()
    await broker.start()
    try:
        run = await start(broker_url=broker.url)
        await broker.stop()
        run.call_for_help()
        await run.knows(Phase.HEARD)
        await broker.start()
        await run.shows("1-1", Phase.DELIVERED)
        run.acknowledge("1-1")
        await run.feels("acknowledged")
        assert run.first_shown == ["1-1"]
    finally:
        await broker.stop()
