"""A snapshot as metrics in the text format of Prometheus. Pure.

Names and units are Prometheus's own conventions: base units, `_total` for
counters, times as unix seconds. Nothing is registered anywhere.
"""

from collections.abc import Iterable, Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.contract.messages import unix_ms
from gateway.status.snapshot import RadioStatus, Snapshot

CONTENT_TYPE = CONTENT_TYPE_LATEST
_PREFIX = "tocsin_gateway"
_PERCENT = 100


def exposition(snapshot: Snapshot) -> bytes:
    """The snapshot as a page of `CONTENT_TYPE`."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Snapshot(snapshot))
    return generate_latest(registry)


class _Snapshot(Collector):
    """What a registry of its own asks: one snapshot's families."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        now_s = unix_ms(self._snapshot.at) / 1000
        yield from _whole(self._snapshot, now_s)
        yield from _radios(self._snapshot.radios, now_s)
        yield from _outbox(self._snapshot, now_s)
        yield from _link(self._snapshot, now_s)
        yield from _badges(self._snapshot, now_s)


def _whole(snapshot: Snapshot, now_s: float) -> Iterator[Metric]:
    about = {
        "gateway": snapshot.gateway,
        "fleet": snapshot.fleet,
        "version": snapshot.version,
    }
    yield InfoMetricFamily(_PREFIX, "Which gateway this is.", value=about)
    yield _gauge("start_time_seconds", "When it started, unix time.", now_s - snapshot.up_s)
    yield _gauge("healthy", "1 when nothing ails it.", not snapshot.ailments)
    yield _gauge("deaf", "1 when badges were heard before and none are now.", _deaf(snapshot))
    yield CounterMetricFamily(
        f"{_PREFIX}_adverts_accepted", "Frames of the fleet that were taken.", snapshot.accepted
    )
    refused = CounterMetricFamily(
        f"{_PREFIX}_rejected", "Frames, buttons and messages refused.", labels=["reason"]
    )
    for reason, times in sorted(snapshot.rejected.items()):
        refused.add_metric([reason], times)
    yield refused


def _deaf(snapshot: Snapshot) -> bool:
    return snapshot.state == "deaf"


def _radios(radios: Iterable[RadioStatus], now_s: float) -> Iterator[Metric]:
    adverts = CounterMetricFamily(
        f"{_PREFIX}_adverts", "Advertisements heard, of the fleet or of strangers.",
        labels=["radio", "of"],
    )  # fmt: skip
    scanning = _labelled("radio_scanning", "1 while a radio scans.", "radio")
    last = _labelled("radio_last_advert_time_seconds", "When it last heard anyone.", "radio")
    for radio in radios:
        adverts.add_metric([radio.name, "fleet"], radio.adverts)
        adverts.add_metric([radio.name, "stranger"], radio.ambient)
        scanning.add_metric([radio.name], radio.condition == "scanning")
        if radio.age_s is not None:
            last.add_metric([radio.name], now_s - radio.age_s)
    yield from (adverts, scanning, last)


def _outbox(snapshot: Snapshot, now_s: float) -> Iterator[Metric]:
    outbox = snapshot.outbox
    rows = _labelled("outbox_rows", "Messages that wait for the broker.", "urgency")
    for urgency, count in outbox.rows.items():
        rows.add_metric([urgency], count)
    yield rows
    yield _gauge("outbox_bytes", "Its size on disk.", outbox.disk_bytes)
    dropped = CounterMetricFamily(
        f"{_PREFIX}_outbox_dropped", "Messages given up for want of space.", labels=["reason"]
    )
    for reason, count in outbox.dropped.items():
        dropped.add_metric([reason], count)
    yield dropped
    yield _gauge("disk_works", "1 while its disk takes what is written.", outbox.disk == "ok")
    if outbox.limit_bytes is not None:
        yield _gauge("outbox_message_bytes", "What its messages take.", outbox.message_bytes)
        yield _gauge("outbox_limit_bytes", "What its messages may take.", outbox.limit_bytes)
    if outbox.free_bytes is not None:
        yield _gauge("disk_free_bytes", "What is free on its disk.", outbox.free_bytes)
    if outbox.oldest_s is not None:
        oldest_s = now_s - outbox.oldest_s
        yield _gauge("outbox_oldest_time_seconds", "When its oldest message entered.", oldest_s)


def _link(snapshot: Snapshot, now_s: float) -> Iterator[Metric]:
    link = snapshot.link
    yield _gauge("broker_up", "1 while the broker is connected.", link.up)
    if link.for_s is not None:
        yield _gauge("broker_changed_time_seconds", "Since when it is so.", now_s - link.for_s)
    yield CounterMetricFamily(
        f"{_PREFIX}_broker_changes", "How often the connection came or went.", link.changes
    )


def _badges(snapshot: Snapshot, now_s: float) -> Iterator[Metric]:
    seen = _labelled("badge_last_heard_time_seconds", "When a badge was last heard.", "badge")
    battery = _labelled("badge_battery_ratio", "Its battery, 0 to 1.", "badge")
    rssi = _labelled("badge_rssi_dbm", "How loudly it was heard.", "badge")
    for badge in snapshot.badges:
        label = [str(badge.number)]
        seen.add_metric(label, now_s - badge.age_s)
        rssi.add_metric(label, badge.rssi)
        if badge.battery is not None:
            battery.add_metric(label, badge.battery / _PERCENT)
    open_events = sum(badge.phase is not None for badge in snapshot.badges)
    yield _gauge("open_events", "Badges that show an open event.", open_events)
    yield from (seen, battery, rssi)


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{_PREFIX}_{name}", help_text, value=float(value))


def _labelled(name: str, help_text: str, label: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{_PREFIX}_{name}", help_text, labels=[label])
