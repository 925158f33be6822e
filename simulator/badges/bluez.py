"""The same air in front of BlueZ: one more controller, which the kernel's virtual HCI carries."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
from pathlib import Path
from typing import Any

from bumble.transport.common import Transport
from bumble.transport.vhci import open_vhci_transport

from simulator.air import Air
from simulator.controller import VirtualController
from simulator.errors import SimulatorError

VHCI = Path("/dev/vhci")
NAME = "bluez"
# The kernel refuses a controller without a public address of its own.
_PUBLIC_ADDRESS = "F0:F1:F2:F3:F4:F5"
_VENDOR_PACKET = 0xFF
_ANSWER_S = 5.0
_REMEDIES = {
    errno.ENOENT: "is not there: load it (sudo modprobe hci_vhci), where the kernel has it",
    errno.ENODEV: "is not there: load it (sudo modprobe hci_vhci), where the kernel has it",
    errno.EACCES: "may not be opened by you: run this as root, or say: sudo setfacl -m"
    " u:$USER:rw /dev/vhci",
}


class HostRadio:
    """A radio on the air that this machine's BlueZ has as its adapter `name`, until it is closed.

    Raises SimulatorError when the kernel has no virtual HCI, or gives it to nobody here.
    """

    def __init__(self, air: Air, device: Path = VHCI) -> None:
        self.name = ""
        self._air = air
        self._device = device
        self._transport: Transport | None = None
        self._controller: VirtualController | None = None

    async def open(self) -> None:
        """Returns when the kernel has made an adapter of it."""
        self._check()
        self._transport = await open_vhci_transport(str(self._device))
        index = self._await_index(self._transport.source)
        self._controller = VirtualController(self._air, NAME, self._transport.sink)
        self._controller.public_address = _PUBLIC_ADDRESS
        self._transport.source.set_packet_sink(self._controller)
        try:
            self.name = f"hci{await asyncio.wait_for(index, _ANSWER_S)}"
        except TimeoutError:
            await self.close()
            raise SimulatorError(f"{self._device}: the kernel makes no adapter of it") from None

    async def close(self) -> None:
        """The adapter goes away."""
        if self._controller is not None:
            self._controller.power_off()
            self._controller = None
        if self._transport is not None:
            with contextlib.suppress(OSError):
                await self._transport.close()
            self._transport = None

    def _check(self) -> None:
        try:
            os.close(os.open(self._device, os.O_RDWR | os.O_NOCTTY))
        except OSError as error:
            remedy = _REMEDIES.get(error.errno or 0, str(error.strerror))
            raise SimulatorError(f"{self._device} {remedy}") from None

    @staticmethod
    def _await_index(source: Any) -> asyncio.Future[int]:
        """The number of the adapter, which the kernel says first (Linux, hci_vhci.c)."""
        index: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        take = source.data_received

        def note(octets: bytes) -> None:
            if octets[:1] == bytes((_VENDOR_PACKET,)) and not index.done():
                index.set_result(int.from_bytes(octets[2:4], "little"))
            take(octets)

        source.data_received = note
        return index
