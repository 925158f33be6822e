"""Percentiles in bounded memory."""

from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from simulator.report.distribution import EXACT, Distribution

times = st.integers(0, 10_000_000)
shares = st.sampled_from((0.01, 0.5, 0.9, 0.99, 1.0))


def nearest_rank(values: list[int], share: float) -> int:
    return sorted(values)[max(1, ceil(share * len(values))) - 1]


@given(st.lists(times, min_size=1), shares)
def test_percentiles_are_those_of_a_sorted_list(values: list[int], share: float) -> None:
    distribution = Distribution(values)
    assert distribution.quantile(share) == nearest_rank(values, share)
    assert (distribution.least, distribution.most) == (min(values), max(values))
    assert distribution.n == len(values)


@given(st.integers(1, 5_000), st.integers(0, 1_000_000), shares)
def test_of_very_many_times_percentiles_are_off_by_a_64th_at_most(
    step: int, first: int, share: float
) -> None:
    values = [first + step * at for at in range(EXACT + 500)]
    found = Distribution(values).quantile(share)
    true = nearest_rank(values, share)
    assert true - true / 64 <= found <= true


@given(st.lists(times), st.integers(0, 20), st.randoms())
def test_neither_order_nor_parts_matter(values: list[int], cut: int, chance: object) -> None:
    shuffled = list(values)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    joined = Distribution(shuffled[:cut])
    joined.join(Distribution(shuffled[cut:]))
    whole = Distribution(values)
    assert list(joined.items()) == list(whole.items())
    assert (joined.n, joined.least, joined.most, joined.mean) == (
        whole.n, whole.least, whole.most, whole.mean,
    )  # fmt: skip


def test_parts_that_are_too_many_together_are_as_coarse_as_the_whole() -> None:
    values = [7_919 * at for at in range(EXACT + 2)]
    joined = Distribution(values[:EXACT])
    joined.join(Distribution(values[EXACT:]))
    assert list(joined.items()) == list(Distribution(reversed(values)).items())


def test_few_times_take_over_the_coarseness_of_many() -> None:
    many, few = [at * at for at in range(EXACT + 50)], [1_000_001, 1_000_003]
    joined = Distribution(few)
    joined.join(Distribution(many))
    assert list(joined.items()) == list(Distribution(few + many).items())


def test_memory_is_bounded_however_many_times_come() -> None:
    distribution = Distribution(at * at for at in range(60_000))
    assert len(list(distribution.items())) < EXACT
    assert distribution.n == 60_000


def test_nothing_has_no_percentiles_and_no_nan() -> None:
    nothing = Distribution()
    assert (nothing.n, nothing.mean, nothing.quantile(0.5), nothing.most) == (0, 0.0, 0, 0)
