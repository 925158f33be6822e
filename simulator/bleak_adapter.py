"""One Bumble host as bleak's scanners and clients share it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from bleak.backends.service import BleakGATTServiceCollection
from bleak.exc import BleakError, BleakGATTProtocolError
from bumble import core, hci
from bumble.att import ATT_Error
from bumble.device import Advertisement, Connection, ConnectionParametersPreferences, Device

_T = TypeVar("_T")

Hear = Callable[[str, Advertisement], None]
"""Takes the address of the sender and what it sent."""

_CANCEL_TIMEOUT_S = 2.0


class Faults:
    """What adapters suffer from. Set at any time.

    deaf_scans: the scan under way, and those begun after it until so many were, report
    nothing, and no error; 0: it hears. missing: why no scan can begin; "": it can.
    pauses_after: so many advertisements into a scan it pauses, as BlueZ's do after ten
    seconds; here until another begins. None: never.
    """

    def __init__(self) -> None:
        self.deaf_scans = 0
        self.missing = ""
        self.pauses_after: int | None = None
        self._heard = 0

    def begin(self) -> None:
        """A scan begins. Raises BleakError when there is no adapter."""
        if self.missing:
            raise BleakError(self.missing)
        self.deaf_scans = max(0, self.deaf_scans - 1)
        self._heard = 0

    def hear(self) -> bool:
        """Whether the scan under way reports the next advertisement."""
        self._heard += 1
        pauses = self.pauses_after is not None and self._heard > self.pauses_after
        return not (self.deaf_scans or self.missing or pauses)


class Adapter:
    """What the scanners and clients of one device share, as on a host they share BlueZ."""

    def __init__(self, device: Device, interval_ms: float) -> None:
        self.device = device
        self.faults = Faults()
        self.tables: dict[tuple[hci.Address, frozenset[str]], BleakGATTServiceCollection] = {}
        self._seen: dict[str, hci.Address] = {}
        self._scanners: list[Hear] = []
        self._initiating = asyncio.Lock()
        self._preferences = {
            hci.Phy.LE_1M: ConnectionParametersPreferences(
                connection_interval_min=interval_ms, connection_interval_max=interval_ms
            )
        }
        device.on(Device.EVENT_ADVERTISEMENT, self._on_advertisement)

    async def add_scanner(self, hear: Hear, *, active: bool) -> None:
        self.faults.begin()
        self._scanners.append(hear)
        if len(self._scanners) == 1:
            with as_bleak_errors("cannot scan"):
                await self.device.start_scanning(active=active, filter_duplicates=False)
            # Adverts are not held back for a scan response, as BlueZ does not on a
            # controller with extended scanning; Bumble would.
            self.device.scanning_is_passive = True
            self.device.advertisement_accumulators.clear()

    async def remove_scanner(self, hear: Hear) -> None:
        if hear not in self._scanners:
            return
        self._scanners.remove(hear)
        if not self._scanners:
            with as_bleak_errors("cannot stop the scan"):
                await self.device.stop_scanning()

    def _on_advertisement(self, advertisement: Advertisement) -> None:
        address = advertisement.address
        text = address.to_string(with_type_qualifier=False)
        if not self.faults.hear():
            return
        self._seen[text] = address
        for hear in tuple(self._scanners):
            hear(text, advertisement)

    def address_of(self, text: str) -> hci.Address:
        """The address as last heard; a stranger's is taken to be random, as badges' are."""
        return self._seen.get(text.upper()) or hci.Address(text, hci.Address.RANDOM_DEVICE_ADDRESS)

    async def connect(self, address: hci.Address) -> Connection:
        """Connect, however long it takes; when cancelled, leave nothing half open."""
        async with self._initiating:
            attempt = asyncio.ensure_future(
                self.device.connect_le(address, connection_parameters_preferences=self._preferences)
            )
            try:
                await asyncio.wait({attempt})
            except asyncio.CancelledError:
                await self._abandon(attempt)
                raise
        return outcome(attempt, f"cannot connect to {address}")

    async def _abandon(self, attempt: asyncio.Future[Connection]) -> None:
        with suppress(core.BaseBumbleError, TimeoutError):
            await self.device.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command())
        done, _ = await asyncio.wait({attempt}, timeout=_CANCEL_TIMEOUT_S)
        if not done:
            attempt.cancel()
        elif not attempt.cancelled() and attempt.exception() is None:
            # It was made in the same moment.
            with suppress(core.BaseBumbleError):
                await attempt.result().disconnect()


def outcome(task: asyncio.Future[_T], what: str) -> _T:
    """The result of a finished task of Bumble's; its failures and cancellations as BleakError."""
    if task.cancelled():
        raise BleakError(f"{what}: the connection or the radio was lost")
    with as_bleak_errors(what):
        return task.result()


@contextmanager
def as_bleak_errors(what: str) -> Iterator[None]:
    """Raise Bumble's errors as bleak's; `what` was being done."""
    try:
        yield
    except ATT_Error as error:
        raise BleakGATTProtocolError(error.error_code) from error
    except core.BaseBumbleError as error:
        raise BleakError(f"{what}: {error}") from error
