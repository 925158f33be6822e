"""Which serial ports may have a badge on them, and which one is meant."""

import os
from typing import NamedTuple

from serial.tools import list_ports

from provision.errors import PortError

PORTS_VARIABLE = "TOCSIN_PORTS"

# Vendors of the USB chips on ESP32 boards: Espressif, Silicon Labs, WCH, FTDI.
_VENDORS = (0x303A, 0x10C4, 0x1A86, 0x0403)


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
