"""The one clock of a run: everything in its order, and never back in time."""

from hypothesis import given
from hypothesis import strategies as st

from simulator.lockstep.agenda import Agenda, Due

#: When, in ms; and the rank.
asks = st.lists(st.tuples(st.integers(-50, 200), st.integers(-2, 2)), max_size=30)


@given(asks, st.integers(0, 100))
def test_what_is_due_happens_by_time_then_rank_then_the_order_of_asking(
    asked: list[tuple[int, int]], now_ms: int
) -> None:
    agenda = Agenda()
    agenda.run(now_ms)
    happened: list[tuple[int, int]] = []
    for number, (at_ms, rank) in enumerate(asked):
        agenda.at(at_ms, lambda n: happened.append((agenda.now_ms, n)), number, rank=rank)
    agenda.run(200)
    order = sorted((max(at_ms, now_ms), rank, n) for n, (at_ms, rank) in enumerate(asked))
    assert happened == [(at_ms, n) for at_ms, _, n in order]


@given(asks, st.lists(st.integers(0, 220), max_size=6))
def test_a_run_does_all_that_is_due_until_its_end_and_nothing_behind_it(
    asked: list[tuple[int, int]], ends: list[int]
) -> None:
    agenda = Agenda()
    happened: list[int] = []
    for at_ms, rank in asked:
        agenda.at(at_ms, lambda: happened.append(agenda.now_ms), rank=rank)
    latest = 0
    for until_ms in ends:
        agenda.run(until_ms)
        latest = max(latest, until_ms)
        assert agenda.now_ms == latest  # an end in the past changes nothing
        assert happened == sorted(max(at_ms, 0) for at_ms, _ in asked if at_ms <= latest)


@given(st.lists(st.tuples(st.integers(-20, 60), st.integers(-1, 1)), max_size=40))
def test_time_never_goes_back_whatever_is_asked_for_meanwhile(
    chain: list[tuple[int, int]],
) -> None:
    agenda = Agenda()
    times: list[int] = []
    left = iter(chain)

    def go_on(asked_ms: int) -> None:
        times.append(agenda.now_ms)
        assert agenda.now_ms >= asked_ms
        for later_ms, rank in [step for step in (next(left, None), next(left, None)) if step]:
            agenda.at(agenda.now_ms + later_ms, go_on, agenda.now_ms, rank=rank)

    agenda.at(0, go_on, 0)
    agenda.run(10_000)
    assert times == sorted(times)
    assert len(times) == len(chain) + 1  # nothing that was asked for in the past got lost


@given(asks, st.sets(st.integers(0, 29)), st.integers(0, 200))
def test_what_was_called_off_does_not_happen_and_what_happened_cannot_be(
    asked: list[tuple[int, int]], off: set[int], at_ms: int
) -> None:
    agenda = Agenda()
    happened: list[int] = []
    dues: list[Due] = [
        agenda.at(at, happened.append, number, rank=rank) for number, (at, rank) in enumerate(asked)
    ]
    agenda.run(at_ms)
    before = set(happened)
    for number in off & set(range(len(dues))):
        dues[number].call_off()
        dues[number].call_off()
    agenda.run(300)
    assert set(happened) == before | (set(range(len(asked))) - off)


@given(st.integers(0, 500), st.integers(0, 500))
def test_after_counts_from_now(now_ms: int, ms: int) -> None:
    agenda = Agenda()
    agenda.run(now_ms)
    assert agenda.after(ms, lambda: None).at_ms == now_ms + ms
