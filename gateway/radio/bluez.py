"""Adapters of BlueZ, switched off and on over D-Bus (org.bluez.Adapter1, Powered)."""

import asyncio

from dbus_fast import BusType, DBusError, Message, MessageType, Variant
from dbus_fast.aio.message_bus import MessageBus
from dbus_fast.errors import InvalidAddressError

from gateway.errors import RadioError

ANSWER_S = 10.0
_BLUEZ = "org.bluez"
_ADAPTER = "org.bluez.Adapter1"
_ERRORS = (DBusError, InvalidAddressError, OSError, EOFError, TimeoutError)


async def power_cycle(adapter: str | None, *, bus_address: str | None = None) -> None:
    """Switch an adapter such as "hci0", or with None each of them, off and on.

    bus_address: of another bus than the system's. Raises RadioError.
    """
    try:
        async with asyncio.timeout(ANSWER_S):
            bus = MessageBus(bus_address, bus_type=BusType.SYSTEM)
            try:
                await bus.connect()
                for path in [f"/org/bluez/{adapter}"] if adapter else await _adapters(bus):
                    await _set_powered(bus, path, False)
                    await _set_powered(bus, path, True)
            finally:
                bus.disconnect()
    except _ERRORS as error:
        raise RadioError(
            f"{adapter or 'Bluetooth'} cannot be switched off and on:"
            f" {_words(error) or 'no answer from bluetoothd'}; check that bluetoothd runs, and that"
            " this user may (group bluetooth)"
        ) from error


def _words(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


async def _adapters(bus: MessageBus) -> list[str]:
    reply = await _call(bus, "/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
    found = [path for path, interfaces in reply.body[0].items() if _ADAPTER in interfaces]
    if not found:
        raise OSError("there is no adapter")
    return sorted(found)


async def _set_powered(bus: MessageBus, path: str, powered: bool) -> None:
    body = [_ADAPTER, "Powered", Variant("b", powered)]
    await _call(bus, path, "org.freedesktop.DBus.Properties", "Set", "ssv", body)


async def _call(
    bus: MessageBus,
    path: str,
    interface: str,
    member: str,
    signature: str = "",
    body: list[object] | None = None,
) -> Message:
    reply = await bus.call(
        Message(
            destination=_BLUEZ,
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=body or [],
        )
    )
    if reply is None or reply.message_type is MessageType.ERROR:
        raise OSError(f"{path}: {reply.body[0] if reply and reply.body else 'no answer'}")
    return reply
