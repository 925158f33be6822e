"""A press from the air to the disk, to the broker and back: what a kill costs, what is answered."""

from collections import deque
from pathlib import Path

import pytest

from gateway.buttons import Buttons, event_of
from gateway.contract.messages import (
    CommandMessage,
    CommandResult,
    Kind,
    Opcode,
    Phase,
    Report,
    decode,
    rfc3339,
)
from gateway.contract.topics import Topics
from gateway.disk.outbox import Outbox
from gateway.engine import Engine
from gateway.registry import ButtonKey
from gateway.relay import Relay
from gateway.steps import Acknowledged, Heard, Input, LinkChanged, Ordered, Tick
from simulator.bthome_button import BthomeButton

NOW_MS = 1_790_000_000_000
ADDRESS = "54:48:E6:8F:80:A5"
KEY = bytes(range(16))
NUMBER, BADGE = 12, 1
TOPICS = Topics("demo")
ENTRY = ButtonKey(NUMBER, ADDRESS, KEY.hex(), "Interview room 2")


class KilledError(Exception):
    """The process is no more."""


class MortalOutbox(Outbox):
    """Kills before or after the n-th commit; 0: never."""

    def __init__(self, path: Path, cut: int) -> None:
        super().__init__(path)
        self._left = cut

    def commit(self, changes) -> None:
        self._burn()
        super().commit(changes)
        self._burn()

    def _burn(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise KilledError


class Hub:
    """A gateway without air and broker: what it publishes is a list, which outlives a kill."""

    def __init__(self, path: Path, name: str = "hub-1") -> None:
        self.path, self.name = path, name
        self.now_ms = NOW_MS
        self.published: list[tuple[str, bytes]] = []
        self.written: list[object] = []
        self._outbox: Outbox | None = None
        self.boot()

    def boot(self, cut: int = 0) -> None:
        self.close()
        self._outbox = MortalOutbox(self.path, cut)
        self.buttons = Buttons([ENTRY])
        for count in self._outbox.counts():
            assert self.buttons.restore(*count)
        restored = self._outbox.restored()
        self.relay = Relay(self.name, TOPICS, (BADGE,), restored, buttons=self.buttons.numbers)
        self._engine = Engine(self.relay, self._outbox, self, self)
        self._inbox: deque[Input] = deque((LinkChanged(True),))

    def close(self) -> None:
        if self._outbox is not None:
            self._outbox.close()

    def hear(self, *frames: bytes) -> None:
        for frame in frames:
            hearing = self.buttons.hear(self.now_ms, ADDRESS, frame)
            if hearing is not None:
                self._inbox.append(Heard(hearing, ADDRESS, -60))
            self.live()

    def live(self) -> None:
        self.now_ms += 50
        while self._inbox:
            inputs = tuple(self._inbox)
            self._inbox.clear()
            self._engine.turn(self.now_ms, (*inputs, Tick()))
        self._engine.tidy()

    def order(self, opcode: Opcode, event: int) -> None:
        message = CommandMessage(
            id=f"{opcode}-{event}",
            badge=NUMBER,
            event=event,
            opcode=opcode,
            expires_at=rfc3339(self.now_ms + 60_000),
        )
        self._inbox.append(Ordered(message))
        self.live()

    @property
    def reports(self) -> list[Report]:
        return [decode(Report, topic, text) for topic, text in self.published if "/event/" in topic]

    @property
    def heartbeats(self) -> list[Report]:
        return [decode(Report, topic, text) for topic, text in self.published if "/status" in topic]

    @property
    def results(self) -> list[CommandResult]:
        return [
            decode(CommandResult, topic, text)
            for topic, text in self.published
            if "/result/" in topic
        ]

    def publish(self, row_id: int, letter) -> None:
        self.published.append((letter.topic, letter.payload))
        self._inbox.append(Acknowledged(row_id))

    def send(self, effect) -> None:
        self.published.append((effect.topic, effect.payload))

    def write(self, order) -> None:
        self.written.append(order)

    def disconnect(self, badge: int) -> None:
        self.written.append(badge)


@pytest.fixture
def hub(tmp_path: Path):
    hub = Hub(tmp_path / "gateway.db")
    yield hub
    hub.close()


def button(**options) -> BthomeButton:
    return BthomeButton(ADDRESS, KEY, **options)


def test_a_press_is_an_event_with_a_place_and_nobody_connects_to_a_button(hub: Hub) -> None:
    press = button(counter=41).press()
    hub.hear(press, press, press)
    (report,) = hub.reports
    assert (report.badge, report.event, report.kind) == (NUMBER, 42, Kind.SOS)
    assert (report.phase, report.place) == (Phase.RAISED, "Interview room 2")
    hub.now_ms += 1000
    hub.live()
    assert hub.written == []


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_kill_at_any_commit_loses_no_press_and_makes_no_second(hub: Hub, cut: int) -> None:
    press = button(counter=41).press()
    hub.boot(cut)
    try:
        hub.hear(press, press)
    except KilledError:
        hub.boot()
    hub.hear(press, press)
    assert {report.event for report in hub.reports} == {42}


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_kill_in_a_burst_makes_no_second_event(hub: Hub, cut: int) -> None:
    frames = button(counter=41).burst(5)
    hub.boot(cut)
    for frame in frames:
        try:
            hub.hear(frame)
        except KilledError:
            hub.boot()
            hub.hear(frame)
    assert {report.event for report in hub.reports} == {42}


def test_a_recording_played_after_a_restart_makes_no_event(hub: Hub) -> None:
    said = button(counter=41)
    recorded = [said.press(), *said.burst(3), said.beacon()]
    hub.hear(*recorded)
    before = len(hub.reports)
    hub.boot()
    hub.now_ms += 3_600_000
    hub.hear(*recorded)
    assert {report.event for report in hub.reports[before:]} <= {42, 43}
    assert {report.counter for report in hub.reports} == {41, 42}
    assert hub.buttons.rejected["replay"] == 4


def test_two_gateways_name_the_same_event(tmp_path: Path) -> None:
    press = button(counter=7_777_777).press()
    hubs = [Hub(tmp_path / f"{name}.db", name) for name in ("hub-1", "hub-2")]
    for hub in hubs:
        hub.hear(press)
        hub.close()
    assert [hub.reports[0].event for hub in hubs] == [event_of(7_777_777)] * 2


def test_of_the_signs_of_life_only_the_newest_waits_for_the_broker(hub: Hub) -> None:
    said = button(battery=80)
    hub.live()
    hub.boot()
    hub._inbox.clear()  # the broker is away
    for battery in (60, 59, 58):
        said.battery = battery
        hub.hear(said.beacon())
    assert hub.relay.depth == 1
    hub._inbox.append(LinkChanged(True))
    hub.live()
    (heartbeat,) = hub.heartbeats
    assert (heartbeat.badge, heartbeat.battery, heartbeat.phase) == (NUMBER, 58, Phase.IDLE)


def test_the_desks_receipt_ends_the_repetitions_and_the_command_is_refused_at_once(
    hub: Hub,
) -> None:
    hub.hear(button(counter=41).press())
    hub.now_ms += 20_000
    hub.live()
    hub._inbox.append(Tick())
    hub.live()
    assert len(hub.reports) == 2
    hub.order(Opcode.DELIVERED, 42)
    (result,) = hub.results
    assert (result.taken, result.reason) == (False, "a button cannot take commands")
    for _ in range(5):
        hub.now_ms += 20_000
        hub._inbox.append(Tick())
        hub.live()
    assert len(hub.reports) == 2
    assert len(hub.results) == 1
    assert hub.written == []
