"""The power budget: figures have sources, add up, and answer how long a cell lasts."""

import ast
from itertools import pairwise
from math import isclose
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge import airtime, core, signals
from hardware.board import board_names
from hardware.errors import HardwareError
from hardware.power import (
    ADDED,
    PROCESSOR,
    Cell,
    Current,
    Day,
    Range,
    capacity,
    currents,
    days,
    durations,
    heartbeat_for,
    self_discharge,
    spent,
)
from hardware.power.budget import DAY_S, LONGEST_S, WINDOW_EVERY
from hardware.power.figures import Draw, Figures, load_figures, parse_figures
from hardware.power.ranges import exactly, product, quotient, total
from simulator.vm_script import firmware

BOARDS = [*board_names(), "badge_on_c3", "badge_on_c6"]
every = pytest.mark.parametrize("board", BOARDS)
boards = st.sampled_from(BOARDS)
intervals = st.floats(1, LONGEST_S)


def ranges(least: float = 0.001) -> st.SearchStrategy[Range]:
    three = st.lists(st.floats(least, 1e6), min_size=3, max_size=3)
    return three.map(lambda values: Range(*sorted(values)))


# -- figures ------------------------------------------------------------------


def figures_of(found: object, path: str = "") -> list[tuple[str, object]]:
    """Every figure in it that has a source, with where it is."""
    if hasattr(found, "source"):
        return [(path, found)]
    if isinstance(found, msgspec.Struct):
        found = {name: getattr(found, name) for name in found.__struct_fields__}
    items = found.items() if isinstance(found, dict) else enumerate(found)  # type: ignore[arg-type]
    return [
        each
        for name, value in items
        if isinstance(value, dict | list | tuple | msgspec.Struct)
        for each in figures_of(value, f"{path}.{name}")
    ]


def all_figures() -> list[tuple[str, object]]:
    figures: Figures = load_figures()
    parts = [figures.chips, figures.receivers, figures.durations, figures.cell]
    found = [each for part in parts for each in figures_of(part)]
    return found + [each for board in BOARDS for each in figures_of(figures.consumer(board), board)]


def test_every_figure_has_a_source_and_is_in_order() -> None:
    found = all_figures()
    assert len(found) > 100
    for path, figure in found:
        three = next(
            getattr(figure, name) for name in ("ma", "s", "value") if hasattr(figure, name)
        )
        assert list(three) == sorted(three), path
        assert three[0] >= 0, path
        assert figure.source, path  # type: ignore[attr-defined]


def test_some_figures_are_assumed_and_some_are_not() -> None:
    assumed = [figure.assumed for _, figure in all_figures()]  # type: ignore[attr-defined]
    assert True in assumed
    assert False in assumed


def test_durations_are_those_of_the_firmware() -> None:
    told = durations()
    assert told["burst"].s[1] == airtime.BURST_MS / 1_000
    assert told["window"].s[1] == airtime.WINDOW_MS / 1_000
    assert WINDOW_EVERY == airtime.WINDOW_EVERY
    assert told["test"].s[2] == core.FAIL_MS / 1_000
    assert told["test"].s[0] > core.CLOSING_MS / 1_000
    felt = {
        "vibration_alert": ("RECOGNISED", "HEARD", "DELIVERED", "ACKNOWLEDGED", "RESOLVED"),
        "vibration_test": ("RECOGNISED", "HEARD", "DELIVERED"),
    }
    for name, patterns in felt.items():
        on_ms = sum(sum(signals.VIBRATION[getattr(signals, p)][::2]) for p in patterns)
        assert told[name].s[1] == on_ms / 1_000


def test_a_day_is_by_default_as_the_firmware_is_configured() -> None:
    # badge.store runs on MicroPython alone: it is read, not imported.
    defaults, may_be = constant("DEFAULTS"), constant("RANGES")
    assert Day().heartbeat_s == defaults["heartbeat_ms"] / 1_000
    assert Day().off_duty_heartbeat_s == defaults["heartbeat_off_ms"] / 1_000
    assert may_be["heartbeat_ms"][1] / 1_000 == LONGEST_S


def constant(name: str) -> Any:
    """What badge/store.py gives a name."""
    source = ast.parse((firmware() / "badge" / "store.py").read_text())
    for statement in source.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == name:
            return ast.literal_eval(statement.value)
    raise AssertionError(name)


# -- arithmetic ---------------------------------------------------------------


@given(ranges(), ranges())
def test_a_range_stays_in_order_and_its_middle_is_exact(a: Range, b: Range) -> None:
    for found, typical in (
        (total(a, b), a.typical + b.typical),
        (product(a, b), a.typical * b.typical),
        (quotient(a, b), a.typical / b.typical),
    ):
        assert 0 <= found.low <= found.typical <= found.high
        assert isclose(found.typical, typical)


@given(ranges(), ranges())
def test_independent_deviations_are_less_than_all_at_their_worst(a: Range, b: Range) -> None:
    both = total(a, b)
    assert both.high <= (a.high + b.high) * (1 + 1e-9)
    assert both.low >= a.low + b.low - 1e-9 * both.typical
    assert product(a, b).high <= a.high * b.high * (1 + 1e-9)


@given(ranges(), st.floats(0.01, 1e4))
def test_an_exact_figure_adds_no_uncertainty(a: Range, exact: float) -> None:
    found = product(a, exactly(exact))
    assert all(isclose(x, y) for x, y in zip(found, a.scaled(exact), strict=True))


# -- currents -----------------------------------------------------------------


@every
def test_every_board_has_a_current_for_every_state(board: str) -> None:
    found = currents(board)
    assert tuple(found) == (*PROCESSOR, *ADDED)
    for state, current in found.items():
        assert 0 <= current.low <= current.typical <= current.high, state
        assert current.source
        assert current.adds == (state in ADDED)


@every
def test_who_does_more_draws_more(board: str) -> None:
    typical = {state: current.typical for state, current in currents(board).items()}
    order = ("deep_sleep", "light_sleep", "idle", "advertise", "advertise_fast")
    assert all(typical[less] < typical[more] for less, more in pairwise(order))


def test_our_own_badge_sleeps_with_what_its_parts_draw() -> None:
    asleep = currents("badge")["deep_sleep"]
    rail_ua = (8 + 3) * 3.3 / 3.75 / 0.86  # ESP32-S3 and LIS2DW12, through the regulator
    cell_ua = 4 + 4 + 3 + 4 + 4 + 0.15 + 1  # charger, two protections, gauge, driver, ...
    assert asleep.typical * 1_000 == pytest.approx(rail_ua + cell_ua, rel=0.01)


def test_awake_it_draws_through_the_regulator_at_work() -> None:
    parts_ma = currents("badge")["deep_sleep"].typical - 8e-3 * 3.3 / 3.75 / 0.86
    wanted = 55 * 3.3 / 3.75 / 0.92 + parts_ma
    assert currents("badge")["boot"].typical == pytest.approx(wanted)


def test_the_receivers_memory_costs_a_t_beam_nothing() -> None:
    assert currents("tbeam_v1_1")["gnss_backup"].typical == 0
    assert currents("badge")["gnss_backup"].typical > 0


def test_a_board_without_figures_is_refused_with_those_that_have_some() -> None:
    with pytest.raises(HardwareError, match="no power figures of 'toaster': choose one of badge"):
        currents("toaster")


@pytest.mark.parametrize("text", [b"[chips", b"[chips.z80]\nodd = 1"])
def test_a_file_that_is_no_figures_is_refused_by_its_name(text: bytes) -> None:
    with pytest.raises(HardwareError, match=r"^figures\.toml: "):
        parse_figures(text)


# -- cell ---------------------------------------------------------------------


@given(st.floats(-40, 60), st.floats(0, 10))
def test_a_cell_gives_no_more_than_it_has_and_less_with_age(c: float, years: float) -> None:
    new, old = capacity(Cell(500, 0, c)), capacity(Cell(500, years, c))
    assert 0 < old.typical <= new.typical <= 500
    assert new.high <= 505


@given(st.floats(-20, 24), st.floats(0.5, 20))
def test_a_cold_cell_gives_less_and_loses_less_by_itself(c: float, warmer: float) -> None:
    cold, warm = Cell(500, 0, c), Cell(500, 0, min(25, c + warmer))
    assert capacity(cold).typical <= capacity(warm).typical
    assert self_discharge(cold).typical <= self_discharge(warm).typical


def test_self_discharge_doubles_in_ten_degrees() -> None:
    hot, mild = self_discharge(Cell(500, 0, 35)), self_discharge(Cell(500, 0, 25))
    assert hot.typical == pytest.approx(2 * mild.typical)


# -- budget -------------------------------------------------------------------


@given(boards, intervals, intervals)
def test_rarer_heartbeats_last_longer(board: str, a: float, b: float) -> None:
    often, rare = sorted((a, b))
    lasts = [days(board, Cell(), Day(heartbeat_s=s, off_duty_heartbeat_s=s)) for s in (often, rare)]
    for at_often, at_rare in zip(*lasts, strict=True):
        assert at_often <= at_rare * (1 + 1e-9)


@given(boards, st.floats(0, 5), st.floats(0, 5))
def test_more_alerts_last_shorter(board: str, a: float, b: float) -> None:
    few, many = sorted((a, b))
    assert (
        days(board, Cell(), Day(alerts=many)).typical
        <= days(board, Cell(), Day(alerts=few)).typical
    )


@given(boards, intervals, st.floats(0, 24), st.floats(0, 8))
def test_a_day_has_24_hours(
    board: str, heartbeat_s: float, on_duty_h: float, visit_h: float
) -> None:
    items = spent(board, Day(heartbeat_s, on_duty_h=on_duty_h, visit_h=visit_h))
    awake = [item for item in items if not item.name.startswith("+")]
    in_all = sum(item.seconds.typical for item in awake)
    assert in_all >= DAY_S - 1e-6
    assert items[-2].seconds.typical == 0 or isclose(in_all, DAY_S)


def test_a_heartbeat_costs_its_start_its_burst_and_a_tenth_of_a_window() -> None:
    ma = {state: current.typical for state, current in currents("badge").items()}
    one_mas = 0.8 * ma["boot"] + (0.9 * 0.35 + 0.1 * 2.0) * ma["advertise"]
    items = spent("badge", Day(heartbeat_s=60, tests=0))
    told = sum(item.mah.typical for item in items if item.name.startswith("heartbeats"))
    assert told == pytest.approx(24 * 60 * one_mas / 3_600)


@given(boards, st.floats(100, 5_000), st.floats(5, 200))
def test_the_interval_that_is_found_is_the_shortest_that_lasts(
    board: str, mah: float, wanted: float
) -> None:
    day = Day()
    for end, found in enumerate(heartbeat_for(board, Cell(mah), wanted, day)):

        def lasts(s: float, end: int = end) -> bool:
            tried = day._replace(heartbeat_s=s, off_duty_heartbeat_s=max(s, 600))
            return days(board, Cell(mah), tried)[end] >= wanted

        if found is None:
            assert not lasts(LONGEST_S)
        else:
            assert lasts(found)
            assert found <= 2 or not lasts(found - 1)


def test_sixty_seconds_and_ninety_days_are_out_of_reach_of_micropython_on_500_mah() -> None:
    assert days("badge", Cell(500), Day()).high < 90
    typically = heartbeat_for("badge", Cell(500), 90, Day()).typically
    assert typically is not None
    assert 400 < typically < 600


def test_the_s3_is_dearer_than_the_c3_and_light_sleep_pays_on_the_c6_alone() -> None:
    assert days("badge_on_c3", Cell(), Day()).typical > days("badge", Cell(), Day()).typical
    light = Day(program="light_sleep")
    lasts = {board: days(board, Cell(500), light).typical for board in BOARDS if "badge" in board}
    assert lasts["badge"] < 90 < lasts["badge_on_c6"]
    assert lasts["badge_on_c3"] < 90


def test_a_faster_start_is_worth_more_than_a_chip() -> None:
    frozen = Day(start_s=Range(0.15, 0.25, 0.4))
    assert days("badge", Cell(), frozen).typical > days("badge_on_c3", Cell(), Day()).typical


def test_a_current_is_a_range_with_a_source() -> None:
    current: Current = currents("badge")["boot"]
    assert current.range == Range(current.low, current.typical, current.high)
    assert "glenn20" in current.source
    assert isinstance(load_figures().chips["esp32s3"].boot, Draw)
