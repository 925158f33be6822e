"""Carries a hub's commands to badges in virtual time: gateway.downlink.Downlink without a radio."""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Protocol

from gateway.downlink import CONNECT_S, REPLY_S, answers
from gateway.steps import Replied, WriteCommand, WriteFailed
from simulator.lockstep.agenda import Agenda, Due
from simulator.lockstep.bond import Bond
from wire import WireError
from wire.command import open_command, seal_command
from wire.seal import NONCE_LENGTH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wire import BlockCipher

_S = 1000


class Dialled(Protocol):
    """The way to badges; simulator.lockstep.air.Air."""

    def dial(
        self,
        hub: str,
        address: int,
        *,
        on_bond: Callable[[Bond], None],
        on_reply: Callable[[bytes], None],
        on_end: Callable[[], None],
    ) -> Callable[[], None]:
        """Connects with the next advertisement that allows it; returns how to stop trying."""


class Courier:
    """One line a badge, one write at a time, one attempt to connect at a time."""

    def __init__(
        self,
        agenda: Agenda,
        air: Dialled,
        hub: str,
        ciphers: "Mapping[int, BlockCipher]",
        epoch: int,
        nonce: Callable[[int], bytes],
        answer: Callable[[Replied | WriteFailed], None],
    ) -> None:
        self._agenda = agenda
        self._air = air
        self._hub = hub
        self._ciphers = ciphers
        self._epoch = epoch
        self._nonce = nonce
        self._answer = answer
        self._bonds: dict[int, Bond] = {}
        self._orders: dict[int, _Order] = {}
        self._waiting: deque[_Order] = deque()
        self._dialling: _Order | None = None
        self._dead = False

    def write(self, order: WriteCommand) -> None:
        """Write a command, over the connection that is there or a new one."""
        under_way = _Order(order)
        self._orders[order.badge] = under_way
        bond = self._bonds.get(order.badge)
        if bond is not None and bond.alive:
            self._exchange(under_way, bond)
        else:
            self._waiting.append(under_way)
            self._dial_next()

    def disconnect(self, badge: int) -> None:
        """Let go of a badge."""
        bond = self._bonds.pop(badge, None)
        if bond is not None:
            bond.end()

    def die(self) -> None:
        """The process is gone, and its connections with it."""
        self._dead = True
        if self._dialling is not None:
            self._dialling.stop()
        for bond in tuple(self._bonds.values()):
            bond.end()

    def _dial_next(self) -> None:
        if self._dialling is not None or not self._waiting:
            return
        order = self._dialling = self._waiting.popleft()
        badge = order.command.badge
        order.stop = self._air.dial(
            self._hub,
            int(order.command.address),
            on_bond=lambda bond: self._bonded(order, bond),
            on_reply=lambda sealed: self._heard(badge, sealed),
            on_end=lambda: self._ended(badge),
        )
        order.due = self._agenda.after(round(CONNECT_S * _S), self._give_up, order)

    def _bonded(self, order: "_Order", bond: Bond) -> None:
        if order.over or self._dead:
            bond.end()
            return
        self._bonds[order.command.badge] = bond
        self._agenda.after(bond.discovery_ms(), self._discovered, order, bond)

    def _discovered(self, order: "_Order", bond: Bond) -> None:
        if order.over or self._dead:
            return
        self._undial(order)
        if bond.alive:
            self._exchange(order, bond)
        else:
            self._fail(order)

    def _exchange(self, order: "_Order", bond: Bond) -> None:
        badge = order.command.badge
        nonce = self._nonce(NONCE_LENGTH)
        sealed = seal_command(self._ciphers[badge], self._epoch, nonce, order.command.command)
        order.written = True
        order.due = self._agenda.after(round(REPLY_S * _S), self._give_up, order)
        bond.write(sealed)

    def _heard(self, badge: int, sealed: bytes) -> None:
        order = self._orders.get(badge)
        if order is None or order.over or not order.written or self._dead:
            return
        try:
            reply = open_command(self._ciphers[badge], sealed)
        except WireError:
            return
        if answers(reply, order.command.command):
            order.finish()
            self._answer(Replied(badge, reply))

    def _ended(self, badge: int) -> None:
        self._bonds.pop(badge, None)
        order = self._orders.get(badge)
        if order is not None and not order.over and order.written:
            self._fail(order)

    def _give_up(self, order: "_Order") -> None:
        if order.over or self._dead:
            return
        self._undial(order)
        self.disconnect(order.command.badge)
        self._fail(order)

    def _fail(self, order: "_Order") -> None:
        if not order.over and not self._dead:
            order.finish()
            self._answer(WriteFailed(order.command.badge))

    def _undial(self, order: "_Order") -> None:
        if self._dialling is order:
            order.stop()
            order.finish_dialling()
            self._dialling = None
            self._agenda.after(0, self._dial_next)


class _Order:
    def __init__(self, command: WriteCommand) -> None:
        self.command = command
        self.over = False
        self.written = False
        self.stop: Callable[[], None] = lambda: None
        self.due: Due | None = None

    def finish_dialling(self) -> None:
        if self.due is not None:
            self.due.call_off()

    def finish(self) -> None:
        self.over = True
        self.finish_dialling()
