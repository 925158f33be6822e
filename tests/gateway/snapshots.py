"""Snapshots for tests: a healthy one, and variations."""

from typing import Any

import msgspec

from gateway.contract.messages import Phase
from gateway.status.snapshot import BadgeStatus, LinkStatus, OutboxStatus, RadioStatus, Snapshot

HEALTHY = Snapshot(
    gateway="hub-1",
    fleet="demo",
    version="1.2",
    state="online",
    at="2026-11-22T00:00:00.000Z",
    up_s=3600,
    radios=(RadioStatus(name="hci0", condition="scanning", adverts=3, ambient=9, age_s=0.5),),
    badges=(
        BadgeStatus(number=7, battery=80, charging=False, rssi=-60, age_s=2, phase=Phase.DELIVERED),
        BadgeStatus(number=9, battery=None, charging=False, rssi=-90, age_s=400, phase=None),
    ),
    outbox=OutboxStatus(rows={"event": 0, "status": 0}, free_bytes=2**40, limit_bytes=2**28),
    link=LinkStatus(url="mqtt://127.0.0.1:1883", up=True, for_s=60),
    accepted=12,
    rejected={"tag": 2, "replay": 0},
)


def snapshot(**changes: Any) -> Snapshot:
    """The healthy snapshot with changes; of a part as part__field."""
    whole = HEALTHY
    for name, value in changes.items():
        part, _, field = name.partition("__")
        if field:
            changed = msgspec.structs.replace(getattr(whole, part), **{field: value})
        else:
            changed = value
        whole = msgspec.structs.replace(whole, **{part: changed})
    return whole
