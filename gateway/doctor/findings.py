"""What the doctor sees, and what it finds. Pure.

In what a probe saw, None means that it could not tell; `problem` says why.
"""

from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    """How a check went; only `fail` keeps a gateway from its work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "cannot tell"


class Finding(msgspec.Struct, frozen=True):
    """One line of the doctor's table: what was checked, how it went, what was seen, what to do."""

    check: str
    verdict: Verdict
    seen: str
    remedy: str = ""


class Saw(msgspec.Struct, frozen=True, kw_only=True):
    """What every probe may say: why it could not look."""

    problem: str = ""


class Adapter(msgspec.Struct, frozen=True):
    """A Bluetooth adapter: its name, such as hci0; powered: None when BlueZ does not say."""

    name: str
    powered: bool | None = None
    blocked: bool = False


class Bluetooth(Saw, frozen=True, kw_only=True):
    """The host's Bluetooth; problem: why BlueZ could not be asked over D-Bus."""

    adapters: tuple[Adapter, ...] = ()
    bluez: str | None = None


class Dongle(msgspec.Struct, frozen=True):
    """A serial device that may be a dongle, or one that the configuration names."""

    path: str
    usable: bool
    group: str
    present: bool = True


class Access(Saw, frozen=True, kw_only=True):
    """Who asks and what others may read: files with their mode when it is too open."""

    user: str
    root: bool
    dongles: tuple[Dongle, ...] = ()
    open_files: tuple[str, ...] = ()


class Clock(Saw, frozen=True, kw_only=True):
    """The host's clock; synchronised: what the kernel says (adjtimex(2))."""

    unix_ms: int
    synchronised: bool | None = None


class BrokerCheck(Saw, frozen=True, kw_only=True):
    """One broker, step by step; each step's milliseconds, None from the one that failed on.

    problem: what the failing step said.
    """

    url: str
    resolve_ms: float | None = None
    connect_ms: float | None = None
    session_ms: float | None = None
    publish_ms: float | None = None
    protocol: str = ""
    encrypted: bool = False
    local: bool = False
    login: bool = False


class Keys(Saw, frozen=True, kw_only=True):
    """The registry: its epochs, the current one first, and how many badges."""

    path: str
    epochs: tuple[int, ...] = ()
    badges: int = 0


class Disk(Saw, frozen=True, kw_only=True):
    """The database's disk; fsync_ms: the slowest of a few; problem: why it takes nothing."""

    path: str
    free_bytes: int | None = None
    fsync_ms: float | None = None


class Database(Saw, frozen=True, kw_only=True):
    """The database file; busy: a gateway has it; check: SQLite's quick_check, "ok" when whole."""

    path: str
    exists: bool = False
    busy: bool = False
    check: str | None = None


class Service(Saw, frozen=True, kw_only=True):
    """The systemd unit, in systemctl's own words: enabled, active."""

    enabled: str | None = None
    active: str | None = None


class Running(Saw, frozen=True, kw_only=True):
    """What the status pages say; off: [status] says so.

    ailments: None when none answers, and then remedy is what to do about that.
    """

    off: bool = False
    ailments: tuple[str, ...] | None = None
    up_s: float | None = None
    remedy: str = ""
