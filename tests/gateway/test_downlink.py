"""Commands on their way to badges, while the registry changes under them."""

import asyncio
from contextlib import suppress

import structlog

from gateway.downlink import Downlink
from gateway.keys import block_cipher, command_key
from gateway.steps import WriteCommand, WriteFailed
from tests.gateway.conftest import badge_key
from tests.gateway.live_hub import ADDRESS, Badge, PlainRadio
from wire.command import OP_HEARD, Command

WAIT_S = 20


async def test_a_command_to_a_badge_that_left_the_registry_fails_and_ends_nothing(speaker):
    answers: asyncio.Queue[object] = asyncio.Queue()
    badge, ciphers = Badge(speaker(1)), {1: block_cipher(command_key(badge_key(1)))}
    downlink = Downlink(
        PlainRadio(badge), {}, 3, nonce=bytes, answer=answers.put_nowait, log=structlog.get_logger()
    )
    running = asyncio.ensure_future(downlink.run())
    await asyncio.sleep(0)
    order = WriteCommand(1, ADDRESS, Command(0, 1, OP_HEARD))
    async with asyncio.timeout(WAIT_S):
        downlink.write(order)
        assert await answers.get() == WriteFailed(1)
        downlink.renew(ciphers, 3)
        downlink.write(order)
        assert await badge.feels() == OP_HEARD
        await answers.get()
        downlink.renew({}, 3)
        downlink.write(order)  # over the connection that is still there
        assert await badge.feels() == OP_HEARD
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
