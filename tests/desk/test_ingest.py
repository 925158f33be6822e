"""Whatever the broker delivers is taken or counted, and always acknowledged."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.core import Core, Setting
from desk.engine import Engine
from desk.links import SILENT_MS
from desk.store import Store
from gateway.contract.messages import CommandResult, GatewayState, Opcode, Report, encode, rfc3339
from gateway.contract.session import Received
from gateway.contract.topics import Topics

from .conftest import World

MakeReport = Callable[..., Report]
ROOT = "tocsin/v1/demo/"


class Bench:
    """An engine with its world and a clock that the test sets."""

    def __init__(self, store: Store, topics: Topics, now_ms: int) -> None:
        self.now_ms = now_ms
        self.set_by_ms = 0  # its host's clock
        self.world = World()
        self.engine = Engine(
            Core(Setting({1: "Asha N."})),
            store,
            self.world,
            topics,
            lambda: self.now_ms + self.set_by_ms,
            lambda: self.now_ms,
        )

    def counts(self) -> dict[str, int]:
        return self.engine.view(broker=True, reason="", supervisors=0).counts

    def take(self, topic: str, payload: bytes, *, retained: bool = False) -> None:
        self.engine.take([Received(topic, payload, retained, None)])


@pytest.fixture
def bench(tmp_path: Path, topics: Topics, now_ms: int) -> Iterator[Bench]:
    store = Store(tmp_path / "desk.db")
    yield Bench(store, topics, now_ms)
    store.close()


def changed(report: Report, **fields: object) -> bytes:
    return json.dumps(json.loads(encode(report)) | fields).encode()


@pytest.mark.parametrize(
    ("topic", "fields", "reason"),
    [
        ("event/1/2/hub-1", {"v": 2}, "version"),
        ("event/1/2/hub-1", {"badge": "1"}, "schema"),
        ("event/1/2/hub-1", {"kind": "party"}, "schema"),
        ("event/1/2/hub-1", {"heard_at": "2026-13-01T00:00:00.000Z"}, "time"),
        ("event/1/2/hub-1", {"padding": "x" * 70_000}, "size"),
        ("event/2/2/hub-1", {}, "mismatch"),
        ("event/1/3/hub-1", {}, "mismatch"),
        ("event/1/2/hub-2", {}, "mismatch"),
        ("badge/2/status", {}, "mismatch"),
        ("event/1/99999/hub-1", {}, "topic"),
        ("event/1/2/hub 1", {}, "topic"),
        ("alert/1-2", {}, "topic"),
    ],
)
def test_a_bad_message_is_counted_by_reason_and_acknowledged(
    bench: Bench, report: MakeReport, topic: str, fields: dict[str, object], reason: str
) -> None:
    bench.take(ROOT + topic, changed(report(), **fields))
    assert bench.counts() == {reason: 1}
    assert bench.engine.records == ()
    assert len(bench.world.acknowledged) == 1


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    topic=st.sampled_from(
        ["event/1/2/hub-1", "badge/1/status", "command/1/result/hub-1", "gateway/hub-1/state"]
    ),
    payload=st.binary(max_size=80) | st.text(max_size=40).map(str.encode),
)
def test_any_payload_is_survived(bench: Bench, topic: str, payload: bytes) -> None:
    bench.take(ROOT + topic, payload)
    assert bench.engine.records == ()


def test_a_bad_message_takes_no_good_one_with_it(
    bench: Bench, report: MakeReport, received: Callable[..., Received]
) -> None:
    bad = Received(f"{ROOT}event/1/2/hub-1", b"{", False, None)
    bench.engine.take([bad, received(report()), bad])
    assert [record.alert for record in bench.engine.records] == ["1-2"]
    assert len(bench.world.acknowledged) == 3


def test_the_log_of_a_refused_message_holds_nothing_of_it(
    bench: Bench, report: MakeReport, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.take(f"{ROOT}event/1/2/secret-hub", changed(report(), kind="secret-kind"))
    said = "".join(capsys.readouterr())
    assert "schema" in said
    assert "secret" not in said
    assert "53.5" not in said


def test_a_retained_event_is_counted_and_rings_no_second_time(
    bench: Bench, report: MakeReport, received: Callable[..., Received]
) -> None:
    bench.engine.take([received(report())])
    bench.engine.take([received(report(), retained=True)])
    assert bench.counts() == {"retained": 1, "repeated": 1}
    assert len(bench.world.commands) == 1


def test_a_heartbeat_of_an_open_event_is_taken_from_the_status_topic(
    bench: Bench, report: MakeReport
) -> None:
    bench.take(f"{ROOT}badge/1/status", changed(report(), kind="status"), retained=True)
    assert [record.alert for record in bench.engine.records] == ["1-2"]


def test_a_result_that_no_command_asked_for_is_counted(bench: Bench, now_ms: int) -> None:
    result = CommandResult(
        id="x",
        badge=1,
        event=9,
        opcode=Opcode.DELIVERED,
        gateway="hub-1",
        taken=True,
        at=rfc3339(now_ms),
    )
    bench.take(f"{ROOT}command/1/result/hub-1", encode(result))
    assert bench.counts() == {"result_unknown": 1}


def test_a_gateway_that_says_nothing_for_90_seconds_is_silent(bench: Bench, now_ms: int) -> None:
    for name, state in (("hub-1", "online"), ("hub-2", "deaf"), ("hub-3", "offline")):
        message = GatewayState(gateway=name, state=state, at=rfc3339(now_ms))  # type: ignore[arg-type]
        bench.take(f"{ROOT}gateway/{name}/state", encode(message), retained=True)

    def states() -> list[str]:
        view = bench.engine.view(broker=True, reason="", supervisors=0)
        return [gateway.state for gateway in view.gateways]

    for set_by_ms in (0, 3_600_000, -3_600_000):  # which makes none silent, and hides none
        bench.set_by_ms = set_by_ms
        assert states() == ["online", "deaf", "offline"]
    bench.now_ms += SILENT_MS + 1
    assert states() == ["silent", "deaf", "offline"]
