"""A button on a wall, from its press over the air to the desk, with every part a real one."""

import asyncio
from collections.abc import Awaitable, Callable

from gateway.contract.messages import Kind, Phase
from tests.chain.conftest import Supervised

Start = Callable[..., Awaitable[Supervised]]
NUMBER = 1


async def start_with_button(start: Start, **options: object) -> Supervised:
    return await start(badges=0, buttons=1, **options)


async def test_a_press_on_a_wall_rings_with_its_place_and_is_answered(start: Start) -> None:
    run = await start_with_button(start)
    run.chain.buttons[NUMBER].press()
    record = await run.shows("1-2", Phase.DELIVERED)
    assert (record.kind, record.place, record.battery) == (Kind.SOS, "Interview room 1", 100)
    assert (record.wearer, record.position, record.warnings) == ("Interview room 1", None, ())
    run.acknowledge("1-2")
    await run.shows("1-2", Phase.ACKNOWLEDGED)
    run.resolve("1-2")
    await run.shows("1-2", Phase.RESOLVED)
    assert run.first_shown == ["1-2"]


async def test_a_press_that_two_gateways_hear_is_one_alert(start: Start) -> None:
    run = await start_with_button(start, gateways=2)
    run.chain.buttons[NUMBER].press()
    await run.until(lambda: "1-2" in run.records and len(run.records["1-2"].gateways) == 2)
    assert run.first_shown == ["1-2"]
    assert run.records["1-2"].warnings == ()


async def test_a_gateway_killed_during_a_press_loses_none_and_makes_no_second_alert(
    start: Start,
) -> None:
    run = await start_with_button(start)
    (gateway,) = run.chain.gateways.values()
    button = run.chain.buttons[NUMBER]
    button.press()
    for _ in range(3):
        await gateway.kill()
        await gateway.start()
    await run.shows("1-2", Phase.DELIVERED)
    run.resolve("1-2")
    await run.shows("1-2", Phase.RESOLVED)
    await gateway.kill()
    await gateway.start()  # the frame of the press is still on the air
    button.press()
    await run.shows("1-3", Phase.DELIVERED)
    assert run.first_shown == ["1-2", "1-3"]


async def test_a_recording_played_after_a_restart_of_the_gateway_rings_nothing(
    start: Start,
) -> None:
    run = await start_with_button(start, loss=0.0)
    (gateway,) = run.chain.gateways.values()
    button = run.chain.buttons[NUMBER]
    recording = [button.frames.press() for _ in range(3)]  # out of reach of the gateway
    button.press()
    await run.shows("1-5", Phase.DELIVERED)
    run.resolve("1-5")
    await run.shows("1-5", Phase.RESOLVED)
    button.silent()
    await gateway.kill()
    await gateway.start()
    heard = asyncio.Event()
    run.chain.air.on_heard = lambda _sender, _receiver, _payload: heard.set()
    for payload in recording:
        heard.clear()
        button.say(payload)
        await asyncio.wait_for(heard.wait(), 30)
    button.press()
    await run.shows("1-6", Phase.DELIVERED)
    assert run.first_shown == ["1-5", "1-6"]
