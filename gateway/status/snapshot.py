"""How a gateway is, as one value for people, for monitoring and for the doctor. Pure.

There is no position in it: whoever may ask how the gateway is may not ask
where somebody is.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec

from gateway.contract.messages import Phase, RadioState, Timestamp
from gateway.status.tally import Counts

State = Literal["online", "deaf"]
#: How the text of an ailment ends that the doctor knows more about.
ASK_THE_DOCTOR = "; run: tocsin-gateway doctor"


class RadioStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A radio: its condition by its own account, and what it heard.

    adverts: of the fleet or of buttons; ambient: of strangers; both since the
    start. per_s: both together, lately. age_s: since the last of either.
    """

    name: str
    condition: str = "starting"
    reason: str = ""
    adverts: int = 0
    ambient: int = 0
    per_s: float = 0.0
    age_s: float | None = None


def radio_status(radio: RadioState, counts: Counts) -> RadioStatus:
    """A radio's own word and what it heard, as one."""
    return RadioStatus(
        name=radio.name,
        condition=radio.state,
        reason=radio.reason,
        adverts=counts.adverts,
        ambient=counts.ambient,
        per_s=counts.per_s,
        age_s=radio.last_advert_age_s,
    )


class BadgeStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A badge as this gateway last heard it; phase: of its open event, None without one."""

    number: int
    battery: int | None
    charging: bool
    rssi: int
    age_s: float
    phase: Phase | None


class OutboxStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for the broker: rows by urgency, the oldest's age, and sizes.

    disk_bytes: all its files. message_bytes, limit_bytes: what its messages take, and may.
    disk, trouble: as `gateway.disk.outbox.Outbox`. dropped: rows given up for space, by reason.
    """

    rows: dict[str, int] = {}
    oldest_s: float | None = None
    disk_bytes: int = 0
    message_bytes: int = 0
    limit_bytes: int | None = None
    free_bytes: int | None = None
    disk: Literal["ok", "full", "failed"] = "ok"
    trouble: str = ""
    dropped: dict[str, int] = {}

    @property
    def depth(self) -> int:
        return sum(self.rows.values())


class LinkStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The connection to the broker: whether it is up, since when, and what was last said of it.

    url: all that are configured, without credentials; reason: which one, and why.
    """

    url: str
    up: bool = False
    for_s: float | None = None
    reason: str = ""
    changes: int = 0


class Ailment(msgspec.Struct, frozen=True):
    """Something that ails the gateway: a fixed word, what is wrong and what to do."""

    name: str
    text: str


class Limits(msgspec.Struct, frozen=True):
    """When something counts as an ailment."""

    broker_away_s: float = 60.0
    free_bytes: int = 64 * 1024 * 1024
    outbox_share: float = 0.9


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A gateway at one moment. Frames and messages refused are counted by reason."""

    gateway: str
    fleet: str
    version: str
    state: State
    at: Timestamp
    up_s: float
    radios: tuple[RadioStatus, ...]
    badges: tuple[BadgeStatus, ...]
    outbox: OutboxStatus
    link: LinkStatus
    accepted: int = 0
    rejected: dict[str, int] = {}
    ailments: tuple[Ailment, ...] = ()


def judged(snapshot: Snapshot, limits: Limits) -> Snapshot:
    """The same snapshot with what ails the gateway."""
    ailments = (*_radio(snapshot), *_link(snapshot, limits), *_disk(snapshot.outbox, limits))
    return msgspec.structs.replace(snapshot, ailments=ailments)


def _radio(snapshot: Snapshot) -> Iterable[Ailment]:
    if snapshot.state == "deaf":
        yield Ailment("deaf", f"no badge is heard any more{ASK_THE_DOCTOR}")
    if not any(radio.condition == "scanning" for radio in snapshot.radios):
        reasons = "; ".join(f"{radio.name}: {radio.reason}" for radio in snapshot.radios)
        yield Ailment("radio", f"no radio scans ({reasons or 'none found'}){ASK_THE_DOCTOR}")


def _link(snapshot: Snapshot, limits: Limits) -> Iterable[Ailment]:
    link = snapshot.link
    away_s = snapshot.up_s if link.for_s is None else link.for_s
    if not link.up and away_s > limits.broker_away_s:
        yield Ailment(
            "broker",
            f"away for {away_s:.0f} s ({link.reason or f'{link.url}: no answer yet'});"
            f" alerts wait on this disk{ASK_THE_DOCTOR}",
        )


def _disk(outbox: OutboxStatus, limits: Limits) -> Iterable[Ailment]:
    if outbox.disk != "ok":
        yield Ailment(
            "disk", f"{outbox.disk}: {outbox.trouble or 'no room'}; make room, or mend it"
        )
    elif outbox.free_bytes is not None and outbox.free_bytes < limits.free_bytes:
        yield Ailment(
            "disk", f"{outbox.free_bytes // 2**20} MiB are free on the disk; delete something"
        )
    limit = outbox.limit_bytes
    if limit and outbox.message_bytes > limit * limits.outbox_share:
        share = 100 * outbox.message_bytes // limit
        yield Ailment(
            "outbox", f"the outbox is {share}% full; the broker takes nothing, or [outbox] is small"
        )
