"""The air between badges and gateways: who hears whom, how loudly, and what gets lost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from bumble import hci, ll
from bumble.core import PhysicalTransport
from bumble.link import LocalLink

from simulator.channel import Channel, interval_seconds, timeout_seconds

if TYPE_CHECKING:
    from bumble.controller import Controller

    from simulator.controller import VirtualController

Signal = Callable[[str, str], int | None]
"""Signal in dBm at a receiver, by the names of sender and receiver; None is out of range."""

OnHeard = Callable[[str, str, bytes], None]
"""An advertisement got through: names of sender and receiver, and its payload."""

NEAR_DBM = -60


def near(_sender: str, _receiver: str) -> int | None:
    """Let everybody hear everybody at the same strength."""
    return NEAR_DBM


@dataclass
class AirCounters:
    """What happened on the air since it began; heard and lost count each receiver."""

    sent: int = 0
    heard: int = 0
    lost: int = 0
    requests_lost: int = 0
    retransmissions: int = 0


class Air(LocalLink):
    """A link of Bumble controllers on which radio is as bad as it really is.

    loss: probability, at each receiver, that one advertising packet or connection
    request is not heard, and that a data packet has to be sent again. One random
    source, given in, decides everything, so that a seed repeats a run. `loss` and
    `signal` may be changed while it runs.
    """

    def __init__(self, loss: float, rng: random.Random, *, signal: Signal = near) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.loss = loss
        self.rng = rng
        self.signal = signal
        self.counters = AirCounters()
        self.on_heard: OnHeard | None = None
        # In order of arrival: a set's order would change the random draws from run to run.
        self._stations: list[VirtualController] = []

    def add_controller(self, controller: Controller) -> None:
        super().add_controller(controller)
        self._stations.append(_virtual(controller))

    def remove_controller(self, controller: Controller) -> None:
        """Take a station off the air; its peers notice by their supervision timeout."""
        station = _virtual(controller)
        if station not in self._stations:
            return
        self._stations.remove(station)
        super().remove_controller(controller)
        for channel in station.channels.values():
            channel.cut(station)

    def in_range(self, sender: VirtualController, receiver: VirtualController) -> bool:
        return self.signal(sender.name, receiver.name) is not None

    def exchanges(self, asker: VirtualController, answerer: VirtualController) -> bool:
        """Whether a scan request and its response both get through."""
        return self._gets_through(asker, answerer) and self._gets_through(answerer, asker)

    def request_heard(self, initiator: VirtualController, advertiser: VirtualController) -> bool:
        """Whether a connection request gets through; a lost one is tried at the next advert."""
        heard = self._gets_through(initiator, advertiser)
        self.counters.requests_lost += not heard
        return heard

    def data_heard(self, sender: VirtualController, receiver: VirtualController) -> bool:
        """Whether a packet gets through at this connection event."""
        heard = self._gets_through(sender, receiver)
        self.counters.retransmissions += not heard
        return heard

    def _gets_through(self, sender: VirtualController, receiver: VirtualController) -> bool:
        return self.in_range(sender, receiver) and self.rng.random() >= self.loss

    def send_advertising_pdu(
        self, sender_controller: Controller, packet: ll.AdvertisingPdu
    ) -> None:
        if isinstance(packet, ll.ConnectInd):
            # Loss was decided when the request was made; both ends must agree from here on.
            for station in self._stations:
                station.on_le_connect_ind(packet)
        elif isinstance(packet, ll.AdvInd | ll.AdvNonConnInd):
            self._broadcast(_virtual(sender_controller), packet)

    def _broadcast(self, sender: VirtualController, packet: ll.AdvInd | ll.AdvNonConnInd) -> None:
        self.counters.sent += 1
        loop = asyncio.get_running_loop()
        for receiver in self._stations:
            if receiver is sender or not receiver.listening:
                continue
            signal_dbm = self.signal(sender.name, receiver.name)
            if signal_dbm is None:
                continue
            if self.rng.random() < self.loss:
                self.counters.lost += 1
                continue
            self.counters.heard += 1
            if self.on_heard is not None:
                self.on_heard(sender.name, receiver.name, packet.data)
            loop.call_soon(receiver.hear, sender, packet, signal_dbm)

    def open_channel(
        self,
        central: VirtualController,
        peripheral: VirtualController,
        request: hci.HCI_LE_Create_Connection_Command,
    ) -> None:
        """Join the two ends of a connection that both controllers have just entered."""
        peer = request.peer_address
        own = central.le_connections[peer].self_address
        channel = Channel(
            self,
            (central, own),
            (peripheral, peer),
            interval_s=interval_seconds(request.connection_interval_min),
            timeout_s=timeout_seconds(request.supervision_timeout),
        )
        central.channels[peer] = channel
        peripheral.channels[own] = channel

    def send_acl_data(
        self,
        sender_controller: Controller,
        destination_address: hci.Address,
        transport: PhysicalTransport,
        data: bytes,
    ) -> None:
        sender = _virtual(sender_controller)
        if channel := sender.channels.get(destination_address):
            channel.send(sender, data)

    def send_ll_control_pdu(
        self, sender_address: hci.Address, receiver_address: hci.Address, packet: ll.ControlPdu
    ) -> None:
        for station in self._stations:
            connection = station.le_connections.get(receiver_address)
            if connection is not None and connection.self_address == sender_address:
                station.channels[receiver_address].send(station, packet)
                return


def _virtual(controller: Controller) -> VirtualController:
    # The only kind that anything here creates; Bumble's signatures know its base.
    return cast("VirtualController", controller)
