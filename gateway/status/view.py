"""A snapshot on a terminal."""

from rich import box
from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from gateway.contract.messages import Phase
from gateway.status.snapshot import BadgeStatus, LinkStatus, OutboxStatus, RadioStatus, Snapshot

FEW_BADGES = 20
_GOOD, _BAD, _WARN, _DIM = "green", "bold red", "yellow", "dim"
_LOW_BATTERY = 20
_FAINT_DBM = -85
_SILENT_S = 200.0
_QUIET_S = 15.0


def view(snapshot: Snapshot, badges: int = FEW_BADGES) -> RenderableType:
    """Everything at a glance; of many badges those that need somebody, then the latest heard."""
    return Group(
        _headline(snapshot),
        *(Text(f"  {ill.name}: {ill.text}", style=_BAD) for ill in snapshot.ailments),
        _whole(snapshot),
        _radios(snapshot.radios),
        _badges(snapshot.badges, badges),
    )


def no_answer(reason: str) -> RenderableType:
    """What stands there while no gateway answers."""
    return Text.assemble(("no gateway\n", _BAD), reason)


def _headline(snapshot: Snapshot) -> Text:
    word, style = ("ailing", _BAD) if snapshot.ailments else ("healthy", _GOOD)
    line = Text.assemble(
        (snapshot.gateway, "bold"), f" of {snapshot.fleet} is ", (word, f"{style}")
    )
    line.append(f"   version {snapshot.version or '?'}, up {span(snapshot.up_s)}", style=_DIM)
    return line


def _whole(snapshot: Snapshot) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_row("broker", _link(snapshot.link))
    table.add_row("outbox", _outbox(snapshot.outbox))
    refused = ", ".join(f"{why} {times}" for why, times in snapshot.rejected.items() if times)
    table.add_row("frames", f"{snapshot.accepted} taken; refused: {refused or 'none'}")
    return table


def _link(link: LinkStatus) -> Text:
    since = "" if link.for_s is None else f" for {span(link.for_s)}"
    word = ("up", _GOOD) if link.up else ("away", _BAD)
    return Text.assemble(word, f"{since}: {link.reason or link.url}")


def _outbox(outbox: OutboxStatus) -> Text:
    rows = ", ".join(f"{count} {name}" for name, count in outbox.rows.items() if count)
    text = Text(f"{rows} waiting" if rows else "empty", style=_WARN if rows else _GOOD)
    if outbox.oldest_s is not None:
        text.append(f", the oldest for {span(outbox.oldest_s)}", style=_WARN)
    limit = "" if outbox.limit_bytes is None else f" of {size(outbox.limit_bytes)}"
    text.append(f"; {size(outbox.message_bytes)}{limit}", style=_DIM)
    if outbox.free_bytes is not None:
        text.append(f", {size(outbox.free_bytes)} free on the disk", style=_DIM)
    return text


def _radios(radios: tuple[RadioStatus, ...]) -> RenderableType:
    if not radios:
        return Text("no radio found: plug one in, and run: tocsin-gateway doctor", style=_BAD)
    table = Table(
        "radio", "condition", *_right("heard/s", "badges", "strangers", "last"), box=box.SIMPLE_HEAD
    )  # fmt: skip
    for radio in radios:
        good = radio.condition == "scanning"
        condition = f"{radio.condition} {radio.reason}".strip()
        table.add_row(
            radio.name,
            Text(condition, style=_GOOD if good else _BAD),
            f"{radio.per_s:.1f}",
            str(radio.adverts),
            str(radio.ambient),
            _age(radio.age_s, _QUIET_S),
        )
    return table


def _badges(badges: tuple[BadgeStatus, ...], most: int) -> RenderableType:
    if not badges:
        return Text("no badge heard yet: press one", style=_WARN)
    table = Table("badge", "event", *_right("battery", "signal", "heard"), box=box.SIMPLE_HEAD)
    shown = sorted(badges, key=lambda badge: (badge.phase is None, badge.age_s))[:most]
    for badge in shown:
        table.add_row(
            str(badge.number), _phase(badge.phase), _battery(badge), _rssi(badge.rssi),
            _age(badge.age_s, _SILENT_S),
        )  # fmt: skip
    if len(badges) > len(shown):
        table.caption = f"and {len(badges) - len(shown)} more; all: --json"
    return table


def _right(*titles: str) -> list[Column]:
    return [Column(title, justify="right") for title in titles]


def _phase(phase: Phase | None) -> Text:
    return Text("-", style=_DIM) if phase is None else Text(phase, style="bold reverse red")


def _battery(badge: BadgeStatus) -> Text:
    if badge.battery is None:
        return Text("?", style=_DIM)
    low = badge.battery <= _LOW_BATTERY and not badge.charging
    sign = "+" if badge.charging else ""
    return Text(f"{sign}{badge.battery} %", style=_BAD if low else "")


def _rssi(rssi: int) -> Text:
    return Text(f"{rssi} dBm", style=_WARN if rssi < _FAINT_DBM else "")


def _age(age_s: float | None, late_s: float) -> Text:
    if age_s is None:
        return Text("never", style=_BAD)
    style = _WARN if age_s > late_s else ""
    return Text(f"{span(age_s)} ago", style=style)


def span(seconds: float) -> str:
    """A duration for people: the largest unit that fits, and no false precision."""
    for unit, length_s in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length_s:
            return f"{seconds / length_s:.0f} {unit}"
    return f"{seconds:.0f} s"


def size(count: int) -> str:
    """Bytes for people."""
    for unit, length in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if count >= length:
            return f"{count / length:.1f} {unit}"
    return f"{count} bytes"
