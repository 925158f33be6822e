"""What is under way to a broker, and what its PUBACKs say of it."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.flight import Flight, Parcel

PATIENCE_S = 15.0


def parcels(count: int) -> list[Parcel]:
    return [Parcel("a/topic", b"x", token) for token in range(count)]


def launch(flight: Flight, now_s: float = 0.0, mid: int = 1) -> list[int]:
    tokens = []
    while (parcel := flight.next()) is not None:
        flight.sent(now_s, mid + len(tokens), parcel)
        tokens.append(parcel.token)
    return tokens


@given(st.integers(1, 50), st.integers(0, 200))
def test_never_more_than_the_broker_takes_and_all_in_order(limit, count):
    flight, sent, mid, flying = Flight(PATIENCE_S), [], 1, []
    flight.limit = limit
    for parcel in parcels(count):
        flight.queue(parcel)
    while new := launch(flight, mid=mid):
        flying += range(mid, mid + len(new))
        mid += len(new)
        sent += new
        assert len(flying) <= limit
        flight.acknowledged(flying.pop(0))
    while flying:
        flight.acknowledged(flying.pop(0))
        new = launch(flight, mid=mid)
        flying += range(mid, mid + len(new))
        mid += len(new)
        sent += new
    assert sent == list(range(count))
    assert len(flight) == 0


def test_one_that_later_ones_passed_was_ignored_and_is_given_up():
    flight = Flight(PATIENCE_S)
    for parcel in parcels(3):
        flight.queue(parcel)
    launch(flight)
    flight.acknowledged(3)
    assert flight.ignored(PATIENCE_S) == ()
    assert [parcel.token for parcel in flight.ignored(PATIENCE_S + 0.1)] == [0, 1]
    assert not flight.stuck(PATIENCE_S + 0.1)
    assert flight.acknowledged(1) is None


def test_a_broker_that_acknowledges_nothing_is_stuck():
    flight = Flight(PATIENCE_S)
    assert not flight.stuck(1000.0)
    flight.queue(parcels(1)[0])
    launch(flight, now_s=100.0)
    assert not flight.stuck(100.0 + PATIENCE_S)
    assert flight.ignored(100.1 + PATIENCE_S) == ()
    assert flight.stuck(100.1 + PATIENCE_S)
