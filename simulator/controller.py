"""The radio chip of one badge or gateway: a Bumble controller on the virtual air.

Corrects what Bumble 0.0.236 simplifies and Tocsin depends on: the advertising
interval and its random delay, non-connectable advertising, signal strength,
scan responses that can be lost, a connection request that can be lost or
cancelled, and HCI reset. Legacy advertising only, which is all a badge has.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bumble import hci, ll
from bumble.controller import Connection, Controller, LegacyAdvertiser

if TYPE_CHECKING:
    from bumble.transport.common import TransportSink

    from simulator.air import Air
    from simulator.channel import Channel

INTERVAL_UNIT_S = 0.000625
ADV_DELAY_MAX_S = 0.010
"""Random delay of each advertising event (Core Specification, Vol 6, Part B, 4.4.2.2.1)."""

_PARAMETERS = hci.HCI_LE_Set_Advertising_Parameters_Command
_REPORT = hci.HCI_LE_Advertising_Report_Event
_BUMBLE_LACKS = (
    hci.LeFeatureMask.LE_EXTENDED_ADVERTISING | hci.LeFeatureMask.LE_PERIODIC_ADVERTISING
)


class TimedAdvertiser(LegacyAdvertiser):
    """Legacy advertising at the real interval, each event up to 10 ms late at random."""

    def __init__(self, controller: VirtualController) -> None:
        super().__init__(controller)
        self._air = controller.air
        self._due_s = 0.0

    @property
    def connectable(self) -> bool:
        return self.enabled and self.advertising_type == _PARAMETERS.AdvertisingType.ADV_IND

    def start(self) -> None:
        self.stop()
        self.enabled = True
        loop = asyncio.get_running_loop()
        self._due_s = loop.time()
        self.timer_handle = loop.call_soon(self._on_timer_fired)

    def _on_timer_fired(self) -> None:
        self.send_advertising_data()
        loop = asyncio.get_running_loop()
        pause_s = self.advertising_interval_min * INTERVAL_UNIT_S
        pause_s += self._air.rng.uniform(0.0, ADV_DELAY_MAX_S)
        self._due_s = max(self._due_s + pause_s, loop.time())
        self.timer_handle = loop.call_at(self._due_s, self._on_timer_fired)

    def send_advertising_data(self) -> None:
        if not self.enabled:
            return
        kinds = {
            _PARAMETERS.AdvertisingType.ADV_IND: ll.AdvInd,
            _PARAMETERS.AdvertisingType.ADV_NONCONN_IND: ll.AdvNonConnInd,
        }
        kind = kinds[_PARAMETERS.AdvertisingType(self.advertising_type)]
        self.controller.send_advertising_pdu(kind(self.address, self.advertising_data))


class VirtualController(Controller):
    """A Bumble controller that hears through an `Air`; `name` is its station there."""

    le_features = Controller.le_features & ~_BUMBLE_LACKS
    le_acl_data_packet_length = 251

    def __init__(self, air: Air, name: str, host: TransportSink | None = None) -> None:
        self.air = air
        self.channels: dict[hci.Address, Channel] = {}
        super().__init__(name, host_sink=host, link=air)
        self.le_legacy_advertiser: TimedAdvertiser = TimedAdvertiser(self)

    @property
    def listening(self) -> bool:
        """Whether the receiver is on: scanning, or waiting for a peer to connect to."""
        return self.le_scan_enable or self.pending_le_connection is not None

    def power_off(self) -> None:
        """Fall silent at once, like a battery pulled: no goodbye on the air, none to the host."""
        self.host = None
        self.le_scan_enable = False
        self.pending_le_connection = None
        self.le_legacy_advertiser.stop()
        self.air.remove_controller(self)

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        # Bumble's own formats every packet for a debug log, at ten times the cost of sending it.
        self._send_soon(bytes(packet))

    def _send_soon(self, packet: bytes) -> None:
        if self.host is not None:
            asyncio.get_running_loop().call_soon(self._to_host, packet)

    def _to_host(self, packet: bytes) -> None:
        if self.host is not None:
            self.host.on_packet(packet)

    def on_hci_reset_command(
        self, command: hci.HCI_Reset_Command
    ) -> hci.HCI_StatusReturnParameters:
        self.le_scan_enable = False
        self.pending_le_connection = None
        self.le_legacy_advertiser.stop()
        return super().on_hci_reset_command(command)

    def on_hci_le_create_connection_cancel_command(
        self, command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        pending, self.pending_le_connection = self.pending_le_connection, None
        if pending is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        self.send_hci_packet(
            hci.HCI_LE_Connection_Complete_Event(
                status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
                connection_handle=0,
                role=hci.Role.CENTRAL,
                peer_address_type=pending.peer_address.address_type,
                peer_address=pending.peer_address,
                connection_interval=0,
                peripheral_latency=0,
                supervision_timeout=0,
                central_clock_accuracy=0,
            )
        )
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def hear(
        self, sender: VirtualController, pdu: ll.AdvInd | ll.AdvNonConnInd, signal_dbm: int
    ) -> None:
        """Take an advertisement that reached this receiver."""
        connectable = isinstance(pdu, ll.AdvInd)
        if self.le_scan_enable:
            kind = _REPORT.EventType.ADV_IND if connectable else _REPORT.EventType.ADV_NONCONN_IND
            self._report(kind, pdu.advertiser_address, pdu.data, signal_dbm)
            if connectable and self.le_scan_type and self.air.exchanges(self, sender):
                response = sender.le_legacy_advertiser.scan_response_data
                self._report(
                    _REPORT.EventType.SCAN_RSP, pdu.advertiser_address, response, signal_dbm
                )
        if connectable:
            self._answer(sender, pdu.advertiser_address)

    def _report(
        self, kind: _REPORT.EventType, address: hci.Address, payload: bytes, signal_dbm: int
    ) -> None:
        # By hand, because this is what a busy air does most; Bumble's serializer takes ten
        # times as long. Core Specification, Vol 4, Part E, 7.7.65.2; one report.
        report = (
            bytes((1, kind, address.address_type))
            + bytes(address)
            + bytes((len(payload),))
            + payload
            + signal_dbm.to_bytes(1, "little", signed=True)
        )
        head = (hci.HCI_EVENT_PACKET, hci.HCI_LE_META_EVENT, len(report) + 1)
        self._send_soon(bytes((*head, hci.HCI_LE_ADVERTISING_REPORT_EVENT)) + report)

    def _answer(self, sender: VirtualController, peer: hci.Address) -> None:
        """Send the connection request that the host waits for; a lost one waits for more."""
        pending = self.pending_le_connection
        if not isinstance(pending, hci.HCI_LE_Create_Connection_Command):
            return
        if pending.peer_address != peer or peer in self.le_connections:
            return
        if self.air.request_heard(self, sender) and sender.would_accept(self.random_address):
            self.create_le_connection(peer)
            self.air.open_channel(self, sender, pending)

    def would_accept(self, initiator: hci.Address) -> bool:
        return self.le_legacy_advertiser.connectable and initiator not in self.le_connections

    def on_le_disconnected(self, connection: Connection, reason: int) -> None:
        super().on_le_disconnected(connection, reason)
        if channel := self.channels.pop(connection.peer_address, None):
            channel.leave(self)
