"""Which frames are taken, and what becomes of the others."""

import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.disk.outbox import Outbox
from gateway.intake import CLOCK_SET_MS, REASONS, Accepted, Intake, Repeated, is_stale
from gateway.keys import block_cipher, mask_key, seal_key
from gateway.registry import FleetKey
from gateway.steps import Count
from tests.gateway.conftest import FLEET_KEYS, badge_key
from wire.frame import KIND_SOS, PHASE_RAISED, Report, encode_report
from wire.seal import seal_frame

NOW_MS = 1_790_000_000_000
U32_MAX = 0xFFFFFFFF


def heard(intake: Intake, frame: bytes) -> str:
    """What became of a frame: accepted, repeated, or the reason that was counted."""
    before = dict(intake.rejected)
    hearing = intake.hear(NOW_MS, frame)
    counted = [reason for reason in REASONS if intake.rejected[reason] != before[reason]]
    if hearing is None:
        (reason,) = counted
        assert intake.rejected[reason] == before[reason] + 1
        return reason
    assert not counted
    return "accepted" if isinstance(hearing, Accepted) else "repeated"


@given(frame=st.binary(max_size=64) | st.binary(min_size=24, max_size=24))
def test_any_bytes_are_refused_and_counted_once(registry, frame):
    assert heard(Intake(registry), frame) in REASONS


@given(head=st.sampled_from([b"\x13", b"\x12"]), rest=st.binary(min_size=23, max_size=23))
def test_noise_that_looks_like_the_fleet_is_refused_and_counted_once(registry, head, rest):
    assert heard(Intake(registry), head + rest) in {"badge", "tag", "reserved"}


@given(st.data())
def test_a_changed_bit_anywhere_in_a_frame_spoils_it(registry, speaker, data):
    frame = bytearray(speaker(1).say())
    bit = data.draw(st.integers(0, 191))
    frame[bit // 8] ^= 1 << bit % 8
    assert heard(Intake(registry), bytes(frame)) in REASONS


@settings(max_examples=60, deadline=None)
@given(
    sent=st.lists(
        st.tuples(st.integers(1, 3), st.integers(0, 12) | st.just(U32_MAX), st.booleans()),
        max_size=40,
    )
)
def test_a_counter_is_accepted_once_at_most_whatever_the_order_and_the_restarts(
    registry, speaker, sent
):
    with tempfile.TemporaryDirectory() as folder:
        path, taken = Path(folder) / "gateway.db", []
        outbox, intake = _start(path, registry)
        for badge, counter, restart in sent:
            if restart:
                outbox.close()
                outbox, intake = _start(path, registry)
            hearing = intake.hear(NOW_MS, speaker(badge).say(counter=counter))
            if isinstance(hearing, Accepted):
                assert (hearing.badge, hearing.counter) == (badge, counter)
                taken.append((badge, counter))
                outbox.commit([Count(badge, counter, hearing.frame)])
        outbox.close()
    assert len(set(taken)) == len(taken)
    for badge in (1, 2, 3):
        counters = [counter for number, counter in taken if number == badge]
        assert counters == sorted(counters)


def test_a_repeat_is_known_by_its_bytes_alone_also_after_a_restart(registry, speaker, outbox):
    intake, badge = Intake(registry), speaker(1)
    frame = badge.say()
    assert heard(intake, frame) == "accepted"
    assert heard(intake, frame) == "repeated"
    outbox.commit([Count(1, badge.counter, frame)])
    restarted = Intake(registry)
    for count in outbox.counts():
        restarted.restore(*count)
    repeated = restarted.hear(NOW_MS, frame)
    assert isinstance(repeated, Repeated)
    assert repeated.report.event == 1


def test_an_older_frame_is_a_replay_even_right_after_a_restart(registry, speaker):
    badge = speaker(1)
    old, new = badge.say(), badge.say()
    intake = Intake(registry)
    intake.restore(1, 2, new)
    assert heard(intake, old) == "replay"


def test_a_counter_from_the_far_future_is_taken_because_its_tag_is_right(intake, speaker):
    assert heard(intake, speaker(1).say(counter=U32_MAX)) == "accepted"
    assert heard(intake, speaker(1).say(counter=U32_MAX - 1)) == "replay"


def test_current_and_previous_epoch_are_taken_and_no_other(intake, speaker):
    assert heard(intake, speaker(1, epoch=3).say()) == "accepted"
    assert heard(intake, speaker(2, epoch=2).say()) == "accepted"
    assert heard(intake, b"\x14" + speaker(3).say()[1:]) == "epoch"


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda frame: b"", "length"),
        (lambda frame: frame[:-1], "length"),
        (lambda frame: frame + b"\0", "length"),
        (lambda frame: b"\x23" + frame[1:], "version"),
        (lambda frame: frame[:-1] + bytes([frame[-1] ^ 1]), "badge"),
    ],
)
def test_each_fault_is_counted_under_its_name(intake, speaker, spoil, reason):
    assert heard(intake, spoil(speaker(1).say())) == reason


def test_an_unknown_badge_of_the_own_fleet_is_counted_as_such(intake, speaker):
    assert heard(intake, speaker(999).say()) == "badge"


def test_a_forged_tag_is_counted_and_leaves_the_counter_free(intake, speaker):
    # The mask is fleet-wide: a thief of one badge can name another, but not seal for it.
    badge, thief = speaker(1), speaker(2)
    thief.number = 1
    assert heard(intake, thief.say(counter=1000)) == "tag"
    assert heard(intake, badge.say(counter=1)) == "accepted"


@pytest.mark.parametrize("first", [0x82, 0xF2, 0x18, 0x1F])
def test_reserved_kinds_and_phases_are_counted_and_ignored(intake, speaker, first):
    assert heard(intake, speaker(1).seal(bytes([first]) + bytes(12))) == "reserved"


@given(st.integers(0, 255))
def test_a_report_is_stale_when_its_minute_is_more_than_three_off(minute):
    now_minute = NOW_MS // 60_000 % 256
    apart = min((now_minute - minute) % 256, (minute - now_minute) % 256)
    assert is_stale(NOW_MS, minute) == (apart > 3)


def test_nothing_is_stale_while_a_clock_is_not_set(intake, speaker):
    assert not is_stale(NOW_MS, None)
    assert not is_stale(CLOCK_SET_MS - 1, 200)
    stale = intake.hear(NOW_MS, speaker(1).say(minute=NOW_MS // 60_000 + 100 & 255))
    assert isinstance(stale, Accepted)
    assert stale.stale


def _start(path: Path, registry) -> tuple[Outbox, Intake]:
    outbox, intake = Outbox(path), Intake(registry)
    for count in outbox.counts():
        intake.restore(*count)
    return outbox, intake


@given(epochs=st.lists(st.integers(0, 15), min_size=1, max_size=2, unique=True))
def test_frames_of_the_epochs_in_the_registry_are_taken_and_all_others_counted(registry, epochs):
    keys = tuple(FleetKey(epoch, FLEET_KEYS[3].hex()) for epoch in epochs)
    intake = Intake(msgspec.structs.replace(registry, fleet_keys=keys))
    mask, seal = block_cipher(mask_key(FLEET_KEYS[3])), block_cipher(seal_key(badge_key(1)))
    plain = encode_report(Report(KIND_SOS, PHASE_RAISED, 1))
    for epoch in range(16):
        frame = seal_frame(mask, seal, epoch, 1, epoch + 1, plain)
        assert heard(intake, frame) == ("accepted" if epoch in epochs else "epoch")
