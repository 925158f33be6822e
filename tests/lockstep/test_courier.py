"""A hub's commands to badges: every write is answered exactly once, and in time."""

from collections.abc import Callable
from typing import Literal, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.downlink import CONNECT_S, REPLY_S
from gateway.keys import block_cipher, command_key
from gateway.steps import Replied, WriteCommand, WriteFailed
from simulator.lockstep.agenda import Agenda, Due
from simulator.lockstep.bond import SUPERVISION_MS, Bond
from simulator.lockstep.cast import nonces
from simulator.lockstep.courier import Courier
from simulator.world.draws import Draws
from wire.command import OP_BUZZ, OP_HEARD, REPLY_BIT, Command, open_command, seal_command

BADGES = (1, 2, 3)
CIPHERS = {number: block_cipher(command_key(bytes((number,)) * 16)) for number in BADGES}
CONNECT_MS, REPLY_MS = int(CONNECT_S * 1000), int(REPLY_S * 1000)

Manner = Literal["answers", "is mute", "names another event", "plays back", "babbles", "hangs up"]
MANNERS: tuple[Manner, ...] = (
    "answers", "is mute", "names another event", "plays back", "babbles", "hangs up",
)  # fmt: skip


class Meeting(NamedTuple):
    """How an attempt to connect turns out. connect_ms: after so long, None: never.

    share: of packets that get through; ends_ms: after so long the badge is out of reach.
    """

    connect_ms: int | None = 50
    manner: Manner = "answers"
    answers_ms: int = 20
    share: float = 1.0
    ends_ms: int | None = None


class Badge:
    """The badge's end of one connection."""

    def __init__(self, world: "World", number: int, meeting: Meeting) -> None:
        self.world = world
        self.number = number
        self.meeting = meeting

    def bonded(self, bond: Bond) -> int | None:
        if self.meeting.ends_ms is not None:
            self.world.agenda.after(self.meeting.ends_ms, bond.end)
        return 0

    def unbonded(self, bond: Bond) -> None:
        self.world.let_go.append(self.number)

    def written(self, bond: Bond, sealed: bytes) -> None:
        command = open_command(CIPHERS[self.number], sealed)
        self.world.taken.append((self.number, command.event))
        self.world.agenda.after(self.meeting.answers_ms, self._answer, bond, command)

    def _answer(self, bond: Bond, command: Command) -> None:
        counter, event, opcode = command.counter, command.event, command.opcode | REPLY_BIT
        match self.meeting.manner:
            case "answers":
                bond.notify(self._seal(counter + 3, event, opcode))
            case "names another event":
                bond.notify(self._seal(counter, event ^ 1, opcode))
            case "plays back":
                bond.notify(self._seal(counter - 1, event, opcode))
            case "babbles":
                bond.notify(bytes(30))
            case "hangs up":
                bond.end()
            case "is mute":
                pass

    def _seal(self, counter: int, event: int, opcode: int) -> bytes:
        return seal_command(CIPHERS[self.number], 0, bytes(13), Command(counter, event, opcode))


class World:
    """The air as a courier needs it: each attempt turns out as the next meeting says."""

    def __init__(self, *meetings: Meeting, seed: int = 1) -> None:
        self.agenda = Agenda()
        self.meetings = list(meetings)
        self.draws = Draws(seed)
        self.answers: list[tuple[int, Replied | WriteFailed]] = []
        self.dialled: list[tuple[int, int]] = []
        self.taken: list[tuple[int, int]] = []
        self.let_go: list[int] = []
        self.bonds: list[Bond] = []
        self._dialling = 0
        self._packets = 0
        self.courier = Courier(
            self.agenda, self, "hub-1", CIPHERS, 0, nonces(self.draws, "hub"),
            lambda answer: self.answers.append((self.agenda.now_ms, answer)),
        )  # fmt: skip

    def dial(
        self,
        hub: str,
        address: int,
        *,
        on_bond: Callable[[Bond], None],
        on_reply: Callable[[bytes], None],
        on_end: Callable[[], None],
    ) -> Callable[[], None]:
        self._dialling += 1
        assert self._dialling == 1, "two attempts to connect at once"
        self.dialled.append((self.agenda.now_ms, address))
        meeting = self.meetings.pop(0) if self.meetings else Meeting()
        due: Due | None = None

        def connect() -> None:
            self._dialling -= 1
            draws = self.draws.under("packet", len(self.bonds))
            bond = Bond(
                self.agenda, Badge(self, address, meeting),
                lambda packet: draws.uniform(packet) < meeting.share, lambda: True,
                on_reply=on_reply, on_end=on_end,
            )  # fmt: skip
            self.bonds.append(bond)
            on_bond(bond)

        def stop() -> None:
            if due is None or due.call is not None:
                self._dialling -= 1
            if due is not None:
                due.call_off()

        if meeting.connect_ms is not None:
            due = self.agenda.after(meeting.connect_ms, connect)
        return stop

    def write(self, badge: int, event: int, opcode: int = OP_HEARD) -> None:
        arguments = b"\1" if opcode == OP_BUZZ else b""
        command = Command(100, event, opcode, arguments)
        self.courier.write(WriteCommand(badge, str(badge), command))

    def wait(self, ms: int) -> None:
        self.agenda.run(self.agenda.now_ms + ms)


meetings = st.builds(
    Meeting,
    st.none() | st.integers(0, CONNECT_MS + 500),
    st.sampled_from(MANNERS),
    st.integers(0, REPLY_MS + 500),
    st.sampled_from((1.0, 0.5, 0.02)),
    st.none() | st.integers(0, 4_000),
)
writes = st.lists(
    st.tuples(st.integers(0, 9_000), st.sampled_from(BADGES), st.booleans()),
    min_size=1,
    max_size=10,
)


@settings(max_examples=200)
@given(st.integers(0, 100), st.lists(meetings, max_size=10), writes)
def test_every_write_is_answered_exactly_once_whatever_becomes_of_its_connection(
    seed: int, meetings: list[Meeting], writes: list[tuple[int, int, bool]]
) -> None:
    world = World(*meetings, seed=seed)
    for event, (pause_ms, badge, lets_go) in enumerate(writes):
        world.write(badge, event * 2)
        world.wait(pause_ms)
        if lets_go:
            world.courier.disconnect(badge)
    world.wait((CONNECT_MS + REPLY_MS) * (len(writes) + 1))
    answered = sorted(answer.badge for _, answer in world.answers)
    assert answered == sorted(badge for _, badge, _ in writes)
    replied = [answer for _, answer in world.answers if isinstance(answer, Replied)]
    confirmed = [(one.badge, one.command.event) for one in replied]
    assert len(set(confirmed)) == len(confirmed)
    assert set(confirmed) <= set(world.taken), "a badge that never took it"


def test_who_cannot_be_reached_is_given_up_after_connect_s_and_then_comes_the_next() -> None:
    world = World(Meeting(connect_ms=None), Meeting(connect_ms=None))
    world.write(1, 1)
    world.write(2, 2)
    world.wait(2 * CONNECT_MS)
    assert world.dialled == [(0, 1), (CONNECT_MS, 2)]
    failed = [(CONNECT_MS, WriteFailed(1)), (2 * CONNECT_MS, WriteFailed(2))]
    assert world.answers == failed


def test_the_next_is_dialled_while_the_first_still_answers() -> None:
    world = World(Meeting(answers_ms=1_500), Meeting())
    world.write(1, 1)
    world.write(2, 2)
    world.wait(10_000)
    assert [answer.badge for _, answer in world.answers] == [2, 1]


@pytest.mark.parametrize("manner", ["is mute", "names another event", "plays back", "babbles"])
def test_no_reply_or_none_that_answers_is_a_failure_after_reply_s_and_ends_the_connection(
    manner: Manner,
) -> None:
    world = World(Meeting(connect_ms=0, manner=manner))
    world.write(1, 1)
    world.wait(1_000)
    assert world.taken == [(1, 1)]
    assert not world.answers
    world.wait(10_000)
    ((at_ms, answer),) = world.answers
    written_ms = world.bonds[0].discovery_ms()
    assert (at_ms, answer) == (written_ms + REPLY_MS, WriteFailed(1))
    assert not world.bonds[0].alive


def test_a_late_reply_changes_nothing() -> None:
    world = World(Meeting(answers_ms=REPLY_MS + 1), Meeting())
    world.write(1, 1)
    world.wait(20_000)
    assert [type(answer) for _, answer in world.answers] == [WriteFailed]
    world.write(1, 1)
    world.wait(20_000)
    assert [type(answer) for _, answer in world.answers] == [WriteFailed, Replied]


def test_a_connection_that_stands_is_used_again_until_it_is_let_go() -> None:
    world = World()
    for event, opcode in ((1, OP_HEARD), (2, OP_BUZZ)):
        world.write(1, event, opcode)
        world.wait(1_000)
    assert len(world.dialled) == 1
    world.courier.disconnect(1)
    assert world.let_go == [1]
    world.write(1, 3)
    world.wait(1_000)
    assert len(world.dialled) == 2
    assert world.taken == [(1, 1), (1, 2), (1, 3)]
    assert len(world.answers) == 3


def test_a_connection_that_ends_under_a_write_is_a_failure_at_once() -> None:
    world = World(Meeting(connect_ms=0, manner="hangs up", answers_ms=0))
    world.write(1, 1)
    world.wait(1_000)
    assert [answer for _, answer in world.answers] == [WriteFailed(1)]
    world.write(1, 2)
    world.wait(1_000)
    assert len(world.dialled) == 2
    assert isinstance(world.answers[1][1], Replied)


def test_a_command_that_does_not_get_through_fails_before_the_link_does() -> None:
    world = World(Meeting(share=0.0))
    world.write(1, 1)
    world.wait(CONNECT_MS + REPLY_MS + SUPERVISION_MS)
    assert [answer for _, answer in world.answers] == [WriteFailed(1)]
    assert not world.taken


@given(st.integers(0, 8_000), st.lists(meetings, max_size=3))
def test_the_dead_neither_answer_nor_hold_a_badge(died_ms: int, meetings: list[Meeting]) -> None:
    world = World(*meetings)
    for badge in BADGES:
        world.write(badge, badge)
    world.wait(died_ms)
    before = len(world.answers)
    world.courier.die()
    assert not any(bond.alive for bond in world.bonds)
    dialled = len(world.dialled)
    world.wait(60_000)
    assert not any(bond.alive for bond in world.bonds)
    assert (len(world.answers), len(world.dialled)) == (before, dialled)
