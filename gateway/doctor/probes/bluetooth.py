"""The host's Bluetooth: adapters from sysfs, their power from BlueZ over D-Bus."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusError, InvalidAddressError

from gateway.doctor.findings import Adapter, Bluetooth
from gateway.doctor.probes.commands import output_of

_ADAPTER = re.compile(r"hci\d+")
_INTERFACE = "org.bluez.Adapter1"
_FAILURES = (OSError, EOFError, DBusError, InvalidAddressError, TimeoutError)


async def look_at_bluetooth(sysfs: Path = Path("/sys/class")) -> Bluetooth:
    """The adapters that the kernel has, with what BlueZ says of them."""
    names, blocked = _names(sysfs / "bluetooth"), _blocked(sysfs / "rfkill")
    try:
        powered = await _powered()
    except _FAILURES as error:
        adapters = tuple(Adapter(name, None, name in blocked) for name in names)
        return Bluetooth(adapters=adapters, problem=f"D-Bus: {error or type(error).__name__}")
    adapters = tuple(Adapter(name, powered.get(name), name in blocked) for name in names)
    return Bluetooth(adapters=adapters, bluez=await _version())


def _names(folder: Path) -> tuple[str, ...]:
    # Beside the adapters, the kernel lists connections there, such as hci0:64.
    found = folder.iterdir() if folder.is_dir() else ()
    return tuple(sorted(entry.name for entry in found if _ADAPTER.fullmatch(entry.name)))


def _blocked(folder: Path) -> set[str]:
    switches = folder.glob("rfkill*") if folder.is_dir() else ()
    return {_word(switch / "name") for switch in switches if _is_off(switch)}


def _is_off(switch: Path) -> bool:
    return "1" in (_word(switch / "soft"), _word(switch / "hard"))


def _word(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""


async def _powered() -> dict[str, bool]:
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    try:
        reply = await bus.call(
            Message(
                destination="org.bluez",
                path="/",
                interface="org.freedesktop.DBus.ObjectManager",
                member="GetManagedObjects",
            )
        )
    finally:
        bus.disconnect()
    if reply is None or reply.message_type is MessageType.ERROR:
        said = "" if reply is None else f"{reply.error_name}: {' '.join(map(str, reply.body))}"
        raise DBusError("org.bluez", said or "no answer")
    return _adapters(reply.body[0])


def _adapters(objects: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, bool]:
    return {
        path.rpartition("/")[2]: bool(interfaces[_INTERFACE]["Powered"].value)
        for path, interfaces in objects.items()
        if "Powered" in interfaces.get(_INTERFACE, {})
    }


async def _version() -> str:
    said, _ = await output_of("bluetoothctl", "--version")
    return said.rpartition(" ")[2]
