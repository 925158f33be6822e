"""Whatever radio and time do, each request has one result, and the radio is let go."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dongle import writes
from dongle.writes import QUEUE_LENGTH, Writes
from wire.link import (
    BUSY,
    LOST,
    NO_REPLY,
    NOT_CONNECTED,
    REFUSED,
    REPLIED,
    TOO_SLOW,
    Write,
    WriteResult,
)

Effects = tuple[tuple[Any, ...], ...]
BADGE = b"badge7"
CONNECTION = 3
SETTLED_MS = 60_000
SIGNALS = st.tuples(
    st.integers(writes.CONNECTED, writes.REPLY),
    st.sampled_from([CONNECTION, CONNECTION, CONNECTION + 1, writes.NO_CONNECTION]),
    st.integers(0, 300),
    st.integers(0, 300),
)
STEPS = st.lists(
    st.one_of(
        SIGNALS, st.just("request"), st.just("failed"), st.just("obey"), st.integers(0, 3_000)
    ),
    max_size=60,
)

# How a badge's radio answers each effect.
ANSWERS: dict[int, list[tuple[int, int, int]]] = {
    writes.CONNECT: [(writes.CONNECTED, 0, 0)],
    writes.EXCHANGE_MTU: [(writes.SIZED, 128, 0)],
    writes.FIND_SERVICE: [(writes.SERVICE, 14, 19), (writes.SERVICES_DONE, 0, 0)],
    writes.FIND_CHARACTERISTICS: [
        (writes.COMMAND_FOUND, 16, 0),
        (writes.CHARACTERISTICS_DONE, 0, 0),
    ],
    writes.WRITE: [(writes.WRITTEN, 0, 0), (writes.REPLY, 0, 0)],
    writes.DISCONNECT: [(writes.DISCONNECTED, 0, 0)],
}


class Bench:
    """The machine, and what it has asked for."""

    def __init__(self) -> None:
        self.writes = Writes()
        self.now_ms = 0
        self.effects: list[tuple[Any, ...]] = []
        self.results: list[WriteResult] = []
        self.requested = 0

    def note(self, effects: Effects) -> None:
        self.effects += effects
        self.results += [effect[1] for effect in effects if effect[0] == writes.RESULT]

    def request(self, address: bytes = BADGE, length: int = 33) -> None:
        write = Write(address, 1, self.requested, bytes(length))
        self.requested += 1
        self.note(self.writes.request(self.now_ms, write))

    def signal(self, signal: int, connection: int, first: int = 0, second: int = 0) -> None:
        self.note(self.writes.step(self.now_ms, signal, connection, first, second, b"reply"))

    def answer(self, *, but: tuple[int, ...] = ()) -> None:
        """The radio does all that is asked of it, and what that leads to; but not these."""
        while self.effects:
            effect = self.effects.pop(0)
            for signal, first, second in () if effect[0] in but else ANSWERS.get(effect[0], ()):
                self.signal(signal, CONNECTION, first, second)

    def wait(self, for_ms: int) -> None:
        """Time passes; the machine is asked whenever it wanted to be."""
        end_ms = self.now_ms + for_ms
        while self.writes.deadline() <= end_ms:
            self.now_ms = max(self.now_ms, self.writes.deadline())
            self.note(self.writes.tick(self.now_ms))
        self.now_ms = end_ms

    @property
    def statuses(self) -> list[int]:
        return [result.status for result in self.results]

    @property
    def kinds(self) -> list[int]:
        return [effect[0] for effect in self.effects]


@given(steps=STEPS)
def test_each_request_has_one_result_whatever_the_radio_says(steps: list[Any]) -> None:
    bench = Bench()
    for step in steps:
        if step == "request":
            bench.request()
        elif step == "failed":
            bench.note(bench.writes.failed(bench.now_ms))
        elif step == "obey":
            bench.answer()
        elif isinstance(step, int):
            bench.wait(step)
        else:
            bench.signal(*step)
    bench.wait(SETTLED_MS)
    assert sorted(result.request for result in bench.results) == list(range(bench.requested))
    assert bench.writes.deadline() == writes.FOREVER
    assert not bench.writes.initiating


def test_a_command_is_written_and_its_reply_comes_back() -> None:
    bench = Bench()
    bench.request()
    assert bench.writes.initiating
    bench.answer()
    assert bench.results == [WriteResult(0, REPLIED, b"reply")]
    assert not bench.writes.initiating


def test_a_second_command_to_the_same_badge_goes_over_the_same_connection() -> None:
    bench = Bench()
    bench.request()
    bench.answer()
    bench.request()
    assert bench.kinds == [writes.WRITE]
    bench.answer()
    assert bench.statuses == [REPLIED, REPLIED]


def test_a_command_to_another_badge_closes_the_connection_first() -> None:
    bench = Bench()
    bench.request()
    bench.answer()
    bench.request(b"other!")
    assert bench.kinds == [writes.DISCONNECT]
    bench.signal(writes.DISCONNECTED, CONNECTION)
    assert bench.effects[-1] == (writes.CONNECT, 1, b"other!")


def test_a_connection_is_closed_when_nothing_more_comes() -> None:
    bench = Bench()
    bench.request()
    bench.answer()
    bench.wait(writes.LINGER_MS)
    assert bench.kinds == [writes.DISCONNECT]


def test_a_reply_that_overtakes_the_response_is_kept_for_it() -> None:
    bench = Bench()
    bench.request()
    bench.answer(but=(writes.WRITE,))
    bench.signal(writes.REPLY, CONNECTION)
    assert bench.results == []
    bench.signal(writes.WRITTEN, CONNECTION)
    assert bench.results == [WriteResult(0, REPLIED, b"reply")]


def test_what_went_wrong_is_told() -> None:
    for but, signals, status in (
        (writes.CONNECT, [], NOT_CONNECTED),
        (writes.CONNECT, [(writes.DISCONNECTED, writes.NO_CONNECTION, 0)], NOT_CONNECTED),
        (writes.EXCHANGE_MTU, [], TOO_SLOW),
        (writes.EXCHANGE_MTU, [(writes.SIZED, CONNECTION, 23)], REFUSED),
        (writes.FIND_SERVICE, [(writes.DISCONNECTED, CONNECTION, 0)], LOST),
        (writes.FIND_SERVICE, [(writes.SERVICES_DONE, CONNECTION, 0)], REFUSED),
        (writes.FIND_CHARACTERISTICS, [(writes.CHARACTERISTICS_DONE, CONNECTION, 0)], REFUSED),
        (writes.WRITE, [(writes.WRITTEN, CONNECTION, 3)], REFUSED),
        (writes.WRITE, [], TOO_SLOW),
        (writes.WRITE, [(writes.WRITTEN, CONNECTION, 0)], NO_REPLY),
    ):
        bench = Bench()
        bench.request()
        bench.answer(but=(but,))
        for signal in signals:
            bench.signal(*signal)
        bench.wait(SETTLED_MS)
        assert bench.statuses == [status], (but, signals)


def test_requests_beyond_the_queue_are_told_to_come_again() -> None:
    bench = Bench()
    for _ in range(QUEUE_LENGTH + 2):
        bench.request()
    assert bench.statuses == [BUSY, BUSY]
    bench.answer()
    assert bench.statuses[2:] == [REPLIED] * QUEUE_LENGTH


def test_the_radio_listens_between_attempts_to_connect() -> None:
    bench = Bench()
    bench.request()
    bench.request()
    bench.signal(writes.DISCONNECTED, writes.NO_CONNECTION)
    assert bench.statuses == [NOT_CONNECTED]
    assert not bench.writes.initiating
    bench.wait(writes.REST_MS - 1)
    assert not bench.writes.initiating
    bench.wait(1)
    assert bench.writes.initiating


def test_a_connection_that_comes_too_late_is_closed() -> None:
    bench = Bench()
    bench.signal(writes.CONNECTED, CONNECTION)
    assert bench.effects == [(writes.DISCONNECT, CONNECTION)]
