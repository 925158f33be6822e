"""From the desk to the hand: what is written to a badge, and when it is left alone."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.addressee import HOLD_BACK_MAX_MS, IN_RANGE_MS, RETRY_MAX_MS
from gateway.contract.messages import CommandMessage, CommandResult, Opcode, decode, rfc3339
from gateway.contract.topics import Topics
from gateway.intake import Accepted, Repeated
from gateway.orders import MAX_WISHES, Orders
from gateway.steps import (
    Await,
    Commit,
    Committed,
    Disconnect,
    Done,
    Heard,
    Keep,
    LinkChanged,
    Ordered,
    Put,
    Replied,
    Restored,
    Tick,
    WriteCommand,
    WriteFailed,
)
from wire.command import (
    OP_ACKNOWLEDGED,
    OP_BUZZ,
    OP_DELIVERED,
    OP_HEARD,
    OP_TIME,
    REPLY_BIT,
    Command,
)
from wire.frame import (
    KIND_SOS,
    PHASE_ACKNOWLEDGED,
    PHASE_DELIVERED,
    PHASE_HEARD,
    PHASE_PENDING,
    PHASE_RAISED,
    PHASE_RESOLVED,
    Report,
)

NOW_MS = 1_790_000_000_000
LOUD, FAINT = -50, -100
MINUTE = 7


class Half:
    """The half for commands, badge 1 of which is in range, and a clock to move."""

    def __init__(self, restored: Restored | None = None) -> None:
        self.now_ms = NOW_MS
        self.counter = 0
        self.half = Orders("hub-1", Topics("demo"), count(1), (1, 2), restored or Restored())
        self.step(LinkChanged(True))

    def step(self, happened, after_ms=0):
        self.now_ms += after_ms
        return self.half.step(self.now_ms, happened)

    def hear(self, phase=PHASE_RAISED, event=1, rssi=LOUD, minute=MINUTE, after_ms=0):
        self.counter += 1
        return self.see(phase, event, rssi, minute, after_ms)

    def see(self, phase=PHASE_RAISED, event=1, rssi=LOUD, minute=MINUTE, after_ms=0):
        """A repeat of the latest frame."""
        report = Report(KIND_SOS, phase, event, minute=minute)
        return self.step(Heard(Repeated(1, self.counter, report), "address", rssi), after_ms)

    def on_disk(self, event=1):
        return self.step(Committed((Await(1, event, "topic", b""),)))

    def order(self, opcode=Opcode.DELIVERED, event=1, badge=1, lasts_ms=60_000, **fields):
        expires_at = rfc3339(self.now_ms + lasts_ms)
        fields.setdefault("id", f"{opcode}-{event}")
        return self.step(
            Ordered(
                CommandMessage(
                    badge=badge, event=event, opcode=opcode, expires_at=expires_at, **fields
                )
            )
        )

    def reply(self, opcode, event=1):
        return self.step(Replied(1, Command(self.counter, event, opcode | REPLY_BIT)))


def writes(effects) -> list[int]:
    return [effect.command.opcode for effect in effects if isinstance(effect, WriteCommand)]


def results(effects) -> list[tuple[str, bool, str | None]]:
    changes = [c for effect in effects if isinstance(effect, Commit) for c in effect.changes]
    rows = [change.row for change in changes if isinstance(change, Put)]
    told = [decode(CommandResult, row.topic, row.payload) for row in rows]
    assert [change.id for change in changes if isinstance(change, Done)] == [one.id for one in told]
    return [(one.id, one.taken, one.reason) for one in told]


def test_heard_is_written_once_the_event_is_on_disk_and_not_before():
    half = Half()
    assert not writes(half.hear())
    (write,) = half.on_disk()
    assert (write.command.opcode, write.command.event) == (OP_HEARD, 1)
    assert (write.badge, write.address, write.command.counter) == (1, "address", 1)


@pytest.mark.parametrize("phase", [PHASE_PENDING, PHASE_HEARD, PHASE_DELIVERED, PHASE_RESOLVED])
def test_only_a_raised_event_is_told_that_it_is_heard(phase):
    half = Half()
    half.hear(phase)
    assert not writes(half.on_disk())


def test_after_a_restart_an_event_on_disk_is_told_at_the_first_sight():
    half = Half(Restored(awaiting=(Await(1, 1, "topic", b""),)))
    assert writes(half.hear()) == [OP_HEARD]


def test_a_command_of_the_desk_is_kept_before_anything_else():
    half = Half()
    effects = half.order()
    assert isinstance(effects[0].changes[0], Keep)
    assert writes(half.hear(PHASE_HEARD)) == [OP_DELIVERED]


def test_a_kept_command_is_carried_out_after_a_restart():
    message = CommandMessage(
        id="c", badge=1, event=1, opcode=Opcode.DELIVERED, expires_at=rfc3339(NOW_MS + 1000)
    )
    half = Half(Restored(commands=(message,)))
    assert writes(half.hear(PHASE_HEARD)) == [OP_DELIVERED]


def test_stages_follow_each_other_over_one_connection_and_it_is_let_go_at_the_end():
    half = Half()
    half.hear()
    half.on_disk()
    half.order()
    assert writes(half.reply(OP_HEARD)) == [OP_DELIVERED]
    assert results(half.reply(OP_DELIVERED)) == [("delivered-1", True, None)]
    acknowledged = half.order(Opcode.ACKNOWLEDGED, argument=5)
    assert writes(acknowledged) == [OP_ACKNOWLEDGED]
    assert acknowledged[-1].command.arguments == b"\x05"
    assert results(half.reply(OP_ACKNOWLEDGED)) == [("acknowledged-1", True, None)]
    assert not any(isinstance(effect, Disconnect) for effect in half.step(Tick(), 1000))
    half.order(Opcode.RESOLVED)
    assert Disconnect(1) in half.reply(4)


def test_the_furthest_stage_is_written_and_answers_for_those_before_it():
    half = Half()
    half.order()
    half.order(Opcode.ACKNOWLEDGED)
    assert writes(half.hear(PHASE_HEARD)) == [OP_ACKNOWLEDGED]
    assert results(half.reply(OP_ACKNOWLEDGED)) == [
        ("delivered-1", True, None),
        ("acknowledged-1", True, None),
    ]


def test_the_badges_own_phase_ends_the_wish_whoever_brought_it():
    half = Half()
    half.hear(PHASE_HEARD, rssi=FAINT)
    half.order()
    assert results(half.hear(PHASE_ACKNOWLEDGED, rssi=FAINT, after_ms=200)) == [
        ("delivered-1", True, None)
    ]
    assert not writes(half.step(Tick(), 1000))


@given(st.integers(-120, 0))
def test_the_fainter_the_badge_the_longer_the_wait_and_a_second_at_most(rssi):
    half = Half()
    half.hear(PHASE_HEARD, rssi=rssi)
    at_once = writes(half.order())
    assert bool(at_once) == (rssi >= -60)
    if not at_once:
        assert writes(half.see(PHASE_HEARD, rssi=rssi, after_ms=HOLD_BACK_MAX_MS)) == [OP_DELIVERED]


def test_frames_from_before_the_reply_do_not_bring_the_wish_back():
    half = Half()
    half.hear()
    half.on_disk()
    half.reply(OP_HEARD)
    for _ in range(50):
        assert not writes(half.see(PHASE_RAISED, after_ms=20))


def test_failed_writes_are_tried_again_ever_more_slowly():
    half = Half()
    half.hear(PHASE_HEARD)
    half.order(lasts_ms=60_000)
    pauses, started = [], half.now_ms
    while len(pauses) < 8:
        if half.now_ms == started:
            half.step(WriteFailed(1))
        if writes(half.see(PHASE_HEARD, after_ms=50)):
            pauses.append(half.now_ms - started)
            started = half.now_ms
    assert pauses == [300, 600, 1200, 2400, 4800, RETRY_MAX_MS, RETRY_MAX_MS, RETRY_MAX_MS]


def test_a_retry_answers_the_newest_frame():
    half = Half()
    half.hear(PHASE_HEARD)
    half.order()
    half.step(WriteFailed(1))
    half.counter = 500
    (write,) = half.hear(PHASE_HEARD, after_ms=400)
    assert write.command.counter == 501


@given(st.lists(st.sampled_from(["see", "hear", "tick", "fail", "order", "disk"]), max_size=60))
def test_a_badge_is_never_written_to_twice_at_a_time(happenings):
    half, busy = Half(), 0
    actions = {
        "see": half.see,
        "hear": half.hear,
        "tick": lambda: half.step(Tick(), 500),
        "order": half.order,
        "disk": half.on_disk,
    }
    for happening in happenings:
        if happening == "fail":
            if not busy:
                continue
            busy -= 1
            busy += len(writes(half.step(WriteFailed(1))))
        else:
            busy += len(writes(actions[happening]()))
        assert busy <= 1


def test_a_badge_out_of_range_is_waited_for():
    half = Half()
    half.hear(PHASE_HEARD)
    half.step(Tick(), IN_RANGE_MS)
    assert not writes(half.order())
    assert not writes(half.step(Tick(), 5000))
    assert writes(half.see(PHASE_HEARD)) == [OP_DELIVERED]


def test_an_expired_command_is_answered_with_the_reason():
    half = Half()
    half.order(Opcode.ACKNOWLEDGED)
    assert results(half.step(Tick(), 60_000)) == [
        ("acknowledged-1", False, "expired: the badge was not in range")
    ]
    half.hear(PHASE_HEARD, event=2)
    half.order(Opcode.ACKNOWLEDGED)
    assert results(half.see(PHASE_HEARD, event=2, after_ms=60_000)) == [
        ("acknowledged-1", False, "expired: the badge is at another event")
    ]
    assert results(half.order(Opcode.BUZZ, lasts_ms=-1, event=2))[0][1] is False


def test_an_unknown_badge_and_a_flood_are_answered_with_the_reason():
    half = Half()
    ((_, taken, reason),) = results(half.order(badge=9))
    assert (taken, reason) == (False, "this gateway's registry has no such badge")
    for number in range(MAX_WISHES):
        assert not results(half.order(Opcode.BUZZ, id=f"buzz-{number}"))
    ((_, taken, _),) = results(half.order(Opcode.BUZZ, id="one more"))
    assert not taken


def test_a_flood_of_commands_does_not_crowd_out_the_stage_of_the_open_event():
    half = Half()
    half.hear(PHASE_HEARD)
    for number in range(MAX_WISHES):
        half.order(Opcode.DELIVERED, event=number + 100)
    assert writes(half.order(Opcode.DELIVERED)) == [OP_DELIVERED]


def test_who_repeats_a_frame_from_his_own_address_is_not_written_to():
    def heard(kind, counter, address):
        half.counter = counter
        report = Report(KIND_SOS, PHASE_RAISED, 1, minute=MINUTE)
        rest = (False, b"") if kind is Accepted else ()
        return half.step(Heard(kind(1, counter, report, *rest), address, LOUD))

    half = Half()
    heard(Accepted, 1, "badge")
    heard(Repeated, 1, "stranger")
    (write,) = half.on_disk()
    assert write.address == "badge"
    half.step(WriteFailed(1))  # it may have a new address, with a frame that is not new
    heard(Repeated, 1, "new")
    (write,) = half.step(Tick(), RETRY_MAX_MS // 2)
    assert write.address == "new"


def test_a_command_that_comes_twice_is_one():
    half = Half()
    half.order(Opcode.BUZZ)
    assert half.order(Opcode.BUZZ) == ()
    assert writes(half.hear(PHASE_DELIVERED)) == [OP_BUZZ]
    assert results(half.reply(OP_BUZZ)) == [("buzz-1", True, None)]


def test_a_badge_without_the_time_is_told_once_a_connection_is_there_and_no_stage_is_awaited():
    half = Half()
    half.hear(minute=None)
    half.on_disk()
    assert not writes(half.reply(OP_HEARD))
    half.order()
    (*_, write) = half.reply(OP_DELIVERED)
    assert write.command.opcode == OP_TIME
    assert write.command.number() == half.now_ms // 1000
    half.reply(OP_TIME)
    assert not writes(half.hear(PHASE_DELIVERED, minute=None, after_ms=5000))
    assert writes(half.hear(PHASE_DELIVERED, minute=None, after_ms=60_000)) == [OP_TIME]


def test_a_gateway_whose_own_clock_is_not_set_tells_no_time():
    half = Half()
    half.now_ms = 1000
    half.hear(minute=None)
    half.on_disk()
    half.reply(OP_HEARD)
    half.order()
    assert not writes(half.reply(OP_DELIVERED))


def test_without_the_desk_in_reach_the_badge_is_left_to_others():
    half = Half()
    half.hear()
    half.on_disk()
    half.reply(OP_HEARD)
    assert half.step(LinkChanged(False)) == (Disconnect(1),)


@given(
    st.lists(
        st.sampled_from(["see", "idle", "tick", "fail", "order", "disk", "reply", "down", "up"]),
        max_size=40,
    )
)
def test_only_those_who_may_need_something_are_looked_at_each_tick(happenings):
    half, busy = Half(), 0
    actions = {
        "see": half.hear,
        "idle": lambda: half.hear(PHASE_RESOLVED),
        "tick": lambda: half.step(Tick(), 500),
        "order": half.order,
        "disk": half.on_disk,
        "down": lambda: half.step(LinkChanged(False)),
        "up": lambda: half.step(LinkChanged(True)),
        "fail": lambda: half.step(WriteFailed(1)),
        "reply": lambda: half.reply(OP_HEARD),
    }
    for happening in happenings:
        if happening in ("fail", "reply"):
            if not busy:
                continue
            busy -= 1
        busy += len(writes(actions[happening]()))
        badges = half.half._badges.values()
        assert set(half.half._restless) == {badge.number for badge in badges if badge.restless}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["see", "blind", "idle", "fail", "order", "buzz", "disk", "reply", "time", "down"]
            ),
            st.integers(0, 4_000) | st.integers(0, 90_000),
        ),
        max_size=40,
    )
)
def test_a_tick_before_anything_is_due_does_nothing(happenings):
    half, busy = Half(), 0
    actions = {
        "see": half.hear,
        "blind": lambda: half.hear(minute=None, rssi=FAINT),
        "idle": lambda: half.hear(PHASE_RESOLVED),
        "order": half.order,
        "buzz": lambda: half.order(Opcode.BUZZ, lasts_ms=5_000),
        "disk": half.on_disk,
        "down": lambda: (half.step(LinkChanged(False)), half.step(LinkChanged(True)))[1],
        "fail": lambda: half.step(WriteFailed(1)),
        "reply": lambda: half.reply(OP_HEARD),
        "time": lambda: half.reply(OP_TIME),
    }
    for happening, pause_ms in happenings:
        if happening in ("fail", "reply", "time"):
            if not busy:
                continue
            busy -= 1
        busy += len(writes(actions[happening]()))
        until_ms = half.now_ms + pause_ms
        while (due_ms := half.half.due_ms(half.now_ms)) <= until_ms:
            half.now_ms = max(half.now_ms, int(due_ms) - 1)
            if half.now_ms < due_ms:
                assert half.step(Tick()) == ()
            busy += len(writes(half.step(Tick(), 1)))
        half.now_ms = max(half.now_ms, until_ms)
        assert half.step(Tick()) == ()


def test_a_stage_that_arrives_expired_is_tried_for_a_while_and_nothing_else_is():
    half = Half()
    half.order(lasts_ms=-3_600_000)
    assert not results(half.step(Tick(), 30_000))
    assert writes(half.hear(PHASE_HEARD)) == [OP_DELIVERED]
    assert results(half.order(Opcode.BUZZ, lasts_ms=-1)) == [
        ("buzz-1", False, "expired: the badge did not take it")
    ]
