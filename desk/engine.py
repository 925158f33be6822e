"""The shell around the core: step, commit, then show. In that order, always."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol, get_args

import structlog

from desk.alert import Key
from desk.core import Core
from desk.ingest import read
from desk.links import DeskView, Gateways
from desk.turns import (
    Announce,
    Clear,
    ClockMoved,
    ClockTold,
    Confirmed,
    Count,
    Effect,
    Input,
    Kept,
    Noticed,
    Notify,
    Refuse,
    Reported,
    Send,
    StopNotify,
)
from gateway.contract.clock import Clock
from gateway.contract.errors import ContractError
from gateway.contract.messages import AlertRecord, CommandMessage, GatewayState, unix_ms
from gateway.contract.session import Received
from gateway.contract.topics import Topics

_KEPT = get_args(Kept)
#: So soon after its start a host that keeps no time while it is off has got it from the network.
_CLOCK_SETTLES_MS = 600_000


class Ledger(Protocol):
    """Where effects are kept; desk.store.Store."""

    def commit(self, kept: Sequence[Kept]) -> None:
        """Keep all or nothing, durably."""


class Outlet(Protocol):
    """Where effects are shown; desk.app.Desk."""

    def announce(self, record: AlertRecord) -> None:
        """Show a record to broker and supervisors."""

    def send(self, command: CommandMessage) -> None:
        """Publish a command."""

    def clear(self, key: Key) -> None:
        """Take a record back."""

    def notify(self, order: Notify | StopNotify) -> None:
        """Call a contact, and step Notified with the outcome; or stop, and tell who was called.

        It does not wait. An outcome that never comes costs no more than the step's wait.
        """

    def acknowledge(self, received: Received) -> None:
        """Tell the broker that a message need not come again."""


class Engine:
    """Carries inputs to the core, and its effects to disk and then to the outlet.

    clock: unix ms; steady: ms since the host was started, which nobody sets, so that the
    core hears when somebody set the other. Raises StoreError from every method that commits:
    then the process must end, for the core knows what the disk does not.
    """

    def __init__(
        self,
        core: Core,
        ledger: Ledger,
        outlet: Outlet,
        topics: Topics,
        clock: Callable[[], int],
        steady: Callable[[], int] | None = None,
    ) -> None:
        self._core = core
        self._ledger = ledger
        self._outlet = outlet
        self._topics = topics
        self._clock = clock
        self._steady = steady or clock
        self._jumps = Clock()
        self._gateways = Gateways()
        self._counts: Counter[str] = Counter()
        self._log = structlog.get_logger("desk")

    @property
    def records(self) -> tuple[AlertRecord, ...]:
        """The records of all alerts that are not archived."""
        return self._core.records

    def view(
        self, *, broker: bool, reason: str, supervisors: int, warnings: tuple[str, ...] = ()
    ) -> DeskView:
        """The desk's links, visits and silent badges now."""
        return DeskView(
            broker=broker,
            reason=reason,
            gateways=self._gateways.view(self._steady(), self._clock()),
            supervisors=supervisors,
            counts=dict(self._counts),
            visits=self._core.visits,
            silent=self._core.silent,
            warnings=warnings,
        )

    def take(self, batch: Sequence[Received]) -> None:
        """Messages of the broker: one commit for all, then effects, then acknowledgements."""
        inputs = [given for received in batch for given in self._read(received)]
        self.step(*inputs)
        for received in batch:
            self._outlet.acknowledge(received)

    def step(self, *inputs: Input) -> tuple[str, ...]:
        """Inputs of any other source. Returns the refusals, for who asked."""
        now_ms = self._clock()
        told = (*self._clock_moved(now_ms), *inputs)
        effects = [effect for given in told for effect in self._core.step(now_ms, given)]
        self._ledger.commit([effect for effect in effects if isinstance(effect, _KEPT)])
        for effect in effects:
            self._show(effect)
        return tuple(effect.text for effect in effects if isinstance(effect, Refuse))

    def _clock_moved(self, now_ms: int) -> tuple[ClockMoved, ...]:
        steady_ms = self._steady()
        by_ms = self._jumps.moved_by(now_ms, steady_ms)
        if by_ms > 0 and steady_ms < _CLOCK_SETTLES_MS:
            return ()  # so long the host was off, and its clock stood: that time has passed
        return (ClockMoved(by_ms),) if by_ms else ()

    def refused(self, topic: str, reason: str) -> None:
        """The broker did not accept one of our messages: counted, since nobody else would see."""
        self._counts[f"broker_{reason}"] += 1
        self._log.warning("broker refused", reason=reason, topic=topic)

    def _read(self, received: Received) -> tuple[Reported | Confirmed | Noticed | ClockTold, ...]:
        try:
            told = read(self._topics, received)
        except ContractError as error:
            self._counts[error.reason] += 1
            # The topic is an outsider's text, and the error may quote the message.
            self._log.warning("message refused", reason=error.reason, bytes=len(received.payload))
            return ()
        if isinstance(told, GatewayState):
            self._gateways.hear(self._steady(), told)
            if received.retained or told.state == "offline":
                return ()  # said some time ago
            return (ClockTold(told.gateway, self._clock() - unix_ms(told.at)),)
        return (told,)

    def _show(self, effect: Effect) -> None:
        match effect:
            case Announce(record):
                self._outlet.announce(record)
            case Send(command):
                self._outlet.send(command)
            case Clear(key):
                self._outlet.clear(key)
            case Notify() | StopNotify():
                self._outlet.notify(effect)
            case Count(reason):
                self._counts[reason] += 1
