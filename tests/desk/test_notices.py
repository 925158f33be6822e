"""What gateways did by themselves while the desk was away stands on the alert."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from desk.alert import Key, sight
from desk.alerts import Alerts
from desk.cells import details
from desk.core import Core, Setting
from desk.ingest import read
from desk.notices import Notices
from desk.store import Store
from desk.turns import (
    Announce,
    Archive,
    Cleared,
    Count,
    Noticed,
    Reported,
    Resolve,
    SaveAlert,
    SaveNotice,
)
from gateway.contract.errors import ContractError
from gateway.contract.messages import Kind, Notice, Phase, Report, encode, rfc3339
from gateway.contract.session import Received
from gateway.contract.topics import Topics

MakeReport = Callable[..., Report]
NOW_MS = 1_800_000_000_000
NOTICE = Notice(
    badge=1,
    event=2,
    gateway="hub-1",
    first_at=rfc3339(NOW_MS - 60_000),
    at=rfc3339(NOW_MS - 60_000),
    calls=1,
    reached=2,
    targets=3,
    siren=True,
    reason="no_broker",
)
notices = st.builds(
    Notice,
    badge=st.just(1),
    event=st.just(2),
    gateway=st.sampled_from(("hub-1", "hub-2")),
    first_at=st.just(NOTICE.first_at),
    at=st.just(NOTICE.at),
    calls=st.integers(1, 4),
    reached=st.integers(0, 3),
    targets=st.just(3),
    silenced=st.booleans(),
)


@pytest.fixture
def core() -> Alerts:
    return Alerts({1: "Asha N."})


def test_a_notice_is_kept_and_shown_with_the_alert(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    core.step(now_ms, Reported(report()))
    effects = core.step(now_ms + 5, Noticed(NOTICE))
    (record,) = core.records
    assert [type(effect) for effect in effects] == [SaveNotice, SaveAlert, Announce]
    assert record.notices == (NOTICE,)
    assert record.updated_at == rfc3339(now_ms + 5)
    assert "hub-1 called people by itself, 2 of 3 took it" in record.warnings
    assert "by hub-1" in details(record, now_ms)
    assert "2 of 3 took it, siren (no broker)" in details(record, now_ms)


def test_a_notice_that_comes_before_the_event_waits_for_it(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    assert core.step(now_ms, Noticed(NOTICE)) == (SaveNotice(NOTICE),)
    assert core.records == ()
    core.step(now_ms, Reported(report()))
    assert core.records[0].notices == (NOTICE,)


def test_a_notice_that_comes_twice_changes_nothing(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    core.step(now_ms, Reported(report()))
    core.step(now_ms, Noticed(NOTICE))
    assert core.step(now_ms, Noticed(NOTICE)) == (Count("notice_late"),)


@given(st.lists(notices, min_size=1), st.randoms())
def test_the_order_of_notices_does_not_matter(told: list[Notice], rng: Random) -> None:
    raised = sight(_report(), NOW_MS, NOW_MS)
    shuffled = list(told)
    rng.shuffle(shuffled)
    assert Notices(told).of(raised) == Notices(shuffled).of(raised)
    assert {notice.gateway for notice in Notices(told).of(raised)} == {n.gateway for n in told}


def test_a_notice_survives_a_restart_with_its_alert_and_without(
    tmp_path: Path, report: MakeReport, now_ms: int
) -> None:
    early = replace(NOTICE, event=9)
    store = Store(tmp_path / "desk.db")
    store.commit([SaveAlert(sight(report(), now_ms, now_ms)), SaveNotice(NOTICE)])
    store.commit([SaveNotice(early), SaveNotice(replace(early, calls=2))])
    store.close()
    store = Store(tmp_path / "desk.db")
    core = Core(Setting(), store.load())
    core.step(now_ms, Reported(report(event=9, counter=11)))
    assert [[one.calls for one in record.notices] for record in core.records] == [[1], [2]]
    store.commit([Archive(Key(1, 2))])
    assert store.load().notices == (replace(early, calls=2),)
    store.close()


def test_an_archived_alert_forgets_its_notices(
    core: Alerts, report: MakeReport, now_ms: int
) -> None:
    core.step(now_ms, Reported(report()))
    core.step(now_ms, Noticed(NOTICE))
    core.step(now_ms, Resolve("1-2", "Ben"))
    core.step(now_ms, Cleared(Key(1, 2)))
    assert core.step(now_ms, Noticed(NOTICE)) == (SaveNotice(NOTICE),)
    assert core.records == ()


@pytest.mark.parametrize(
    "wrong", [{"badge": 3}, {"event": 3}, {"gateway": "hub-2"}, {"at": "2026-13-01T00:00:00.000Z"}]
)
def test_a_notice_that_is_not_its_topics_is_refused(
    topics: Topics, wrong: dict[str, object]
) -> None:
    topic = topics.notice(1, 2, "hub-1")
    assert read(topics, Received(topic, encode(NOTICE), False, None)) == Noticed(NOTICE)
    with pytest.raises(ContractError):
        read(topics, Received(topic, encode(replace(NOTICE, **wrong)), False, None))


def _report() -> Report:
    return Report(
        badge=1,
        event=2,
        kind=Kind.SOS,
        phase=Phase.RAISED,
        counter=1,
        gateway="hub-1",
        heard_at=NOTICE.at,
    )
