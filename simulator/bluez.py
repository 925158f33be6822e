"""BlueZ as far as the doctor asks it, on a D-Bus of its own: adapters, and their power."""

import asyncio
import shutil
from contextlib import suppress
from pathlib import Path

from dbus_fast import PropertyAccess
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusBool
from dbus_fast.service import ServiceInterface, dbus_property

from simulator.errors import SimulatorError

_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""


class Bluez:
    """Use as an async context manager. address: for DBUS_SYSTEM_BUS_ADDRESS.

    powered: whether each adapter has power. switched: what was switched on (True) or off
    since. Raises SimulatorError without dbus-daemon.
    """

    def __init__(self, directory: Path, powered: dict[str, bool]) -> None:
        self._directory = directory
        self._powered = powered
        self.switched: list[tuple[str, bool]] = []
        self._daemon: asyncio.subprocess.Process | None = None
        self._bus: MessageBus | None = None

    @property
    def address(self) -> str:
        return f"unix:path={self._directory / 'bus'}"

    async def __aenter__(self) -> "Bluez":
        await self._start_daemon()
        self._bus = await MessageBus(bus_address=self.address).connect()
        for name, powered in self._powered.items():
            self._bus.export(f"/org/bluez/{name}", _Adapter(name, powered, self.switched))
        await self._bus.request_name("org.bluez")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._bus is not None:
            self._bus.disconnect()
        if self._daemon is not None:
            with suppress(ProcessLookupError):
                self._daemon.kill()
            await self._daemon.wait()

    async def _start_daemon(self) -> None:
        program = shutil.which("dbus-daemon")
        if program is None:
            raise SimulatorError("dbus-daemon is not installed: apt-get install dbus")
        config = self._directory / "bus.conf"
        config.write_text(_CONFIG.format(socket=self._directory / "bus"))
        self._daemon = await asyncio.create_subprocess_exec(
            *(program, "--nofork", "--nopidfile", f"--config-file={config}", "--print-address"),
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._daemon.stdout is not None
        if not await self._daemon.stdout.readline():
            raise SimulatorError(f"dbus-daemon does not start: see {config}")


class _Adapter(ServiceInterface):
    def __init__(self, name: str, powered: bool, switched: list[tuple[str, bool]]) -> None:
        super().__init__("org.bluez.Adapter1")
        self._adapter = name
        self._is_powered = powered
        self._switched = switched

    @dbus_property(access=PropertyAccess.READWRITE)
    def Powered(self) -> DBusBool:  # noqa: N802 - BlueZ's name
        return self._is_powered

    @Powered.setter  # type: ignore[no-redef]
    def Powered(self, powered: DBusBool) -> None:  # noqa: N802
        self._is_powered = powered
        self._switched.append((self._adapter, powered))
