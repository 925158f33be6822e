"""Reports a second committed to the outbox, each commit on the disk before the next begins."""

import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.figures import Figure
from gateway.contract.messages import encode
from gateway.contract.topics import Topics
from gateway.disk.outbox import Outbox
from gateway.intake import Accepted
from gateway.reports import to_message
from gateway.steps import Await, Change, Count, Put, Row, Urgency
from wire.frame import KIND_SOS, PHASE_RAISED, Fix, Report

_GROUPS = (1, 10, 100)
_COMMITS = 200
_ROUNDS = 3
_NOW_MS = 1_790_000_000_000


def run() -> list[Figure]:
    """Single reports, then groups that share a commit as adverts of one moment do."""
    single = 0.0
    figures = []
    for group in _GROUPS:
        rate = median(_rate(group) for _ in range(_ROUNDS))
        single = single or rate
        name = f"outbox: reports committed, {group} a commit"
        peer = None if group == 1 else "1 a commit"
        figures.append(
            Figure(
                name,
                rate,
                "reports/s",
                peer,
                peer and single,
                None if peer is None else rate / single,
            )
        )
    return figures


def _rate(group: int) -> float:
    # Beside the program and not in /tmp, which may be no disk at all.
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        outbox = Outbox(Path(folder) / "gateway.db")
        commits = [_commit(at * group, group) for at in range(_COMMITS)]
        started = perf_counter()
        for changes in commits:
            outbox.commit(changes)
        seconds = perf_counter() - started
        assert len(outbox.restored().rows) == _COMMITS * group
        outbox.close()
    return _COMMITS * group / seconds


def _commit(start: int, group: int) -> list[Change]:
    changes: list[Change] = []
    for number in range(start + 1, start + group + 1):
        badge, counter = number % 500 + 1, number
        report = Report(KIND_SOS, PHASE_RAISED, 1, 80, fix=Fix(51_500_000, -120_000, 1, 3))
        accepted = Accepted(badge, counter, report, False, number.to_bytes(24, "little"))
        payload = encode(to_message(accepted, "hub-1", _NOW_MS, -60))
        topic = Topics("demo").event(badge, 1, "hub-1")
        changes += [
            Count(badge, counter, accepted.frame),
            Put(Row(number, Urgency.EVENT, badge, topic, payload)),
            Await(badge, 1, topic, payload),
        ]
    return changes
