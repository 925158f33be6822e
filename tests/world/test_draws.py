"""A draw depends on seed and key, on nothing else: not on order, not on the machine."""

import math
import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.world.draws import Draws, fold
from simulator.world.fields import Field, Wander

keys = st.lists(st.integers(-(2**70), 2**70) | st.text(max_size=8), min_size=1, max_size=4)
seeds = st.integers(-(2**80), 2**80)


@given(seeds, st.lists(keys, min_size=1, max_size=10), st.randoms())
def test_the_order_of_questions_does_not_matter(
    seed: int, asked: list[list[int | str]], order: random.Random
) -> None:
    draws = Draws(seed)
    first = {repr(key): draws.uniform(*key) for key in asked}
    order.shuffle(asked)
    assert {repr(key): Draws(seed).uniform(*key) for key in asked} == first


@given(seeds, keys, keys)
def test_keys_that_differ_give_draws_that_differ(
    seed: int, one: list[int | str], other: list[int | str]
) -> None:
    draws = Draws(seed)
    assert (draws.word(*one) == draws.word(*other)) == (one == other)


@given(seeds, keys, keys)
def test_what_is_under_a_key_is_the_longer_key(
    seed: int, above: list[int | str], below: list[int | str]
) -> None:
    draws = Draws(seed)
    assert draws.under(*above).word(*below) == draws.word(*above, *below)


@given(seeds, keys, st.integers(-(2**63), 2**63 - 1))
def test_the_fast_path_is_the_same_draw(seed: int, key: list[int | str], number: int) -> None:
    draws = Draws(seed)
    assert fold(draws.word(*key), number) == draws.word(*key, number)


@given(seeds, keys)
def test_draws_are_within_their_range(seed: int, key: list[int | str]) -> None:
    draws = Draws(seed)
    assert 0 <= draws.uniform(*key) < 1
    assert 3 <= draws.between(3, 5, *key) < 5
    assert math.isfinite(draws.gauss(*key))
    assert draws.choice("abc", *key) in "abc"


def test_draws_are_those_of_every_machine() -> None:
    draws = Draws(7)
    assert draws.word("shadow", "hub-1", 3, -4) == 0xFE5E1560B53C794F
    assert draws.uniform("a", 1) == 0.8687476129090269
    assert draws.stream("steps").random() == 0.4557476323179456


def test_uniform_draws_are_even_and_independent() -> None:
    draws = Draws(1)
    found = [draws.uniform("even", n) for n in range(20_000)]
    tenths = [sum(n / 10 <= x < (n + 1) / 10 for x in found) for n in range(10)]
    assert max(abs(count - 2000) for count in tenths) < 150
    assert abs(statistics.correlation(found[:-1], found[1:])) < 0.03


def test_normal_draws_are_normal() -> None:
    draws = Draws(2)
    found = [draws.gauss("normal", n) for n in range(20_000)]
    assert statistics.mean(found) == pytest.approx(0, abs=0.03)
    assert statistics.pstdev(found) == pytest.approx(1, abs=0.03)
    assert sum(abs(x) > 1.96 for x in found) / len(found) == pytest.approx(0.05, abs=0.006)


def test_each_option_is_chosen_alike() -> None:
    draws = Draws(3)
    found = [draws.choice("abc", n) for n in range(6000)]
    assert all(abs(found.count(option) - 2000) < 150 for option in "abc")


def test_a_wandering_value_has_the_same_spread_everywhere_and_is_alike_nearby() -> None:
    wanders = [Wander(Draws(n), 100.0, "w") for n in range(2000)]
    for where in (0.0, 25.0, 50.0, -137.0):
        found = [wander.at(where) for wander in wanders]
        assert statistics.pstdev(found) == pytest.approx(1, abs=0.05)
    here, near, far = ([w.at(x) for w in wanders] for x in (40.0, 42.0, 900.0))
    assert statistics.correlation(here, near) > 0.99
    assert abs(statistics.correlation(here, far)) < 0.07


def test_a_field_has_the_same_spread_everywhere_and_is_alike_nearby() -> None:
    fields = [Field(Draws(n), 6.0, "f") for n in range(2000)]
    for x, y in ((0.0, 0.0), (3.0, 3.0), (-1.0, 5.9)):
        found = [field.at(x, y) for field in fields]
        assert statistics.pstdev(found) == pytest.approx(1, abs=0.05)
    here, near, far = ([f.at(x, 2.0) for f in fields] for x in (2.0, 2.1, 20.0))
    assert statistics.correlation(here, near) > 0.99
    assert abs(statistics.correlation(here, far)) < 0.07


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_field_does_not_jump(x: float, y: float) -> None:
    field = Field(Draws(1), 6.0, "f")
    assert field.at(x + 1e-3, y) == pytest.approx(field.at(x, y), abs=0.01)
