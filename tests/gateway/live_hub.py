"""A whole gateway in this process: its radio without air, a badge on it, and a desk."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import structlog

from gateway.app import Gateway
from gateway.config import Config
from gateway.contract.broker import BrokerOptions
from gateway.contract.messages import (
    CommandMessage,
    GatewayState,
    Opcode,
    decode,
    encode,
    rfc3339,
)
from gateway.contract.session import Received, Session
from gateway.contract.topics import Topics
from gateway.errors import RadioError
from gateway.ordered import STAGE_PHASES
from gateway.radio import Advert, Listener, RadioCondition
from wire.command import OP_TIME, Command
from wire.frame import PHASE_IDLE, PHASE_RAISED

NOW_MS = 1_790_000_000_000
RESEND_MS = 15_000
WAIT_S = 20
TOPICS = Topics("demo")
ADDRESS = "C0:00:00:00:00:01"


class Badge:
    """A badge in range: obeys what is sealed for it, and says what it felt."""

    def __init__(self, speaker) -> None:
        self.speaker = speaker
        self.phase, self.event = PHASE_IDLE, 0
        self.felt: asyncio.Queue[Command] = asyncio.Queue()
        self.on_reply: Callable[[bytes], None] | None = None
        self.lies: list[bytes] = []
        self.connected = True

    def press(self) -> bytes:
        self.phase, self.event = PHASE_RAISED, self.event + 1
        return self.frame()

    def frame(self) -> bytes:
        return self.speaker.say(phase=self.phase, event=self.event)

    async def write(self, sealed: bytes) -> None:
        command = self.speaker.read(sealed)
        assert command.counter <= self.speaker.counter
        if command.opcode != OP_TIME:
            self.phase = max(self.phase, STAGE_PHASES[command.opcode])
        self.felt.put_nowait(command)
        assert self.on_reply is not None
        for lie in self.lies:
            self.on_reply(lie)
        self.on_reply(self.speaker.reply(command, bytes(13)))

    async def close(self) -> None:
        self.connected = False

    async def feels(self) -> int:
        async with asyncio.timeout(WAIT_S):
            return (await self.felt.get()).opcode


class PlainRadio:
    """A radio without air: what is said is heard, who is called answers, after some failures."""

    def __init__(self, badge: Badge) -> None:
        self.badge, self.failures = badge, 0
        self._listener: Listener | None = None

    async def run(self, listener: Listener) -> None:
        self._listener = listener
        listener.condition("plain", RadioCondition("scanning"))
        await asyncio.Event().wait()

    async def connect(self, address: str, on_reply: Callable[[bytes], None]) -> Badge:
        if self.failures:
            self.failures -= 1
            raise RadioError("connection failed")
        assert address == ADDRESS
        self.badge.on_reply, self.badge.connected = on_reply, True
        return self.badge

    async def rescan(self, radio: str) -> None:
        pass

    async def reset(self, radio: str) -> None:
        pass

    def becomes(self, state: str, reason: str = "") -> None:
        assert self._listener is not None
        self._listener.condition("plain", RadioCondition(state, reason))

    def hear_a_stranger(self) -> None:
        assert self._listener is not None
        self._listener.ambient("plain")

    def say(self, frame: bytes) -> None:
        assert self._listener is not None
        self._listener.advert(Advert(ADDRESS, -50, frame, radio="plain"))


class Desk:
    """What the broker shows to a desk."""

    def __init__(self, url: str) -> None:
        self._messages: asyncio.Queue[Received] = asyncio.Queue()
        self._up = asyncio.Event()
        self._session = Session(
            BrokerOptions(url=url),
            "desk",
            will=None,
            subscriptions=TOPICS.for_desk(),
            on_message=self._arrived,
            on_link=lambda up, _: self._up.set() if up else self._up.clear(),
            on_puback=lambda _: None,
        )
        self.running = asyncio.ensure_future(self._session.run())

    def _arrived(self, received: Received) -> None:
        self._session.acknowledge(received)
        self._messages.put_nowait(received)

    async def sees(self, kind, part: str, matching=lambda _: True):
        """The next message of a kind that matches; others are passed over."""
        async with asyncio.timeout(WAIT_S):
            while True:
                received = await self._messages.get()
                if part in received.topic:
                    message = decode(kind, received.topic, received.payload)
                    if matching(message):
                        return message

    async def says(self, topic: str, payload: bytes) -> None:
        async with asyncio.timeout(WAIT_S):
            await self._up.wait()
        assert self._session.publish(topic, payload)

    async def orders(self, opcode: Opcode, event: int = 1) -> None:
        message = CommandMessage(
            id=f"{opcode}-{event}",
            badge=1,
            event=event,
            opcode=opcode,
            expires_at=rfc3339(NOW_MS + 60_000),
        )
        await self.says(TOPICS.command(1), encode(message))


class Hub:
    """A gateway that can be started, stopped and started again on the same disk."""

    def __init__(self, folder: Path, registry, url: str, radio: PlainRadio) -> None:
        self._config = Config(
            "demo", "hub-1", str(folder / "gateway.db"), "", broker=BrokerOptions(url=url)
        )
        self._registry, self.radio = registry, radio
        self.skipped_ms, self._started_s = 0, time.monotonic()
        self.log: list[structlog.typing.EventDict] = []
        self.start()

    def start(self) -> None:
        self.gateway = Gateway(
            self._config,
            self._registry,
            self.radio,
            now_ms=self._now_ms,
            log=structlog.wrap_logger(None, processors=[self._note]),
        )
        self.running = asyncio.ensure_future(self.gateway.run())

    def _now_ms(self) -> int:
        passed_ms = round((time.monotonic() - self._started_s) * 1000)
        return NOW_MS + passed_ms + self.skipped_ms

    def _note(self, _: object, __: str, entry: structlog.typing.EventDict) -> str:
        self.log.append(entry)
        raise structlog.DropEvent

    async def stop(self) -> None:
        self.running.cancel()
        with suppress(asyncio.CancelledError):
            await self.running
        self.gateway.close()


async def online(desk: Desk) -> GatewayState:
    return await desk.sees(GatewayState, "/state", lambda message: message.state == "online")
