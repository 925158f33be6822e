"""How the gateway is: what ails it is said, what is secret is not in it."""

import re
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from gateway.intake import Intake
from gateway.status.census import Census
from gateway.status.metrics import exposition
from gateway.status.outbox import made_ms
from gateway.status.pulse import LATE_MS, Pulse
from gateway.status.snapshot import Limits, Snapshot, judged
from gateway.status.tally import WINDOW_MS, Tally
from gateway.status.view import size, span, view
from gateway.steps import Heard, LinkChanged
from tests.gateway.snapshots import HEALTHY, snapshot
from wire.frame import Fix

LIMITS = Limits(broker_away_s=60, free_bytes=1000)


def ills(ailing: Snapshot) -> set[str]:
    return {ill.name for ill in judged(ailing, LIMITS).ailments}


def test_nothing_ails_a_healthy_gateway():
    assert ills(HEALTHY) == set()


@pytest.mark.parametrize(
    ("changes", "ill"),
    [
        ({"state": "deaf"}, "deaf"),
        ({"radios": ()}, "radio"),
        ({"link__up": False, "link__for_s": 61.0}, "broker"),
        ({"link__up": False, "link__for_s": None}, "broker"),
        ({"outbox__free_bytes": 999}, "disk"),
        ({"outbox__disk": "full"}, "disk"),
        ({"outbox__disk": "failed"}, "disk"),
        ({"outbox__message_bytes": 2**28}, "outbox"),
    ],
)
def test_what_ails_it_is_named_and_says_what_to_do(changes: dict[str, object], ill: str):
    ailing = judged(snapshot(**changes), LIMITS)
    assert [ailment.name for ailment in ailing.ailments] == [ill]
    assert ailing.ailments[0].text


def test_a_broker_that_has_just_gone_is_no_ailment_yet():
    assert ills(snapshot(link__up=False, link__for_s=59.0)) == set()
    assert ills(snapshot(link__up=False, link__for_s=None, up_s=5.0)) == set()


def families(page: bytes) -> dict[str, list[tuple[dict[str, str], float]]]:
    return {
        sample.name: [(s.labels, s.value) for s in family.samples if s.name == sample.name]
        for family in text_string_to_metric_families(page.decode())
        for sample in family.samples
    }


def test_metrics_are_readable_by_prometheus_and_carry_the_numbers():
    metrics = families(exposition(HEALTHY))
    assert metrics["tocsin_gateway_adverts_total"] == [
        ({"radio": "hci0", "of": "fleet"}, 3),
        ({"radio": "hci0", "of": "stranger"}, 9),
    ]
    assert ({"reason": "tag"}, 2) in metrics["tocsin_gateway_rejected_total"]
    assert metrics["tocsin_gateway_badge_battery_ratio"] == [({"badge": "7"}, 0.8)]
    assert metrics["tocsin_gateway_open_events"] == [({}, 1)]
    assert metrics["tocsin_gateway_broker_up"] == [({}, 1)]


def test_metric_names_keep_to_the_conventions():
    for family in text_string_to_metric_families(exposition(HEALTHY).decode()):
        assert re.fullmatch(r"tocsin_gateway(_[a-z]+)+", family.name)
        assert family.documentation
        names = {sample.name for sample in family.samples}
        assert all(name.endswith("_total") for name in names) == (family.type == "counter")


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_from_outside_stays_inside_its_label(reason: str, radio: str):
    ailing = snapshot(rejected={reason: 1}, radios=())
    assert ({"reason": reason}, 1) in families(exposition(ailing))["tocsin_gateway_rejected_total"]


def test_no_position_is_in_a_snapshot_a_page_or_a_view(
    speaker: Callable[..., object], intake: Intake
):
    census = Census(0)
    badge = speaker(1)
    fix = Fix(51_507_400, -127_800, 1, 1)
    heard = intake.hear(0, badge.say(fix=fix, battery=55))
    assert heard is not None
    assert heard.report.fix is not None
    census.note(1000, [Heard(heard, "C0:00:00:00:00:01", -50)])
    whole = snapshot(badges=census.badges(3000))
    shown = f"{msgspec.json.encode(whole)!r} {exposition(whole)!r} {drawn(whole)} {whole!r}"
    assert "55" in shown
    for secret in ("51.5", "51507", "1278", "0.127", "C0:00"):
        assert secret not in shown


def drawn(whole: Snapshot, **options: int) -> str:
    console = Console(width=100, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    with console.file:
        console.print(view(whole, **options))
    return console.export_text()


def test_the_view_shows_radios_badges_outbox_and_link():
    shown = drawn(judged(snapshot(outbox__rows={"event": 2}, outbox__oldest_s=90.0), LIMITS))
    for words in ("hub-1 of demo is healthy", "2 event waiting", "hci0", "-60 dBm", "delivered"):
        assert words in shown
    assert "80 %" in shown
    assert "ailing" in drawn(judged(snapshot(state="deaf"), LIMITS))


def test_of_many_badges_those_with_an_open_event_are_shown_first():
    shown = drawn(HEALTHY, badges=1)
    assert "delivered" in shown
    assert "and 1 more" in shown


def test_a_badge_is_told_as_it_was_last_heard(speaker, intake: Intake):
    census, badge = Census(0), speaker(2)
    for rssi, battery in ((-50, 50), (-70, 40)):
        heard = intake.hear(0, badge.say(battery=battery))
        assert heard is not None
        census.note(1000, [Heard(heard, "", rssi), Heard(heard, "", rssi)])
    (told,) = census.badges(4000)
    assert (told.number, told.rssi, told.battery, told.age_s) == (2, -70, 40, 3.0)
    assert told.phase == "raised"


def test_the_link_tells_since_when_and_another_failed_attempt_changes_nothing():
    census = Census(0)
    assert census.link(500, "u", "").for_s is None
    census.note(1000, [LinkChanged(True)])
    census.note(3000, [LinkChanged(False)])
    census.note(9000, [LinkChanged(False)])
    link = census.link(10_000, "u", "refused")
    assert (link.up, link.for_s, link.changes, link.reason) == (False, 7.0, 2, "refused")


@given(st.lists(st.tuples(st.integers(0, 500), st.booleans()), max_size=200))
def test_a_tally_loses_no_advertisement(steps: list[tuple[int, bool]]):
    tally, now_ms = Tally(), 0
    for passed_ms, ours in steps:
        now_ms += passed_ms
        (tally.advert if ours else tally.ambient)(now_ms, "hci0")
    counts = tally.counts(now_ms, "hci0")
    ours = sum(is_ours for _, is_ours in steps)
    assert (counts.adverts, counts.ambient) == (ours, len(steps) - ours)


def test_a_steady_stream_shows_its_rate_and_silence_shows_none():
    tally = Tally()
    for now_ms in range(0, 2 * WINDOW_MS, 100):
        tally.ambient(now_ms, "hci0")
    assert tally.counts(2 * WINDOW_MS, "hci0").per_s == pytest.approx(10, abs=0.2)
    assert tally.counts(4 * WINDOW_MS, "hci0").per_s == 0


class Task:
    def __init__(self, done: bool) -> None:
        self._done = done

    def done(self) -> bool:
        return self._done

    def get_name(self) -> str:
        return "uplink"


def test_the_pulse_is_felt_only_while_turns_go_on_and_every_task_lives():
    pulse = Pulse()
    assert pulse.ailing(0)
    pulse.watch(Task(False))
    pulse.turned(1000)
    assert pulse.ailing(1000 + LATE_MS) == ""
    assert "no turn" in pulse.ailing(1001 + LATE_MS)
    pulse.watch(Task(True))
    assert pulse.ailing(1000) == "ended: uplink"


@given(st.binary(max_size=60))
def test_any_bytes_in_a_row_have_an_age_or_none(payload: bytes):
    assert made_ms(payload) is None or isinstance(made_ms(payload), int)


def test_a_row_is_as_old_as_its_message_says():
    assert made_ms(b'{"heard_at":"1970-01-01T00:00:02.000Z"}') == 2000
    assert made_ms(b'{"at":"1970-01-01T00:00:03.000Z"}') == 3000
    assert made_ms(b'{"at":"1970-02-31T00:00:03.000Z"}') is None


@given(st.floats(0, 1e9), st.integers(0, 2**50))
def test_durations_and_sizes_are_always_words(seconds: float, count: int):
    assert re.fullmatch(r"\d+ (s|min|h|d)", span(seconds))
    assert re.fullmatch(r"[\d.]+ (bytes|KiB|MiB|GiB)", size(count))
