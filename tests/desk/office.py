"""A desk with people to call, a clock that is set by hand, and a life that may end at any step."""

from collections.abc import Callable, Iterable
from pathlib import Path

from desk.core import Core, Setting
from desk.engine import Engine
from desk.options import EscalationOptions, Step, VisitOptions
from desk.store import Store
from desk.turns import Input, Notified, Notify, Reported, StopNotify, Tick
from gateway.contract.messages import AlertRecord, CommandMessage, Opcode, Report
from gateway.contract.topics import Topics

from .conftest import NOW_MS, KilledError, Ledger, World

SAM, KIM, LEE = "Sam", "Kim", "Lee"
WAIT_S = 40
CHAIN = EscalationOptions(
    steps=(Step(contacts=(SAM,), wait_s=WAIT_S), Step(contacts=(KIM, LEE), wait_s=WAIT_S))
)
SETTING = Setting(
    wearers={1: "Asha N."}, escalation=CHAIN, visits=VisitOptions(minutes=30, grace_s=60)
)


class Office:
    """One desk after another on the same disk; the world outlives them.

    answer: whether a contact is reached; None: nothing is ever heard of the call.
    """

    def __init__(self, path: Path, setting: Setting = SETTING, steps: int | None = None) -> None:
        self.path = path
        self.setting = setting
        self.now_ms = NOW_MS
        self.world = World(steps)
        self.answer: Callable[[str], bool | None] = lambda _: True
        self.deaths = 0
        self._answered = 0
        self.store, self.engine = self._open()

    def _open(self) -> tuple[Store, Engine]:
        store = Store(self.path)
        ledger = Ledger(self.world, store.commit)
        core = Core(self.setting, store.load())
        engine = Engine(core, ledger, self.world, Topics("demo"), lambda: self.now_ms)
        return store, engine

    def restart(self) -> None:
        """The desk is killed, and another begins."""
        self.store.close()
        self.store, self.engine = self._open()

    def close(self) -> None:
        self.store.close()

    def step(self, *inputs: Input) -> tuple[str, ...]:
        """Take inputs. A desk that dies over them is followed by one that takes them again."""
        while True:
            try:
                refusals = self.engine.step(*inputs)
                self._answer()
                return refusals
            except KilledError:
                self.deaths += 1
                self.world.fuse.left = None
                self.restart()

    def report(self, report: Report) -> None:
        self.step(Reported(report))

    def wait(self, seconds: float, tick_s: float = 1.0) -> None:
        """Let time pass, and the desk tick; a desk that dies in a tick loses that tick."""
        until_ms = self.now_ms + round(seconds * 1000)
        while self.now_ms < until_ms:
            self.now_ms = min(until_ms, self.now_ms + round(tick_s * 1000))
            self.step(Tick())

    @property
    def records(self) -> dict[str, AlertRecord]:
        return {record.alert: record for record in self.engine.records}

    @property
    def called(self) -> list[str]:
        """Everybody who was called, in order; "-" where it was called off."""
        return [one.contact if isinstance(one, Notify) else "-" for one in self.world.notified]

    @property
    def timers(self) -> list[int | None]:
        """What badges were told of their visits, in minutes."""
        return [one.argument for one in timers(self.world.commands)]

    def forget(self) -> None:
        """Count calls and commands from here on."""
        self.world.notified.clear()
        self.world.commands.clear()
        self._answered = 0

    def _answer(self) -> None:
        while self._answered < len(self.world.notified):
            order = self.world.notified[self._answered]
            self._answered += 1
            if isinstance(order, StopNotify):
                continue
            ok = self.answer(order.contact)
            if ok is not None:
                reason = "" if ok else "not taken by line 1 (json)"
                self.engine.step(Notified(order.alert, order.contact, ok, reason))


def timers(commands: Iterable[CommandMessage]) -> list[CommandMessage]:
    return [command for command in commands if command.opcode is Opcode.VISIT_TIMER]
