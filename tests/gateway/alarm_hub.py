"""The alarm of one hub, with time, disk and desk in the hands of a test."""

from itertools import count

from gateway.alarm.alarm import Alarm, Means, Setting
from gateway.alarm.options import AlarmOptions, SirenOptions
from gateway.contract.messages import CommandMessage, Notice, Opcode, decode, encode
from gateway.contract.topics import Topics
from gateway.intake import Accepted
from gateway.reports import to_message
from gateway.steps import (
    Await,
    Call,
    Called,
    CallOff,
    Commit,
    Heard,
    LinkChanged,
    Ordered,
    Put,
    Restored,
    Sound,
    Tick,
    Unwatch,
    Watch,
)
from wire import frame
from wire.frame import (
    KIND_ASSIST,
    KIND_MAN_DOWN,
    KIND_SOS,
    KIND_STATUS,
    PHASE_CANCELLED,
    PHASE_DELIVERED,
    PHASE_RAISED,
)

NOW_MS = 1_790_000_000_000
TICK_MS = 500
AFTER_MS, REPEAT_MS, SOUND_MS = 30_000, 180_000, 60_000
TOPICS = Topics("demo")
SIREN = SirenOptions(gpio=17)
HELP = (KIND_SOS, KIND_MAN_DOWN, KIND_ASSIST)


class Hub:
    """The alarm with a disk, and a clock that can be set; time passes by ticks alone."""

    def __init__(self, targets: int = 3, **options: object) -> None:
        self.means = Means(targets, siren=True)
        self.options = AlarmOptions(**{"siren": SIREN, **options})  # type: ignore[arg-type]
        self.true_ms = self.set_ms = 0
        self.watched: dict[tuple[int, int], Watch] = {}
        self.awaiting: dict[tuple[int, int], Await] = {}
        self.notices: list[Notice] = []
        self.calls: list[tuple[int, Call]] = []
        self.called_off: list[CallOff] = []
        self.sounding = False
        self.row_ids, self.counters = count(1), count(1)
        self.start()

    @classmethod
    def in_the_dark(cls) -> "Hub":
        """A hub whose broker is away."""
        hub = cls()
        hub.step(LinkChanged(False))
        return hub

    def start(self) -> None:
        """As after a kill: what was not committed is gone."""
        restored = Restored(
            watched=tuple(self.watched.values()), awaiting=tuple(self.awaiting.values())
        )
        self.sounding = False
        setting = Setting(self.options, self.means)
        self.alarm = Alarm("hub-1", TOPICS, self.row_ids, restored, setting)

    def step(self, happened) -> None:
        for effect in self.alarm.step(NOW_MS + self.true_ms + self.set_ms, happened):
            match effect:
                case Commit(changes):
                    self.commit(changes)
                case Call():
                    self.calls.append((self.true_ms, effect))
                case CallOff():
                    self.called_off.append(effect)
                case Sound(on):
                    assert on != self.sounding
                    self.sounding = on

    def commit(self, changes) -> None:
        for change in changes:
            match change:
                case Watch(badge, event, _):
                    self.watched[badge, event] = change
                case Unwatch(badge, event):
                    del self.watched[badge, event]
                case Put(row):
                    self.notices.append(decode(Notice, row.topic, row.payload))
                    assert TOPICS.parse(row.topic) == ("notice", row.badge, 1, "hub-1")

    def hear(
        self, kind=KIND_SOS, phase=PHASE_RAISED, event=1, badge=1, place=None, **fields
    ) -> None:
        said = frame.Report(kind, phase, event, **fields)
        accepted = Accepted(badge, next(self.counters), said, False, b"frame", place)
        report = to_message(accepted, "hub-1", NOW_MS + self.true_ms + self.set_ms, -70)
        if PHASE_DELIVERED <= phase <= PHASE_CANCELLED:
            self.awaiting.pop((badge, event), None)
        elif kind != KIND_STATUS:
            topic = TOPICS.event(badge, event, "hub-1")
            self.awaiting[badge, event] = Await(badge, event, topic, encode(report))
        self.step(Heard(accepted, "address", -70))

    def order(self, opcode: Opcode, event: int = 1) -> None:
        self.awaiting.pop((1, event), None)
        message = CommandMessage(
            id="c", badge=1, event=event, opcode=opcode, expires_at="2026-01-01T00:00:00.000Z"
        )
        self.step(Ordered(message))

    def answer(self, reached: int = 3, last: bool = True) -> None:
        """The latest call reached so many targets."""
        _, call = self.calls[-1]
        self.step(Called(call.badge, call.event, call.call, reached, last))

    def wait(self, wait_ms: int) -> None:
        for _ in range(0, wait_ms, TICK_MS):
            self.true_ms += TICK_MS
            self.step(Tick())
