"""The gateway is killed before any one step, and no alert is lost."""

import itertools
from collections import deque
from pathlib import Path

from gateway.contract.messages import CommandMessage, Opcode, Report, decode
from gateway.contract.topics import Topics
from gateway.disk.outbox import Outbox
from gateway.engine import Engine
from gateway.intake import Accepted, Intake
from gateway.ordered import STAGE_PHASES
from gateway.relay import Relay
from gateway.steps import Acknowledged, Heard, LinkChanged, Ordered, Replied, Tick
from wire.command import OP_HEARD, OP_TIME, REPLY_BIT, Command
from wire.frame import KIND_STATUS, PHASE_DELIVERED, PHASE_IDLE, PHASE_RAISED, minute_of

START_MS = 1_790_000_000_000
STEP_MS = 50
MAX_STEPS = 120
TOPICS = Topics("demo")


class KilledError(Exception):
    """The process is no more."""


class Fuse:
    """Kills at the n-th step that reaches the outside; never for 0."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def burn(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise KilledError


class MortalOutbox(Outbox):
    def __init__(self, path: Path, fuse: Fuse) -> None:
        super().__init__(path)
        self._fuse = fuse

    def commit(self, changes) -> None:
        self._fuse.burn()
        super().commit(changes)
        self._fuse.burn()


class Wearer:
    """A badge in somebody's hand: raises one event, and obeys."""

    def __init__(self, speaker) -> None:
        self.speaker = speaker
        self.event, self.phase, self.minute = 0, PHASE_IDLE, None
        self.frame = speaker.say(KIND_STATUS, PHASE_IDLE, 0)

    def press(self) -> None:
        self.event, self.phase = self.event + 1, PHASE_RAISED
        self.frame = self.speaker.say(phase=self.phase, event=self.event)

    def obey(self, command: Command) -> Command:
        if command.opcode == OP_TIME:
            self.minute = minute_of(command.number())
        else:
            self.phase = max(self.phase, STAGE_PHASES[command.opcode])
        reply = Command(self.speaker.counter, self.event, command.opcode | REPLY_BIT)
        self.frame = self.speaker.say(phase=self.phase, event=self.event, minute=self.minute)
        return reply


class World:
    """Badges, a broker that keeps what it acknowledged, and a desk; all of them outlive a kill."""

    def __init__(self, path: Path, registry, speaker, fuse: Fuse) -> None:
        self.path, self.registry, self.fuse = path, registry, fuse
        self.now_ms = START_MS
        self.wearers = {number: Wearer(speaker(number)) for number in (1, 2)}
        self.reports: list[Report] = []
        self.commands: deque[CommandMessage] = deque()
        self.inbox: deque[object] = deque()
        self.ids = itertools.count()
        self.highest: dict[int, int] = {}
        self.outbox = Outbox(path)
        self.boot()

    def boot(self) -> None:
        self.outbox.close()
        self.inbox.clear()
        self.outbox = MortalOutbox(self.path, self.fuse)
        self.intake = Intake(self.registry)
        for count in self.outbox.counts():
            assert count.counter >= self.highest.get(count.badge, 0)
            self.highest[count.badge] = count.counter
            self.intake.restore(*count)
        relay = Relay("hub-1", TOPICS, tuple(self.wearers), self.outbox.restored())
        self.relay, self.engine = relay, Engine(relay, self.outbox, self, self)
        self.inbox.append(LinkChanged(True))

    def publish(self, row_id: int, letter) -> None:
        self.fuse.burn()
        if "/event/" in letter.topic:
            report = decode(Report, letter.topic, letter.payload)
            self.reports.append(report)
            self.deliver(report)
        self.inbox.append(Acknowledged(row_id))
        self.fuse.burn()

    def send(self, effect) -> None:
        self.fuse.burn()
        if "/event/" in effect.topic:
            self.reports.append(decode(Report, effect.topic, effect.payload))

    def deliver(self, report: Report) -> None:
        self.commands.append(
            CommandMessage(
                id=str(next(self.ids)),
                badge=report.badge,
                event=report.event,
                opcode=Opcode.DELIVERED,
                expires_at="2030-01-01T00:00:00.000Z",
            )
        )

    def write(self, order) -> None:
        self.fuse.burn()
        wearer = self.wearers[order.badge]
        if order.command.opcode == OP_HEARD:
            assert self.is_safe(order.badge, order.command.event), "false comfort"
        self.inbox.append(Replied(order.badge, wearer.obey(order.command)))
        self.fuse.burn()

    def disconnect(self, badge: int) -> None:
        self.fuse.burn()

    def is_safe(self, badge: int, event: int) -> bool:
        on_disk = {(entry.badge, entry.event) for entry in self.outbox.restored().awaiting}
        return (badge, event) in on_disk | self.alerts

    @property
    def alerts(self) -> set[tuple[int, int]]:
        return {(report.badge, report.event) for report in self.reports}

    @property
    def at_rest(self) -> bool:
        return (
            all(wearer.phase >= PHASE_DELIVERED for wearer in self.wearers.values())
            and not self.commands
            and self.relay.depth == 0
        )

    def step(self) -> None:
        """50 ms of life: every badge is heard, and what waited arrives."""
        self.now_ms += STEP_MS
        inputs, commands = list(self.inbox), len(self.commands)
        self.inbox.clear()
        for wearer in self.wearers.values():
            hearing = self.intake.hear(self.now_ms, wearer.frame)
            if hearing is not None:
                inputs.append(Heard(hearing, "C0:00:00:00:00:01", -50))
        inputs.extend(Ordered(self.commands[index]) for index in range(commands))
        self.engine.turn(self.now_ms, [*inputs, Tick()])
        self.fuse.burn()
        for _ in range(commands):
            self.commands.popleft()  # PUBACK: the broker forgets them
        self.engine.tidy()

    def live(self) -> int:
        """Run until all is at rest; the number of kills on the way."""
        kills = 0
        for _ in range(MAX_STEPS):
            try:
                self.step()
            except KilledError:
                kills += 1
                self.boot()
            if self.at_rest:
                return kills
        raise AssertionError("stuck")


def test_a_kill_before_any_step_loses_no_alert(tmp_path, registry, speaker):
    for cut in itertools.count(1):
        world = World(tmp_path / f"{cut}.db", registry, speaker, Fuse(cut))
        _press_both(world)
        kills = world.live()
        _expect_all_is_well(world)
        world.outbox.close()
        if not kills:
            break
    assert cut > 30


def test_kills_in_a_row_lose_no_alert_either(tmp_path, registry, speaker):
    for every in range(5, 25):
        fuse = Fuse(every)
        world = World(tmp_path / f"{every}.db", registry, speaker, fuse)
        _press_both(world)
        for _ in range(4):
            _step_or_die(world)
            fuse.left = every
        fuse.left = 0
        world.live()
        _expect_all_is_well(world)
        world.outbox.close()


def test_a_row_that_was_published_but_not_acknowledged_is_published_again(
    tmp_path, registry, speaker
):
    world = World(tmp_path / "gateway.db", registry, speaker, Fuse(0))
    world.wearers[1].press()
    world.step()
    assert [report.event for report in world.reports if report.badge == 1] == [1]
    world.boot()
    world.step()
    assert [report.event for report in world.reports if report.badge == 1][:2] == [1, 1]
    world.outbox.close()


def test_a_burst_of_repeats_costs_no_disk_write(tmp_path, registry, speaker):
    world = World(tmp_path / "gateway.db", registry, speaker, Fuse(0))
    _press_both(world)
    world.live()
    world.step()
    writes = world.outbox._file._db.total_changes
    for _ in range(100):
        world.step()
    assert world.outbox._file._db.total_changes == writes
    world.outbox.close()


def _press_both(world: World) -> None:
    for wearer in world.wearers.values():
        wearer.press()


def _step_or_die(world: World) -> None:
    try:
        world.step()
    except KilledError:
        world.boot()


def _expect_all_is_well(world: World) -> None:
    assert world.alerts == {(1, 1), (2, 1)}
    accepted = {(report.badge, report.counter) for report in world.reports}
    for badge, wearer in world.wearers.items():
        assert wearer.phase == PHASE_DELIVERED
        assert max(number for who, number in accepted if who == badge) == wearer.speaker.counter
        assert not isinstance(world.intake.hear(world.now_ms, wearer.frame), Accepted)
