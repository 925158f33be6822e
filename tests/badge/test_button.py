"""Gestures: what each handling of the button means, whatever the contact does."""

from hypothesis import given
from hypothesis import strategies as st

from badge.button import DOUBLE, PRESS, SINGLE, SOS, Button

END_MS = 20_000


def gestures(edges: list[tuple[int, bool]], end_ms: int = END_MS) -> list[tuple[int, int]]:
    """(time, gesture) for level changes, asking at each deadline as the badge does."""
    button, said, level = Button(), [], False
    coming = sorted(edges, key=lambda edge: edge[0])
    now_ms = 0
    while now_ms <= end_ms:
        said += [(now_ms, gesture) for gesture in button.step(now_ms, level)]
        next_edge = coming[0][0] if coming else end_ms + 1
        now_ms = min(next_edge, max(now_ms, button.deadline()))
        if coming and now_ms == next_edge:
            level = coming.pop(0)[1]
    return said


def presses(*spans: tuple[int, int]) -> list[tuple[int, bool]]:
    return [edge for down, up in spans for edge in ((down, True), (up, False))]


def meant(edges: list[tuple[int, bool]]) -> list[int]:
    return [gesture for _, gesture in gestures(edges) if gesture != PRESS]


@given(st.integers(30, 1490))
def test_one_press_is_a_test(length_ms: int) -> None:
    assert meant(presses((100, 100 + length_ms))) == [SINGLE]


@given(st.integers(30, 400), st.integers(30, 500))
def test_two_presses_are_a_check_in(length_ms: int, gap_ms: int) -> None:
    second = 100 + length_ms + gap_ms
    assert meant(presses((100, 100 + length_ms), (second, second + length_ms))) == [DOUBLE]


@given(st.integers(1500, 15_000))
def test_a_hold_calls_for_help_at_1500_ms_and_only_once(length_ms: int) -> None:
    said = [s for s in gestures(presses((100, 100 + length_ms))) if s[1] != PRESS]
    assert said == [(1600, SOS)]


@given(st.lists(st.integers(60, 900), min_size=2, max_size=2))
def test_three_presses_within_two_seconds_call_for_help_at_the_third(gaps: list[int]) -> None:
    starts = [100, 100 + gaps[0], 100 + sum(gaps)]
    edges = presses(*((start, start + 30) for start in starts))
    assert [g for g in meant(edges) if g == SOS] == [SOS]


@given(st.integers(0, 5_000), st.lists(st.integers(60, 900), min_size=2, max_size=2))
def test_three_presses_call_for_help_whatever_was_pressed_before(
    before_ms: int, gaps: list[int]
) -> None:
    first = 200 + before_ms
    starts = [100, first, first + gaps[0], first + sum(gaps)]
    edges = presses(*((start, start + 30) for start in starts))
    assert SOS in meant(edges)


@given(st.lists(st.tuples(st.integers(1, 15), st.integers(1, 15)), max_size=20))
def test_bounce_is_not_a_press(pulses: list[tuple[int, int]]) -> None:
    at, edges = 100, []
    for down_ms, up_ms in pulses:
        edges += presses((at, at + down_ms))
        at += down_ms + up_ms
    assert gestures(edges) == []


@given(
    st.lists(st.integers(1, 4), max_size=8),
    st.lists(st.integers(1, 4), max_size=8),
)
def test_a_bouncing_hold_still_calls_for_help(closing: list[int], opening: list[int]) -> None:
    edges, at, level = [(100, True)], 100, True
    for pause in closing:
        at, level = at + pause, not level
        edges.append((at, level))
    if not level:
        edges.append((at + 2, True))
    end = at + 2_000
    edges.append((end, False))
    level = False
    for pause in opening:
        end, level = end + pause, not level
        edges.append((end, level))
    if level:
        edges.append((end + 2, False))
    assert meant(edges) == [SOS]


def test_a_button_held_for_an_hour_calls_once() -> None:
    said = gestures([(100, True)], end_ms=3_600_000)
    assert [gesture for _, gesture in said] == [PRESS, SOS]


def test_a_press_speaks_at_once_so_that_it_can_cancel() -> None:
    assert gestures(presses((100, 200)))[0] == (120, PRESS)


@given(st.lists(st.tuples(st.integers(0, END_MS), st.booleans()), max_size=60))
def test_no_handling_of_the_button_breaks_it(edges: list[tuple[int, bool]]) -> None:
    gestures(edges)


# -- presses that nobody saw ------------------------------------------------------

LOOK_MS = 200  # a sleeping badge's button is first looked at so long after the waking press


def after_sleep(edges: list[tuple[int, bool]], *, pressed: bool = True) -> list[tuple[int, int]]:
    """(time, gesture) of a badge that slept until 0 and looks from LOOK_MS on."""
    button, said = Button(), []
    coming = sorted(edges, key=lambda edge: edge[0])
    level = False
    while coming and coming[0][0] <= LOOK_MS:
        level = coming.pop(0)[1]
    button.wake(0, LOOK_MS, level, pressed)
    now_ms = LOOK_MS
    while now_ms <= END_MS:
        said += [(now_ms, gesture) for gesture in button.step(now_ms, level)]
        next_edge = coming[0][0] if coming else END_MS + 1
        now_ms = min(next_edge, max(now_ms, button.deadline()))
        if coming and now_ms == next_edge:
            level = coming.pop(0)[1]
    return said


def train(count: int, every_ms: int, length_ms: int, start_ms: int = 0) -> list[tuple[int, bool]]:
    starts = [start_ms + at * every_ms for at in range(count)]
    return presses(*((start, start + length_ms) for start in starts))


@given(st.integers(3, 6), st.integers(120, 900), st.floats(0.0, 1.0))
def test_three_even_presses_wake_the_badge_and_call_whatever_the_start_hid(
    count: int, every_ms: int, part: float
) -> None:
    length_ms = 50 + round(part * (every_ms - 50 - 30))
    said = [gesture for _, gesture in after_sleep(train(count, every_ms, length_ms))]
    assert SOS in said


@given(st.integers(3, 6), st.integers(200, 900), st.integers(50, 120), st.integers(0, LOOK_MS))
def test_three_presses_call_also_when_they_begin_in_a_start_for_a_heartbeat(
    count: int, every_ms: int, length_ms: int, start_ms: int
) -> None:
    edges = train(count, every_ms, length_ms, start_ms)
    assert SOS in [gesture for _, gesture in after_sleep(edges, pressed=False)]


@given(st.integers(50, 190), st.integers(302, 1_500))
def test_two_unhurried_presses_that_wake_the_badge_are_a_check_in(
    length_ms: int, every_ms: int
) -> None:
    said = [gesture for _, gesture in after_sleep(train(2, every_ms, length_ms))]
    assert DOUBLE in said
    assert SOS not in said


@given(st.integers(1_500, 10_000))
def test_a_hold_that_wakes_the_badge_counts_from_the_finger(length_ms: int) -> None:
    said = after_sleep(presses((0, length_ms)))
    assert [at_ms for at_ms, gesture in said if gesture == SOS] == [1_500]


@given(st.integers(1, 199))
def test_a_touch_that_is_over_before_anybody_looks_is_one_press(length_ms: int) -> None:
    said = [gesture for _, gesture in after_sleep(presses((0, length_ms)))]
    assert said == [SINGLE]


@given(st.integers(20, 1_400))
def test_a_press_that_a_flash_write_hid_counts_and_cancels_nothing(hidden_ms: int) -> None:
    button = Button()
    button.step(0, False)
    assert PRESS not in button.edge(5_000, False, hidden_ms)
    assert button.step(5_030, False) == ()
    assert button.step(8_000, False) == (SINGLE,)


def test_two_presses_and_one_that_was_hidden_call() -> None:
    button = Button()
    said: tuple[int, ...] = ()
    for at_ms, down in presses((100, 200), (400, 500)):
        said += button.edge(at_ms, down) + button.step(at_ms + 25, down)
    said += button.edge(900, False, 300)
    assert said == (PRESS, PRESS, SOS)


@given(st.lists(st.integers(0, 19), max_size=20))
def test_a_level_that_an_interrupt_finds_unchanged_is_bounce_while_somebody_looks(
    unwatched: list[int],
) -> None:
    button = Button()
    said: tuple[int, ...] = ()
    for at, unwatched_ms in enumerate(unwatched):
        said += button.edge(1_000 + 30 * at, False, unwatched_ms)
    assert said + button.step(9_000, False) == ()
