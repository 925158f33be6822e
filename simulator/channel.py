"""The data channel of one connection: nothing is lost on it, only late or cut off."""

from __future__ import annotations

import asyncio
from collections import deque
from math import floor
from typing import TYPE_CHECKING, NamedTuple

from bumble import hci, ll
from bumble.core import PhysicalTransport

if TYPE_CHECKING:
    from simulator.air import Air
    from simulator.controller import VirtualController

_CHECKS_PER_TIMEOUT = 8


class _End(NamedTuple):
    controller: VirtualController
    address: hci.Address
    outgoing: deque[bytes | ll.ControlPdu]


class Channel:
    """Carries packets both ways at connection events, repeated until they are heard.

    A packet waits for the next connection event; when it is lost there, it and all
    behind it wait for the next, so the order holds and the delay is a geometric
    number of intervals. When the ends cannot hear each other for the supervision
    timeout, each end still there is told (Core Specification, Vol 6, Part B, 4.5.2).

    interval_s, timeout_s: connection interval and supervision timeout in seconds.
    """

    def __init__(
        self,
        air: Air,
        central: tuple[VirtualController, hci.Address],
        peripheral: tuple[VirtualController, hci.Address],
        *,
        interval_s: float,
        timeout_s: float,
    ) -> None:
        self._air = air
        self._ends = (_End(*central, deque()), _End(*peripheral, deque()))
        self._open = {id(central[0]), id(peripheral[0])}
        self._interval_s = interval_s
        self._timeout_s = timeout_s
        self._loop = asyncio.get_running_loop()
        self._anchor_s = self._heard_s = self._loop.time()
        self._next_event = 1
        self._event: asyncio.TimerHandle | None = None
        self._check: asyncio.TimerHandle | None = None
        self._supervise()

    def send(self, sender: VirtualController, packet: bytes | ll.ControlPdu) -> None:
        """Queue L2CAP bytes or a control packet from one end."""
        here, _ = self._seen_from(sender)
        here.outgoing.append(packet)
        self._await_event()

    def leave(self, controller: VirtualController) -> None:
        """One end has closed the connection or lost its power; what it queued is still sent."""
        self._open.discard(id(controller))
        if not self._open:
            self._stop()

    def cut(self, controller: VirtualController) -> None:
        """One end is gone with all that it had queued."""
        here, _ = self._seen_from(controller)
        here.outgoing.clear()
        self.leave(controller)

    def _seen_from(self, controller: VirtualController) -> tuple[_End, _End]:
        first, second = self._ends
        return (first, second) if first.controller is controller else (second, first)

    def _await_event(self) -> None:
        if self._event is None and self._open:
            passed = floor((self._loop.time() - self._anchor_s) / self._interval_s)
            # The clock can stand a rounding error before the event that has just been.
            self._next_event = max(self._next_event, passed + 1)
            due_s = self._anchor_s + self._next_event * self._interval_s
            self._event = self._loop.call_at(due_s, self._on_event)

    def _on_event(self) -> None:
        self._event = None
        self._next_event += 1
        for end in self._ends:
            self._transmit(*self._seen_from(end.controller))
        if any(end.outgoing for end in self._ends):
            self._await_event()

    def _transmit(self, here: _End, there: _End) -> None:
        for _ in range(len(here.outgoing)):
            if not self._air.data_heard(here.controller, there.controller):
                return
            self._deliver(here, there, here.outgoing.popleft())

    def _deliver(self, here: _End, there: _End, packet: bytes | ll.ControlPdu) -> None:
        if id(there.controller) not in self._open:
            return
        if isinstance(packet, ll.ConnectionUpdateInd):
            self._update(packet)
        if isinstance(packet, ll.ControlPdu):
            there.controller.on_ll_control_pdu(here.address, packet)
        else:
            there.controller.on_link_acl_data(here.address, PhysicalTransport.LE, packet)

    def _update(self, packet: ll.ConnectionUpdateInd) -> None:
        self._interval_s = interval_seconds(packet.interval)
        self._timeout_s = timeout_seconds(packet.timeout)
        self._anchor_s = self._loop.time()
        self._next_event = 1

    def _supervise(self) -> None:
        now_s = self._loop.time()
        central, peripheral = (end.controller for end in self._ends)
        if self._open >= {id(central), id(peripheral)} and self._air.in_range(central, peripheral):
            self._heard_s = now_s
        elif now_s - self._heard_s >= self._timeout_s:
            self._expire()
            return
        self._check = self._loop.call_later(self._timeout_s / _CHECKS_PER_TIMEOUT, self._supervise)

    def _expire(self) -> None:
        for end in self._ends:
            if id(end.controller) in self._open:
                _, there = self._seen_from(end.controller)
                connection = end.controller.le_connections[there.address]
                reason = hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
                end.controller.on_le_disconnected(connection, reason)

    def _stop(self) -> None:
        for timer in (self._event, self._check):
            if timer is not None:
                timer.cancel()
        self._event = self._check = None


def interval_seconds(units: int) -> float:
    """Connection interval in seconds from HCI units of 1.25 ms."""
    return units * 0.00125


def timeout_seconds(units: int) -> float:
    """Supervision timeout in seconds from HCI units of 10 ms."""
    return units * 0.01
