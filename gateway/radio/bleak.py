"""The host's own Bluetooth, through bleak."""

import asyncio
from collections.abc import Callable

import structlog
from bleak import BleakClient, BleakScanner
from bleak.args.bluez import BlueZClientArgs, BlueZScannerArgs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import BleakError

from gateway.errors import RadioError
from gateway.radio import Advert
from wire.command import COMMAND_UUID, REPLY_UUID, SERVICE_UUID

SILENCE_S = 15.0
RESTART_AFTER_S = 1.0
_MAX_DEVICES = 1024
_FAILURES = (BleakError, OSError, EOFError, TimeoutError)


class BleakRadio:
    """Scans and connects with bleak.

    company: whose manufacturer data are frames. silence_s: a scanner that heard
    nothing of anybody for so long is started again, because scanners go deaf
    without an error. backends: for other radios than the platform's.
    """

    def __init__(
        self,
        company: int,
        scanner_backend: type[BaseBleakScanner] | None = None,
        client_backend: type[BaseBleakClient] | None = None,
        *,
        adapter: str | None = None,
        silence_s: float = SILENCE_S,
        log: structlog.typing.FilteringBoundLogger | None = None,
    ) -> None:
        self._company = company
        self._scanner_backend = scanner_backend
        self._client_backend = client_backend
        self._adapter = adapter
        self._silence_s = silence_s
        self._log = log or structlog.get_logger()
        self._devices: dict[str, BLEDevice] = {}
        self._heard = asyncio.Event()

    async def run(self, on_advert: Callable[[Advert], None]) -> None:
        """Scan until cancelled; a scanner that fails or falls silent is started again.

        Raises RadioError when the first start fails: then the host has no radio to use.
        """
        started = False
        while True:
            try:
                async with self._scanner(on_advert):
                    started = True
                    await self._until_silent()
                self._log.warning("radio.silent", silence_s=self._silence_s, remedy="scan again")
            except _FAILURES as error:
                if not started:
                    raise RadioError(
                        f"Bluetooth: {error}; check that an adapter is there and powered"
                        " (bluetoothctl power on), and $.radio.adapter"
                    ) from error
                self._log.warning("radio.failed", error=str(error), remedy="scan again")
                await asyncio.sleep(RESTART_AFTER_S)

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

    def _scanner(self, on_advert: Callable[[Advert], None]) -> BleakScanner:
        def detected(device: BLEDevice, advertisement: AdvertisementData) -> None:
            self._heard.set()
            frame = advertisement.manufacturer_data.get(self._company)
            if frame is not None:
                self._remember(device)
                on_advert(Advert(device.address, advertisement.rssi, bytes(frame)))

        return BleakScanner(detected, bluez=self._scanner_args(), backend=self._scanner_backend)

    async def _until_silent(self) -> None:
        try:
            while True:
                self._heard.clear()
                async with asyncio.timeout(self._silence_s):
                    await self._heard.wait()
        except TimeoutError:
            return

    def _remember(self, device: BLEDevice) -> None:
        # Addresses rotate: the latest are kept, in the order in which they were heard.
        self._devices.pop(device.address, None)
        self._devices[device.address] = device
        if len(self._devices) > _MAX_DEVICES:
            del self._devices[next(iter(self._devices))]

    def _scanner_args(self) -> BlueZScannerArgs:
        args = BlueZScannerArgs(filters={"DuplicateData": True})
        if self._adapter is not None:
            args["adapter"] = self._adapter
        return args

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
            await self._client.write_gatt_char(COMMAND_UUID, command, response=True)
        except _FAILURES as error:
            raise RadioError(f"write to {self._client.address}: {error}") from error

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
