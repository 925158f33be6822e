"""A press while the broker is away: people are called, and the desk hears of both later."""

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest
import structlog

from desk.app import Desk
from desk.config import Badge, DeskConfig
from gateway.alarm.options import AlarmOptions
from gateway.app import Gateway
from gateway.config import Config
from gateway.contract.broker import BrokerOptions
from gateway.contract.messages import AlertRecord, Phase, decode, unix_ms
from gateway.contract.session import Received, Session
from gateway.contract.topics import Topics
from gateway.radio import Advert, Listener, RadioCondition
from simulator.broker import EmbeddedBroker
from simulator.mosquitto import Mosquitto
from simulator.services import WebHook
from wire.frame import Fix

WAIT_S = 60
AFTER_S = 1.0
TOPICS = Topics("demo")
FIX = Fix(53_500_000, -2_250_000, 1, 3)


class Radio:
    """A radio without air; nobody can be connected to."""

    def __init__(self) -> None:
        self.listener: asyncio.Future[Listener] = asyncio.get_running_loop().create_future()

    async def run(self, listener: Listener) -> None:
        listener.condition("plain", RadioCondition("scanning"))
        self.listener.set_result(listener)
        await asyncio.Event().wait()

    async def connect(self, address: str, on_reply: Callable[[bytes], None]):
        await asyncio.Event().wait()

    async def rescan(self, radio: str) -> None:
        pass

    async def reset(self, radio: str) -> None:
        pass

    async def say(self, frame: bytes) -> None:
        (await self.listener).advert(Advert("C0:00:00:00:00:01", -50, frame, radio="plain"))


class Hub:
    """A gateway with an alarm, that can be killed: what it did not commit is gone."""

    def __init__(self, folder: Path, registry, url: str, hook: WebHook) -> None:
        targets = folder / "alarm.targets"
        targets.write_text(hook.url)
        targets.chmod(0o600)
        self._config = Config(
            "demo",
            "hub-1",
            str(folder / "gateway.db"),
            "",
            broker=BrokerOptions(url=url),
            alarm=AlarmOptions(after_s=AFTER_S, targets_file=str(targets), names={"1": "Asha N."}),
        )
        self._registry = registry
        self.log: list[structlog.typing.EventDict] = []
        self.start()

    def start(self) -> None:
        self.radio = Radio()
        log = structlog.wrap_logger(None, processors=[self._note])
        self.gateway = Gateway(self._config, self._registry, self.radio, log=log)
        self.running = asyncio.ensure_future(self.gateway.run())

    async def stop(self) -> None:
        self.running.cancel()
        with suppress(asyncio.CancelledError):
            await self.running
        self.gateway.close()

    def _note(self, _: object, __: str, entry: structlog.typing.EventDict) -> str:
        self.log.append(entry)
        raise structlog.DropEvent


class Ear:
    """Who reads the desk's records at the broker."""

    def __init__(self, url: str) -> None:
        self._records: asyncio.Queue[AlertRecord] = asyncio.Queue()
        self.session = Session(
            BrokerOptions(url=url),
            "ear",
            will=None,
            subscriptions=(TOPICS.root + "alert/+",),
            on_message=self._arrived,
            on_link=lambda _, __: None,
            on_puback=lambda _: None,
        )

    def _arrived(self, received: Received) -> None:
        self.session.acknowledge(received)
        self._records.put_nowait(decode(AlertRecord, received.topic, received.payload))

    async def record(self, matching: Callable[[AlertRecord], bool]) -> AlertRecord:
        async with asyncio.timeout(WAIT_S):
            while True:
                record = await self._records.get()
                if matching(record):
                    return record


async def ended(task: asyncio.Future[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@pytest.fixture(params=["amqtt", "mosquitto"])
def broker(request, mosquitto) -> EmbeddedBroker | Mosquitto:
    return EmbeddedBroker() if request.param == "amqtt" else mosquitto()


@pytest.mark.parametrize("killed", [False, True])
async def test_a_press_while_the_broker_is_away_calls_people_and_the_desk_hears_of_both(
    tmp_path: Path, registry, speaker, broker, killed: bool
):
    await broker.start()
    url = broker.url
    await broker.stop()
    async with AsyncExitStack() as stack:
        hook = WebHook()
        stack.callback(hook.close)
        hub = Hub(tmp_path, registry, url, hook)
        stack.push_async_callback(hub.stop)
        loop = asyncio.get_running_loop()
        pressed_s = loop.time()
        await hub.radio.say(speaker(1).say(fix=FIX))
        if killed:
            await hub.stop()
            hub.start()
        async with asyncio.timeout(WAIT_S):
            called = await hook.arrived.get()
        assert loop.time() - pressed_s >= AFTER_S or killed
        assert called.title == "SOS: Asha N. (badge 1)"
        assert "cannot reach the broker" in called.message
        assert "53.49999, -2.25001 within 8 m" in called.message

        await broker.start()
        stack.push_async_callback(broker.stop)
        ear = Ear(url)
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        desk = Desk(
            DeskConfig(
                fleet="demo",
                database=f"{folder}/desk.db",
                control=f"{folder}/desk.sock",
                broker=BrokerOptions(url=url),
                badges=(Badge(1, "Asha N."),),
            )
        )
        for task in (ear.session.run(), desk.run()):
            stack.push_async_callback(ended, asyncio.ensure_future(task))
        record = await ear.record(lambda record: bool(record.notices))
        (notice,) = record.notices
        assert (notice.gateway, notice.reason) == ("hub-1", "no_broker")
        assert (notice.calls, notice.reached, notice.targets) == (1, 1, 1)
        assert record.phase is Phase.DELIVERED
        assert unix_ms(notice.first_at) >= unix_ms(record.raised_at)
        assert "hub-1 called people by itself, 1 of 1 took it" in record.warnings
        async with asyncio.timeout(WAIT_S):
            told = await hook.arrived.get()
        assert "has reached the desk" in told.message
        assert "53.49" not in repr(hub.log)
        assert "hunter2" not in repr(hub.log)
