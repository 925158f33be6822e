"""What to make of what the probes saw. Pure."""

import shlex
from datetime import UTC, datetime

from gateway.doctor.findings import (
    Access,
    Adapter,
    Bluetooth,
    BrokerCheck,
    Clock,
    Database,
    Disk,
    Finding,
    Keys,
    Running,
    Service,
    Verdict,
)

OLDEST_YEAR, NEWEST_YEAR = 2025, 2100
FREE_FAIL_BYTES, FREE_WARN_BYTES = 64 * 2**20, 512 * 2**20
SLOW_FSYNC_MS, SLOW_BROKER_MS = 200.0, 1000.0

_OK, _WARN, _FAIL, _UNKNOWN = Verdict.OK, Verdict.WARN, Verdict.FAIL, Verdict.UNKNOWN


def bluetooth(saw: Bluetooth, dongles: int, wanted: str | None) -> Finding:
    """dongles: usable ones, which can stand in; wanted: one that [radio] names, None: any."""
    names = tuple(adapter.name for adapter in saw.adapters)
    if wanted is not None and wanted not in names:
        return Finding(
            "adapter", _FAIL, f"{wanted} is not there; there is: {', '.join(names) or 'none'}",
            "plug it in, or name another in [radio] adapter",
        )  # fmt: skip
    if not names:
        seen, remedy = "no Bluetooth adapter", "plug in a USB adapter or a dongle"
        if dongles:
            return Finding("adapter", _OK, f"{seen}; {dongles} dongle(s) hear instead")
        return Finding("adapter", _FAIL, seen, remedy)
    return _adapter(saw, next(a for a in saw.adapters if wanted in (None, a.name)))


def _adapter(saw: Bluetooth, adapter: Adapter) -> Finding:
    if adapter.blocked:
        return Finding(
            "adapter", _FAIL, f"{adapter.name} is switched off (rfkill)", "rfkill unblock bluetooth"
        )
    if saw.bluez is None:
        return Finding(
            "adapter", _FAIL, f"{adapter.name} is there, BlueZ does not answer: {saw.problem}",
            "apt install bluez; systemctl enable --now bluetooth; join the group bluetooth",
        )  # fmt: skip
    if adapter.powered is None:
        seen = f"{adapter.name} is there, BlueZ {saw.bluez} does not know it"
        return Finding("adapter", _WARN, seen, "systemctl restart bluetooth")
    if not adapter.powered:
        seen = f"{adapter.name} has no power"
        return Finding("adapter", _FAIL, seen, "bluetoothctl power on")
    return Finding("adapter", _OK, f"{adapter.name} is on, BlueZ {saw.bluez}")


def dongles(saw: Access) -> Finding:
    """Serial devices that this user may not open are deaf ears."""
    if missing := [dongle.path for dongle in saw.dongles if not dongle.present]:
        remedy = "plug it in, or correct [radio] ports"
        return Finding("dongles", _FAIL, f"not there: {', '.join(missing)}", remedy)
    shut = [dongle for dongle in saw.dongles if not dongle.usable]
    if shut:
        paths = ", ".join(dongle.path for dongle in shut)
        groups = " ".join(sorted({dongle.group for dongle in shut}))
        return Finding(
            "dongles", _FAIL, f"{saw.user} may not open {paths}",
            f"usermod -aG {groups} {saw.user}, then log in again",
        )  # fmt: skip
    paths = ", ".join(dongle.path for dongle in saw.dongles)
    return Finding("dongles", _OK, paths or "none plugged in")


def files(saw: Access) -> Finding:
    """Secrets and positions are for the gateway's own eyes."""
    if saw.problem:
        return Finding("files", _FAIL, saw.problem, "see the line above")
    if saw.open_files:
        named = ", ".join(saw.open_files)
        paths = shlex.join(file.rpartition(" (")[0] for file in saw.open_files)
        return Finding("files", _FAIL, f"others may read {named}", f"chmod 600 {paths}")
    if saw.root:
        return Finding(
            "files", _WARN, "private; but you are root, who may read all",
            "ask as the gateway's user: sudo -u tocsin tocsin-gateway doctor --config FILE",
        )  # fmt: skip
    return Finding("files", _OK, f"private, and {saw.user} can read them")


def clock(saw: Clock) -> Finding:
    """Stale reports and expiring commands are told by the clock."""
    now = datetime.fromtimestamp(saw.unix_ms / 1000, UTC)
    seen, remedy = f"{now:%Y-%m-%d %H:%M} UTC", "timedatectl set-ntp true, or install chrony"
    if not OLDEST_YEAR <= now.year < NEWEST_YEAR:
        return Finding("clock", _FAIL, f"{seen}: not set", remedy)
    if saw.synchronised is None:
        return Finding("clock", _UNKNOWN, f"{seen}; {saw.problem}", remedy)
    if not saw.synchronised:
        return Finding("clock", _WARN, f"{seen}, not synchronised", remedy)
    return Finding("clock", _OK, f"{seen}, synchronised")


def broker(saw: BrokerCheck) -> Finding:
    """From the name to a PUBACK; the first step that failed is the finding."""
    check = f"broker {saw.url}"
    steps = (
        (saw.resolve_ms, "its name is not known", "correct [broker] url, or the DNS server"),
        (saw.connect_ms, "nobody listens there", "start the broker; look at firewall and port"),
        (saw.session_ms, "no session", "correct user, password, certificates or the ACL"),
        (saw.publish_ms, "no PUBACK", "let the ACL permit what docs/protocol.md lists"),
    )
    for took_ms, failed, remedy in steps:
        if took_ms is None:
            problem, _, exact = saw.problem.partition("; ")
            seen = f"{failed}: {problem}" if problem else failed
            return Finding(check, _FAIL, seen, exact or remedy)
    return _reached(check, saw)


def _reached(check: str, saw: BrokerCheck) -> Finding:
    ms = saw.publish_ms or 0.0
    seen = f"logged in, subscribed, PUBACK after {ms:.0f} ms, {saw.protocol}".rstrip(", ")
    if not saw.local and not saw.encrypted:
        return Finding(check, _WARN, f"{seen}; not encrypted", "use mqtts:// across a network")
    if not saw.local and not saw.login:
        return Finding(check, _WARN, f"{seen}; without a login", "set [broker] username")
    if ms > SLOW_BROKER_MS:
        return Finding(check, _WARN, f"{seen}: slow", "look at the network and the broker's disk")
    return Finding(check, _OK, seen)


def keys(saw: Keys) -> Finding:
    """The registry must be there, and name somebody."""
    if saw.problem:
        return Finding("keys", _FAIL, saw.problem, "copy the file that tocsin-badge wrote")
    current, *before = saw.epochs
    seen = f"badges: {saw.badges}; epoch {current}"
    if before:
        seen += f", and still the previous, {before[0]}"
    if not saw.badges:
        return Finding("keys", _WARN, seen, "provision a badge: tocsin-badge provision")
    return Finding("keys", _OK, seen)


def disk(saw: Disk) -> Finding:
    """Every alert waits for one fsync."""
    if saw.problem:
        return Finding("disk", _FAIL, saw.problem, "make room, or let the user write there")
    free, fsync_ms = saw.free_bytes or 0, saw.fsync_ms or 0.0
    seen = f"{free // 2**20} MiB free at {saw.path}, fsync {fsync_ms:.1f} ms"
    if free < FREE_FAIL_BYTES:
        return Finding("disk", _FAIL, seen, "make room: journalctl --vacuum-size=100M")
    if free < FREE_WARN_BYTES:
        return Finding("disk", _WARN, seen, "make room before it is full")
    if fsync_ms > SLOW_FSYNC_MS:
        return Finding("disk", _WARN, f"{seen}: slow", "use an SSD, or a better memory card")
    return Finding("disk", _OK, seen)


def database(saw: Database) -> Finding:
    """A damaged database is set aside by the gateway; better to know before."""
    if not saw.exists:
        return Finding("database", _OK, f"{saw.path}: made at the first start")
    if saw.busy:
        return Finding("database", _OK, "in use by the running gateway")
    if saw.check == "ok":
        return Finding("database", _OK, f"{saw.path}: whole")
    if saw.check is None:
        remedy = "ask as the gateway's user, while the gateway is stopped"
        return Finding("database", _UNKNOWN, saw.problem, remedy)
    return Finding(
        "database", _FAIL, f"{saw.path}: {saw.check}", "keep a copy; start the gateway to repair it"
    )


def service(saw: Service) -> Finding:
    """After a power cut it must come back by itself."""
    if saw.enabled is None:
        return Finding("service", _UNKNOWN, saw.problem)
    if saw.enabled not in {"enabled", "enabled-runtime"}:
        return Finding(
            "service", _WARN, f"{saw.enabled}: a restart of this machine is the end of it",
            "tocsin-gateway unit > /etc/systemd/system/tocsin-gateway.service;"
            " systemctl enable --now tocsin-gateway",
        )  # fmt: skip
    if saw.active != "active":
        remedy = "systemctl start tocsin-gateway; journalctl -u tocsin-gateway -n 20"
        return Finding("service", _FAIL, f"enabled, but {saw.active}", remedy)
    return Finding("service", _OK, "enabled and active")


def running(saw: Running) -> Finding:
    """What the gateway says of itself."""
    if saw.off:
        return Finding("gateway", _UNKNOWN, "[status] listen is off")
    if saw.ailments is None:
        return Finding("gateway", _WARN, saw.problem, saw.remedy)
    if saw.ailments:
        return Finding("gateway", _FAIL, "; ".join(saw.ailments), "tocsin-gateway status")
    return Finding("gateway", _OK, f"runs, and is healthy, for {saw.up_s or 0:.0f} s")
