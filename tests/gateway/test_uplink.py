"""Rows on their way to brokers that refuse, hang up, or go away: none is lost, none in the way."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio
import structlog

from gateway.contract.broker import BrokerOptions
from gateway.contract.topics import Topics
from gateway.disk.outbox import Letter
from gateway.flow import RETRY_FIRST_MS
from gateway.intake import Accepted
from gateway.outgoing import Outgoing
from gateway.steps import (
    Commit,
    Committed,
    Heard,
    Input,
    Publish,
    Put,
    Refused,
    Restored,
    Send,
    Tick,
)
from gateway.uplink import Uplink
from simulator.mosquitto import Mosquitto
from simulator.sullen_broker import SullenBroker
from wire.frame import KIND_SOS, PHASE_RAISED, Report

TOPICS = Topics("demo")
WAIT_S = 30


class Bench:
    """What goes out of a gateway, with its uplink, and a disk that is always at once."""

    def __init__(self, options: BrokerOptions) -> None:
        self.core = Outgoing("hub-1", TOPICS, count(1), Restored(), 3_600_000)
        self.later_ms = 0
        self.changed = asyncio.Event()
        self._letters: dict[int, Letter] = {}
        self._counters = count(1)
        self.log: list[structlog.typing.EventDict] = []
        self.uplink = Uplink(
            options,
            "hub-1",
            TOPICS,
            post=self.post,
            on_command=lambda *_: None,
            started_ms=self.now_ms(),
            log=structlog.wrap_logger(None, processors=[self._note]),
        )
        self.running = asyncio.ensure_future(self.uplink.run())

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self.later_ms

    def press(self, badge: int) -> None:
        report = Report(KIND_SOS, PHASE_RAISED, 1)
        self.post(Heard(Accepted(badge, next(self._counters), report, False, b"frame"), "", -70))

    def post(self, happened: Input) -> None:
        for effect in self.core.step(self.now_ms(), happened):
            match effect:
                case Commit():
                    for change in effect.changes:
                        if isinstance(change, Put):
                            row = change.row
                            self._letters[row.id] = Letter(row.topic, row.payload, False)
                    self.post(Committed(effect.changes))
                case Publish():
                    self.uplink.publish(effect.row_id, self._letters[effect.row_id])
                case Send():
                    self.uplink.send(effect)
        self.changed.set()

    async def until(self, depth: int) -> None:
        """Returns once so many rows remain."""
        async with asyncio.timeout(WAIT_S):
            while self.core.depth > depth:
                self.changed.clear()
                await self.changed.wait()

    def _note(self, _: object, __: str, entry: structlog.typing.EventDict) -> str:
        self.log.append(entry)
        raise structlog.DropEvent


@pytest_asyncio.fixture
async def bench() -> AsyncIterator[Callable[..., Bench]]:
    benches: list[Bench] = []

    def make(*urls: str) -> Bench:
        benches.append(Bench(BrokerOptions(urls=urls, unacknowledged_s=0.5, return_s=0.2)))
        return benches[-1]

    yield make
    for one in benches:
        one.running.cancel()
        with suppress(asyncio.CancelledError):
            await one.running


@pytest_asyncio.fixture
async def sullen() -> AsyncIterator[Callable[..., SullenBroker]]:
    started: list[SullenBroker] = []

    async def start(**how) -> SullenBroker:
        started.append(SullenBroker(**how))
        await started[-1].start()
        return started[-1]

    yield start
    for broker in started:
        await broker.stop()


@pytest.fixture
def acl(tmp_path: Path) -> Path:
    acl = tmp_path / "acl"
    # The first rule that fits is the one.
    acl.write_text("topic deny tocsin/v1/demo/event/1/+/+\ntopic readwrite tocsin/#\n")
    acl.chmod(0o644)
    return acl


def test_a_row_kept_under_another_fleets_name_is_told_and_kept_and_ends_nothing():
    posted: list[Input] = []
    uplink = Uplink(
        BrokerOptions(),
        "hub-1",
        TOPICS,
        post=posted.append,
        on_command=lambda *_: None,
        started_ms=0,
        log=structlog.get_logger(),
    )
    other = Topics("other").event(1, 1, "hub-1")
    uplink.publish(7, Letter(other, b"report", False))
    uplink.send(Send(other, b"report", 1))
    assert posted == [Refused(7)]
    assert uplink.rejected == {"refused_topic": 2}


async def test_a_refused_event_is_told_kept_and_tried_again_and_others_go(mosquitto, acl, bench):
    broker: Mosquitto = mosquitto("allow_anonymous true", f"acl_file {acl}")
    await broker.start()
    gateway = bench(broker.url)
    for badge in range(1, 6):
        gateway.press(badge)
    await gateway.until(depth=1)
    assert gateway.uplink.rejected == {"refused_not_authorized": 1}
    (told,) = (entry for entry in gateway.log if entry["event"] == "broker.refused")
    assert told["topic"] == TOPICS.event(1, 1, "hub-1")
    assert told["reason"] == "not_authorized"

    gateway.changed.clear()
    gateway.later_ms += RETRY_FIRST_MS
    gateway.post(Tick())
    async with asyncio.timeout(WAIT_S):
        while gateway.uplink.rejected["refused_not_authorized"] < 2:
            gateway.changed.clear()
            await gateway.changed.wait()
    assert gateway.core.depth == 1

    acl.write_text("topic readwrite tocsin/#\n")
    await broker.stop()
    await broker.start()
    await gateway.until(depth=0)
    await broker.stop()


async def test_an_event_at_which_the_broker_hangs_up_holds_no_other_up(sullen, bench):
    broker = await sullen(acknowledges=True, fatal=TOPICS.event(3, 1, "hub-1").encode())
    gateway = bench(broker.url)
    for badge in range(1, 31):
        gateway.press(badge)
    await gateway.until(depth=1)
    got = b"".join(broker.published)
    assert all(
        (TOPICS.event(badge, 1, "hub-1").encode() in got) == (badge != 3) for badge in range(1, 31)
    )


async def test_rows_outlive_a_broker_that_takes_them_and_acknowledges_none(sullen, bench):
    deaf, good = await sullen(), await sullen(acknowledges=True)
    gateway = bench(deaf.url, good.url)
    for badge in range(1, 11):
        gateway.press(badge)
    await gateway.until(depth=0)
    got = b"".join(good.published)
    assert all(TOPICS.event(badge, 1, "hub-1").encode() in got for badge in range(1, 11))
