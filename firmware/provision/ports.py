"""Which serial ports may have a badge on them, and which one is meant."""

import errno
import os
from collections.abc import Callable, Iterator
from typing import NamedTuple

from serial.tools import list_ports

from provision.errors import PortError

PORTS_VARIABLE = "TOCSIN_PORTS"

# Vendors of the USB chips on ESP32 boards: Espressif, Silicon Labs, WCH, FTDI.
_VENDORS = (0x303A, 0x10C4, 0x1A86, 0x0403)


_BACK_S = 10.0  # a chip starts within one, and the system lists its port again
_LOOK_S = 0.1


class Device(NamedTuple):
    """What stays the same of a port that goes and comes back, perhaps under another path.

    location, serial_number: of USB; None for a port that the system does not list.
    """

    path: str
    location: str | None
    serial_number: str | None


class Port(NamedTuple):
    """path: what opens it; usb: what its USB chip calls itself; likely: may be a badge."""

    path: str
    usb: str
    likely: bool


def known_ports() -> list[Port]:
    """Every serial port on USB; those in $TOCSIN_PORTS instead, where it is set.

    The variable is for ports that the system does not list, such as a simulated board's.
    """
    if chosen := os.environ.get(PORTS_VARIABLE):
        return [Port(path, PORTS_VARIABLE, likely=True) for path in chosen.split(os.pathsep)]
    return sorted(
        Port(found.device, found.description or "", found.vid in _VENDORS)
        for found in list_ports.comports()
        if found.vid is not None
    )


def choose_port(wanted: str | None, known: list[Port]) -> str:
    """The port to work on. Raises PortError when that is not clear."""
    if wanted is not None:
        return wanted
    likely = [port.path for port in known if port.likely]
    if not likely:
        raise PortError("no badge found; plug one in, or name its port with --port")
    if len(likely) > 1:
        raise PortError(f"several badges: {', '.join(likely)}; choose one with --port")
    return likely[0]


def why_not(path: str) -> str:
    """Why a port could not be opened, and what to do."""
    if not os.path.exists(path):
        return f"{path}: no such port; run tocsin-badge list to see what there is"
    if not os.access(path, os.R_OK | os.W_OK):
        return f"{path}: you may not use it; run: sudo usermod -aG dialout $USER, and log in again"
    if not _is_terminal(path):
        return f"{path}: no serial port; run tocsin-badge list to see what there is"
    return f"{path}: another program uses it; close that one (a serial monitor, tocsin-gateway)"


def device_at(path: str) -> Device:
    """What is at a port now."""
    real = os.path.realpath(path)
    return next((found for found in _devices() if found.path == real), Device(path, None, None))


def find_again(device: Device, known: list[Device]) -> str | None:
    """The path of that device now: in the same USB socket, or of the same serial number."""
    if device.location is None and device.serial_number is None:
        return device.path if os.path.exists(device.path) else None
    sockets = [found.path for found in known if found.location == device.location is not None]
    numbers = [
        found.path for found in known if found.serial_number == device.serial_number is not None
    ]
    return next(iter(sockets + numbers), None)


def await_device(device: Device, wait: Callable[[float], None]) -> Iterator[str]:
    """Its path, each time that it is looked for and is there. Ends after 10 s.

    wait: passes so many seconds.
    """
    for _ in range(round(_BACK_S / _LOOK_S)):
        path = find_again(device, _devices())
        if path is not None:
            yield path
        wait(_LOOK_S)


def _devices() -> list[Device]:
    return [
        Device(found.device, found.location, found.serial_number) for found in list_ports.comports()
    ]


def _is_terminal(path: str) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError as error:
        return error.errno == errno.EBUSY
    try:
        return os.isatty(descriptor)
    finally:
        os.close(descriptor)
