"""A day without the broker, 1,000 badges in range, and how long it takes to tell all of it then.

Virtual badges: heartbeats as off duty, coalesced by the outbox, and events with their
reports. Then a real Mosquitto comes up, and a desk counts and checks the order.
"""

import asyncio
import resource
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import perf_counter

import structlog

from benchmarks.figures import Figure
from gateway.contract.broker import BrokerOptions
from gateway.contract.messages import Report as Message
from gateway.contract.messages import decode
from gateway.contract.session import Received, Session
from gateway.contract.topics import Topics
from gateway.disk.outbox import Outbox
from gateway.engine import Engine
from gateway.intake import Accepted
from gateway.relay import Relay
from gateway.steps import Heard, Input, Tick, WriteCommand
from gateway.uplink import Uplink
from simulator.mosquitto import Mosquitto
from wire.frame import KIND_SOS, KIND_STATUS, PHASE_HEARD, PHASE_IDLE, PHASE_RAISED, Fix, Report

_BADGES = 1000
_MINUTES = 24 * 60
_EVENTS = 4  # a badge and day
_REPORTS = 12  # an event
_HEARTBEAT_MINUTES = 10
_NOW_MS = 1_790_000_000_000
# As in deploy/mosquitto: by default it throws away what a slow desk has not taken.
_AS_SHIPPED = ("max_queued_messages 100000", "max_inflight_messages 100")
_TOPICS = Topics("demo")
_TICK_S = 0.05
_BOUND_S = 60.0


def run() -> list[Figure]:
    """The replay: seconds, rows a second; and the gateway's memory at its end."""
    rows, seconds = asyncio.run(_replay())
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        Figure(
            "replay: 24 h without the broker, 1,000 badges",
            seconds,
            "s",
            "the project's own bound",
            _BOUND_S,
            _BOUND_S / seconds,
        ),
        Figure("replay: rows", rows, "rows", None, None, None),
        Figure("replay: rows to a real Mosquitto", rows / seconds, "rows/s", None, None, None),
        Figure("replay: memory of gateway and desk", memory_mb, "MB", None, None, None),
    ]


async def _replay() -> tuple[int, float]:
    # Beside the program and not in /tmp, which may be no disk at all.
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)
        broker = Mosquitto(folder, "allow_anonymous true", *_AS_SHIPPED)
        outbox = Outbox(folder / "gateway.db", reserve_bytes=8 << 20)
        hub = _Hub(outbox, broker.url)
        _live_a_day(hub)
        expected = hub.relay.depth
        await broker.start()
        desk = _Desk(broker.url, expected)
        async with asyncio.timeout(10):
            await desk.up.wait()
        started = perf_counter()
        running = asyncio.ensure_future(hub.run())
        async with asyncio.timeout(600):
            await desk.complete.wait()
        seconds = perf_counter() - started
        for task in (running, desk.running):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await broker.stop()
        outbox.close()
        desk.check()
        return expected, seconds


class _Hub:
    """The gateway without its radio: relay, outbox, engine and uplink as in `gateway.app`."""

    def __init__(self, outbox: Outbox, url: str) -> None:
        self.now_ms = _NOW_MS
        self._inbox: list[Input] = []
        self._turn_due = False
        uplink = Uplink(
            BrokerOptions(url=url),
            "hub-1",
            _TOPICS,
            post=self._post,
            on_command=lambda ordered, received: None,
            started_ms=_NOW_MS,
            log=structlog.wrap_logger(None, processors=[_silence]),
        )
        badges = range(1, _BADGES + 1)
        self.relay = Relay("hub-1", _TOPICS, badges, outbox.restored())
        self.engine = Engine(self.relay, outbox, uplink, self)
        self._uplink = uplink

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._uplink.run())
            while True:
                await asyncio.sleep(_TICK_S)
                self._post(Tick())
                self.engine.tidy()

    def write(self, order: WriteCommand) -> None:
        """No badge is in reach."""

    def disconnect(self, badge: int) -> None:
        """No badge is in reach."""

    def _post(self, happened: Input) -> None:
        self._inbox.append(happened)
        if not self._turn_due:
            self._turn_due = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        self._turn_due = False
        inputs, self._inbox = self._inbox, []
        self.engine.turn(self.now_ms, inputs)


class _Desk:
    """Takes and counts what arrives, and remembers in which order."""

    def __init__(self, url: str, expected: int) -> None:
        self.up, self.complete = asyncio.Event(), asyncio.Event()
        self._expected = expected
        self._seen: dict[tuple[int, int], bool] = {}
        self._session = Session(
            BrokerOptions(url=url),
            "tocsin-demo-desk",
            will=None,
            subscriptions=_TOPICS.for_desk(),
            on_message=self._arrived,
            on_link=lambda up, _: self.up.set() if up else self.up.clear(),
            on_puback=lambda _: None,
        )
        self.running = asyncio.ensure_future(self._session.run())

    def check(self) -> None:
        """Every row came, events before heartbeats, and each badge's in the order of its frames."""
        assert len(self._seen) == self._expected
        order = list(self._seen.items())
        assert [is_event for _, is_event in order] == sorted(
            (is_event for _, is_event in order), reverse=True
        )
        events = [key for key, is_event in order if is_event]
        latest = dict.fromkeys(range(1, _BADGES + 1), -1)
        for badge, counter in events:
            assert counter > latest[badge]
            latest[badge] = counter

    def _arrived(self, received: Received) -> None:
        self._session.acknowledge(received)
        if "/event/" in received.topic or received.topic.endswith("/status"):
            report = decode(Message, received.topic, received.payload)
            # What is sent again comes twice, and later: only the first time counts.
            self._seen.setdefault((report.badge, report.counter), "/event/" in received.topic)
            if len(self._seen) >= self._expected:
                self.complete.set()


def _live_a_day(hub: _Hub) -> None:
    counters = [0] * (_BADGES + 1)
    for minute in range(_MINUTES):
        hub.now_ms = _NOW_MS + minute * 60_000
        inputs: list[Input] = []
        for badge in range(1, _BADGES + 1):
            for report in _said(badge, minute):
                counters[badge] += 1
                frame = counters[badge].to_bytes(24, "little")
                accepted = Accepted(badge, counters[badge], report, False, frame)
                inputs.append(Heard(accepted, "C0:00:00:00:00:01", -60))
        hub.engine.turn(hub.now_ms, inputs)
        hub.engine.tidy()


def _said(badge: int, minute: int) -> Iterator[Report]:
    """What a badge says within a minute: an event's reports, or a heartbeat."""
    every = _MINUTES // _EVENTS
    event, since = divmod(minute + badge, every)
    if since < _REPORTS:
        phase = PHASE_RAISED if since < 2 else PHASE_HEARD
        yield Report(KIND_SOS, phase, event + 1, 80, fix=Fix(51_500_000, -120_000, 1, 3))
    elif (minute + badge) % _HEARTBEAT_MINUTES == 0:
        yield Report(KIND_STATUS, PHASE_IDLE, event + 1, 80)


def _silence(_: object, __: str, ___: structlog.typing.EventDict) -> str:
    raise structlog.DropEvent
