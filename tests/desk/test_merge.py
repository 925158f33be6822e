"""Reports come late, repeated, out of order and through several gateways: one alert, the same."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from desk.alert import Alert, join, sight
from desk.alerts import Alerts
from desk.turns import Reported
from gateway.contract.messages import KINDS, PHASES, AlertRecord, Position, Report, rfc3339, unix_ms

NOW_MS = 1_800_000_000_000

positions = st.builds(
    Position,
    latitude=st.sampled_from((-90.0, 0.0, 53.5)),
    longitude=st.sampled_from((-180.0, 2.25)),
    age_s=st.sampled_from((None, 2, 60)),
    accuracy_m=st.sampled_from((None, 1, 8)),
)
reports = st.builds(
    Report,
    badge=st.integers(1, 2),
    event=st.sampled_from((0, 1, 2, 65_535)),
    kind=st.sampled_from(KINDS),
    phase=st.sampled_from(PHASES),
    counter=st.integers(0, 12),
    gateway=st.sampled_from(("hub-1", "hub-2", "hub-3")),
    heard_at=st.integers(NOW_MS - 5_000, NOW_MS + 5_000).map(rfc3339),
    position=st.none() | positions,
    battery=st.none() | st.integers(0, 100),
    covert=st.booleans(),
    drill=st.booleans(),
    stale=st.booleans(),
)


places = st.sampled_from((None, "Interview room 2", "Interview room 3"))


@st.composite
def one_event(draw: st.DrawFn) -> Alert:
    report = replace(draw(reports), place=draw(places))
    return sight(report, min(unix_ms(report.heard_at), NOW_MS), NOW_MS)


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[list[Report], list[Report]]:
    told = draw(st.lists(reports, min_size=1, max_size=12))
    repeats = draw(st.lists(st.sampled_from(told), max_size=8))
    return told, draw(st.permutations(told + repeats))


def desk_after(told: list[Report]) -> dict[str, AlertRecord]:
    core = Alerts({1: "Asha N."})
    for report in told:
        core.step(NOW_MS, Reported(report))
    return {record.alert: record for record in core.records}


@settings(deadline=None)
@given(shuffled())
def test_any_order_and_repetition_of_reports_ends_in_the_same_alerts(
    told: tuple[list[Report], list[Report]],
) -> None:
    in_order, in_disorder = told
    assert desk_after(in_order) == desk_after(in_disorder)


@settings(deadline=None)
@given(one_event(), one_event(), one_event())
def test_joining_is_commutative_associative_and_idempotent(
    one: Alert, other: Alert, third: Alert
) -> None:
    assert join(one, one) == one
    assert join(one, join(other, third)) == join(join(one, other), third)
    left, right = join(one, other), join(other, one)
    assert {**asdict(left), "key": None} == {**asdict(right), "key": None}


@settings(deadline=None)
@given(st.lists(reports, min_size=1, max_size=12))
def test_every_open_event_that_a_report_names_becomes_one_alert(told: list[Report]) -> None:
    alerts = desk_after(told)
    for report in told:
        if report.kind != "status":
            assert f"{report.badge}-{report.event}" in alerts


@settings(deadline=None)
@given(st.lists(reports, max_size=8), reports)
def test_a_phase_never_falls(told: list[Report], last: Report) -> None:
    before, after = desk_after(told), desk_after([*told, last])
    for alert, record in before.items():
        if record.phase != "cancelled":
            assert after[alert].phase.rank >= record.phase.rank


def asdict(alert: Alert) -> dict[str, object]:
    return {name: getattr(alert, name) for name in alert.__struct_fields__}
