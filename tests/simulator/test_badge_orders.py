"""What may be said to virtual badges, and what distance does to them: no process, no radio."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.messages import Phase
from simulator.badges.field import Field
from simulator.badges.orders import AWAY_M, NEAR_M, PARTS, VERBS, Order, OrderError, read_order

KNOWN = tuple(range(1, 21))
WORDS = st.sampled_from([*VERBS, *PARTS, *Phase, "all", "1-5", "9-3", "1,2", "on", "off", "12m"])
LINES = st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=4).map(" ".join))
METRES = st.floats(0, AWAY_M)


@given(LINES)
def test_any_line_is_an_order_or_nothing_or_refused_in_one_printable_line(line: str) -> None:
    try:
        order, refusal = read_order(line, KNOWN), ""
    except OrderError as error:
        order, refusal = None, str(error)
    assert refusal.isprintable()
    assert order is None or (order.verb in VERBS and set(order.badges) <= set(KNOWN))


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_can_be_said_as_help_writes_it(verb: str) -> None:
    for usage in VERBS[verb].usage.split(" | "):
        for choice in usage.split("|"):
            said = choice.replace("[TIMES]", "2").replace("[PART]", "gnss").replace("PART", "motor")
            line = (
                said if said.startswith(verb) else f"{usage.split('|')[0].rsplit(' ', 1)[0]} {said}"
            )
            order = read_order(line, KNOWN)
            assert order is not None
            assert order.verb == verb


@given(st.integers(1, 20), st.integers(1, 20))
def test_a_range_is_all_from_its_first_to_its_last(one: int, other: int) -> None:
    low, high = sorted((one, other))
    wanted = tuple(range(low, high + 1))
    assert read_order(f"hold {low}-{high}", KNOWN) == Order("hold", wanted)
    assert read_order(f"hold {','.join(map(str, wanted))}", KNOWN) == Order("hold", wanted)
    if low < high:
        with pytest.raises(OrderError, match="runs backwards"):
            read_order(f"hold {high}-{low}", KNOWN)


def test_all_are_all() -> None:
    assert read_order("off ALL", KNOWN) == Order("off", KNOWN)


@pytest.mark.parametrize("line", ["", "   ", "# a remark", "  # press 1"])
def test_empty_lines_and_remarks_are_no_orders(line: str) -> None:
    assert read_order(line, KNOWN) is None


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("prss 1", "prss: no such command; did you mean press?"),
        ("xyzzy", "xyzzy: no such command; help lists what there is"),
        ("press", "press: say: press 3 [TIMES]"),
        ("press 99", "press: no badge 99; there are 1 to 20; say: press 3 [TIMES]"),
        ("press x", "press: x is no badge's number, 1-5, 1,3 or all; say: press 3 [TIMES]"),
        ("press 1 0", "press: 0 is not a number of presses from 1 to 20; say: press 3 [TIMES]"),
        ("press 1 1.5", "press: 1.5 is no whole number of presses; say: press 3 [TIMES]"),
        ("walk 1 far", "walk: far is not near, away or metres from 0 to 100000;"),
        ("battery 1 nan", "battery: nan is not volts from 0 to 5; say: battery 3 3.4"),
        ("charge 1 maybe", "charge: maybe is no switch (on, off); say: charge 3 on|off"),
        ("break 1 arm", "break: arm is no part (motor, flash, gnss, accelerometer, button-stuck"),
        ("mend 1 crash", "mend: crash is no part to mend (motor,"),
        ("wait 1 soon", "wait: soon is no phase (idle, pending, raised,"),
        ("jam", "jam: say: jam on|off"),
        ("list 1", "list: say: list"),
    ],
)
def test_a_refusal_names_the_culprit_and_says_what_to_do(line: str, told: str) -> None:
    with pytest.raises(OrderError) as refused:
        read_order(line, KNOWN)
    assert str(refused.value).startswith(told)


@pytest.mark.parametrize(("place", "metres"), [("near", NEAR_M), ("away", AWAY_M), ("12m", 12.0)])
def test_places_are_metres(place: str, metres: float) -> None:
    assert read_order(f"walk 1 {place}", KNOWN) == Order("walk", (1,), metres)


def field(seed: int = 1) -> Field:
    return Field(["badge-1", "badge-2"], random.Random(seed))


@given(METRES, METRES)
def test_who_is_farther_is_never_louder(one: float, other: float) -> None:
    place = field()
    place.put("badge-1", max(one, other))
    place.put("badge-2", min(one, other))
    assert place.level_dbm("badge-1") <= place.level_dbm("badge-2")


def test_who_is_near_is_heard_and_who_is_away_is_not_in_either_direction() -> None:
    place = field()
    place.put("badge-2", AWAY_M)
    for _ in range(200):
        assert place.hears("badge-1", "dongle") is not None
        assert place.hears("dongle", "badge-1") is not None
        assert place.hears("badge-2", "dongle") is None
        assert place.hears("dongle", "badge-2") is None


def test_at_the_edge_some_packets_get_through() -> None:
    place = field()
    place.put("badge-1", 150.0)
    heard = [place.hears("badge-1", "dongle") for _ in range(200)]
    assert None in heard
    assert any(heard)


def test_nobody_hears_anybody_while_it_is_jammed() -> None:
    place = field()
    place.jammed = True
    assert place.hears("badge-1", "dongle") is None
    place.jammed = False
    assert place.hears("badge-1", "dongle") is not None
