"""The host's own Bluetooth, through bleak."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Literal

import structlog
from bleak import BleakClient, BleakScanner
from bleak.args.bluez import BlueZClientArgs, BlueZScannerArgs, OrPattern
from bleak.assigned_numbers import AdvertisementDataType
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import BleakError
from bleak.uuids import normalize_uuid_16

from gateway.errors import RadioError
from gateway.radio import Advert, Listener, RadioCondition
from wire.command import COMMAND_UUID, REPLY_UUID, SERVICE_UUID

ANY_ADAPTER = "bluetooth"
START_S = 10.0
AGAIN_AFTER_S = 2.0
WRITE_S = 2.0
#: BlueZ ends every active scan after 10 s and begins it again 5 s later, saying nothing: the
#: kernel's DISCOV_LE_TIMEOUT and bluetoothd's IDLE_DISCOV_TIMEOUT (bluez/bluez issue 510). A scan
#: that is begun anew before that misses a moment only.
BLUEZ_RENEW_S = 8.0
_MAX_DEVICES = 1024
_BTHOME = normalize_uuid_16(0xFCD2)
_FAILURES = (BleakError, OSError, EOFError, TimeoutError)

ScanningMode = Literal["active", "passive"]
PowerCycle = Callable[[str | None], Awaitable[None]]


async def cannot_be_reset(_: str | None) -> None:
    """For hosts whose adapters are not ours to switch: scanning again must do."""


class BleakRadio:
    """One adapter, with bleak. It knows no silence: a scan goes on until it fails.

    company: whose manufacturer data are frames. adapter: such as "hci1"; None takes the
    first. mode: "passive" asks nobody anything, and falls back to "active" where the host
    refuses it. renew_s: an active scan is begun anew so often; None: where the host does not
    pause it. power_cycle: switches that adapter off and on, raising RadioError.
    backends: for other radios than the platform's.
    """

    def __init__(
        self,
        company: int,
        scanner_backend: type[BaseBleakScanner] | None = None,
        client_backend: type[BaseBleakClient] | None = None,
        *,
        adapter: str | None = None,
        mode: ScanningMode = "active",
        renew_s: float | None = None,
        power_cycle: PowerCycle = cannot_be_reset,
        start_s: float = START_S,
        again_after_s: float = AGAIN_AFTER_S,
        log: structlog.typing.FilteringBoundLogger | None = None,
    ) -> None:
        self.name = adapter or ANY_ADAPTER
        self._company = company
        self._scanner_backend = scanner_backend
        self._client_backend = client_backend
        self._adapter = adapter
        self._mode = mode
        self._renew_s = renew_s
        self._power_cycle = power_cycle
        self._start_s = start_s
        self._again_after_s = again_after_s
        self._log = (log or structlog.get_logger()).bind(radio=self.name)
        self._devices: dict[str, BLEDevice] = {}
        self._again = asyncio.Event()

    async def run(self, listener: Listener) -> None:
        """Scan until cancelled; a scan that fails is begun again."""
        while True:
            self._again.clear()
            try:
                await self._scan(listener)
                listener.condition(self.name, RadioCondition("restarting"))
            except _FAILURES as error:
                listener.condition(self.name, RadioCondition("failed", self._reason(error)))
                await self._until_again()

    async def rescan(self, radio: str) -> None:
        """Start the scan again."""
        if radio == self.name:
            self._again.set()

    async def reset(self, radio: str) -> None:
        """Switch the adapter off and on, and scan again. Raises RadioError."""
        if radio == self.name:
            try:
                await self._power_cycle(self._adapter)
            finally:
                self._again.set()

    async def connect(self, address: str, on_reply: Callable[[bytes], None]) -> "BleakConnection":
        """Connect to an address that was heard. Raises RadioError."""
        # The device as the scanner knows it: for a bare address, bleak would scan anew.
        device = self._devices.get(address, address)
        client = BleakClient(
            device,
            services=[SERVICE_UUID],
            bluez=self._client_args(),
            backend=self._client_backend,
        )
        connection = BleakConnection(client)
        try:
            await client.connect()
            await client.start_notify(REPLY_UUID, _replies_to(on_reply))
        except _FAILURES as error:
            await connection.close()
            raise RadioError(f"connection to {address}: {error}") from error
        except asyncio.CancelledError:
            await connection.close()
            raise
        return connection

    async def _scan(self, listener: Listener) -> None:
        scanner = await self._started(listener)
        try:
            listener.condition(self.name, RadioCondition("scanning"))
            while not await self._asked_again():
                async with asyncio.timeout(self._start_s):
                    await scanner.stop()
                    await scanner.start()
        finally:
            # A scan that cannot be stopped is as good as one that has ended.
            with suppress(*_FAILURES):
                async with asyncio.timeout(self._start_s):
                    await scanner.stop()

    async def _asked_again(self) -> bool:
        """Waits for that; False when it is time to renew the scan."""
        try:
            async with asyncio.timeout(self._renew_s if self._mode == "active" else None):
                await self._again.wait()
        except TimeoutError:
            return False
        return True

    async def _started(self, listener: Listener) -> BleakScanner:
        try:
            return await self._start(listener, self._mode)
        except BleakError as error:
            if self._mode == "active":
                raise
            scanner = await self._start(listener, "active")
            self._log.warning("radio.not_passive", error=str(error), remedy="scanning actively")
            self._mode = "active"
            return scanner

    async def _start(self, listener: Listener, mode: ScanningMode) -> BleakScanner:
        scanner = BleakScanner(
            self._detection(listener),
            scanning_mode=mode,
            bluez=self._scanner_args(mode),
            backend=self._scanner_backend,
        )
        try:
            async with asyncio.timeout(self._start_s):
                await scanner.start()
        except BaseException:
            with suppress(*_FAILURES):
                await scanner.stop()
            raise
        return scanner

    def _detection(self, listener: Listener) -> Callable[[BLEDevice, AdvertisementData], None]:
        def detected(device: BLEDevice, advertisement: AdvertisementData) -> None:
            frame = advertisement.manufacturer_data.get(self._company, b"")
            button = advertisement.service_data.get(_BTHOME, b"")
            if not frame and not button:
                listener.ambient(self.name)
                return
            if frame:
                self._remember(device)
            rssi = advertisement.rssi
            listener.advert(Advert(device.address, rssi, bytes(frame), bytes(button), self.name))

        return detected

    async def _until_again(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._again_after_s):
                await self._again.wait()

    def _reason(self, error: Exception) -> str:
        if isinstance(error, FileNotFoundError | ConnectionRefusedError):
            return (
                "no Bluetooth here: there is no D-Bus to ask for it; install bluez,"
                " or use a dongle and set [radio] adapters = []"
            )
        return (
            f"{str(error) or 'no answer from the Bluetooth service'}; check that an adapter is"
            " there and powered (bluetoothctl power on), and [radio] adapters"
        )

    def _remember(self, device: BLEDevice) -> None:
        # Addresses rotate: the latest are kept, in the order in which they were heard.
        self._devices.pop(device.address, None)
        self._devices[device.address] = device
        if len(self._devices) > _MAX_DEVICES:
            del self._devices[next(iter(self._devices))]

    def _scanner_args(self, mode: ScanningMode) -> BlueZScannerArgs:
        args = BlueZScannerArgs(filters={"DuplicateData": True})
        if mode == "passive":
            args = BlueZScannerArgs(or_patterns=[*self._patterns()])
        if self._adapter is not None:
            args["adapter"] = self._adapter
        return args

    def _patterns(self) -> tuple[OrPattern, ...]:
        """Badges, buttons, and by the usual flags nearly everybody else: proof of hearing."""
        flags = (OrPattern(0, AdvertisementDataType.FLAGS, bytes((n,))) for n in (0x02, 0x06, 0x1A))
        company = self._company.to_bytes(2, "little")
        return (
            OrPattern(0, AdvertisementDataType.MANUFACTURER_SPECIFIC_DATA, company),
            OrPattern(0, AdvertisementDataType.SERVICE_DATA_UUID16, b"\xd2\xfc"),
            *flags,
        )

    def _client_args(self) -> BlueZClientArgs:
        return (
            BlueZClientArgs() if self._adapter is None else BlueZClientArgs(adapter=self._adapter)
        )


class BleakConnection:
    """One connection to a badge."""

    def __init__(self, client: BleakClient) -> None:
        self._client = client

    @property
    def connected(self) -> bool:
        """Whether commands can be written."""
        return self._client.is_connected

    async def write(self, command: bytes) -> None:
        """Write a command with response. Raises RadioError."""
        try:
            async with asyncio.timeout(WRITE_S):
                await self._client.write_gatt_char(COMMAND_UUID, command, response=True)
        except _FAILURES as error:
            reason = str(error) or "timed out"
            raise RadioError(f"write to {self._client.address}: {reason}") from error

    async def close(self) -> None:
        """Disconnect; a connection that is gone already is fine."""
        try:
            await self._client.disconnect()
        except _FAILURES:
            return


def _replies_to(
    on_reply: Callable[[bytes], None],
) -> Callable[[BleakGATTCharacteristic, bytearray], None]:
    return lambda _, value: on_reply(bytes(value))
