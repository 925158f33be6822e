"""The host itself: who we are, what may be opened, the clock, and the service manager."""

import ctypes
import grp
import os
import pwd
import stat
from collections.abc import Iterable
from pathlib import Path

from gateway.doctor.findings import Access, Clock, Dongle, Service
from gateway.doctor.probes.commands import output_of
from gateway.host.clocks import wall_ms

SERVICE = "tocsin-gateway.service"
_SERIAL = ("ttyUSB*", "ttyACM*")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_TIMEX_BYTES = 1024  # struct timex is smaller on every platform
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised


def serial_devices(dev: Path = Path("/dev")) -> tuple[Path, ...]:
    """Where a dongle would be."""
    return tuple(device for pattern in _SERIAL for device in sorted(dev.glob(pattern)))


def look_at_access(private: Iterable[Path], serial: Iterable[Path] = ()) -> Access:
    """private: files that nobody else may read; those that are missing are others' concern."""
    dongles = tuple(map(_dongle, serial))
    try:
        modes = [(path, path.stat().st_mode) for path in private if path.exists()]
        unreadable = [path for path, _ in modes if not os.access(path, os.R_OK)]
    except OSError as error:
        return Access(user=_user(), root=False, dongles=dongles, problem=str(error))
    open_files = tuple(
        f"{path} (mode {stat.S_IMODE(mode):04o})" for path, mode in modes if mode & _OTHERS
    )
    return Access(
        user=_user(),
        root=os.geteuid() == 0,
        dongles=dongles,
        open_files=open_files,
        problem=f"{_user()} may not read {unreadable[0]}" if unreadable else "",
    )


def look_at_clock() -> Clock:
    """The time, and whether the kernel knows it to be right: true under any NTP program."""
    now_ms = wall_ms()
    try:
        # A request that changes nothing: all zeros.
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (AttributeError, OSError):
        return Clock(unix_ms=now_ms, problem="this system does not say if it is synchronised")
    if state < 0:
        return Clock(unix_ms=now_ms, problem="the kernel does not say if it is synchronised")
    return Clock(unix_ms=now_ms, synchronised=state != _TIME_ERROR)


async def look_at_service() -> Service:
    """Whether systemd starts the gateway, and has."""
    said, problem = await output_of(
        "systemctl", "show", "--property=UnitFileState,ActiveState", SERVICE
    )
    if problem:
        return Service(problem=problem)
    states = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    enabled = states.get("UnitFileState") or "not installed"
    return Service(enabled=enabled, active=states.get("ActiveState"))


def _dongle(device: Path) -> Dongle:
    usable = os.access(device, os.R_OK | os.W_OK)
    return Dongle(str(device), usable, _group(device), device.exists())


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _group(device: Path) -> str:
    try:
        return grp.getgrgid(device.stat().st_gid).gr_name
    except (KeyError, OSError):
        return "dialout"
