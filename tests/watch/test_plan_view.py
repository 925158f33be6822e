"""A plan in a terminal's cells."""

from functools import lru_cache

from hypothesis import given
from hypothesis import strategies as st

from simulator.plans import load, names
from simulator.report.tracks import Stop
from simulator.watch.dots import Dots
from simulator.watch.plan_view import PlanView
from simulator.watch.scene import Person, Scene
from tests.report.tale import Tale


@lru_cache
def view(name: str) -> PlanView:
    return PlanView(load(name))


def scene(hubs: tuple[str, ...] = ()) -> Scene:
    found = Scene(names=("Asha", "Ben", "Chloe"))
    for entry in Tale(hubs=hubs).ended():
        found(entry)
    return found


@given(st.sampled_from(names()), st.integers(0, 140), st.integers(0, 60), st.none() | st.just(0))
def test_a_plan_fits_into_any_terminal(
    name: str, columns: int, rows: int, floor: int | None
) -> None:
    stops = {"Asha": Stop(0, 1e6, -1e6, 0), "Ben": Stop(0, 3.0, 3.0, 0)}
    lines = view(name).draw(scene(), stops, columns, rows, floor).plain.split("\n")
    assert len(lines) <= max(1, rows)
    assert all(len(line) <= columns for line in lines)


def test_people_and_hubs_are_where_they_are() -> None:
    hubs = ("hub-reception", "hub-corridor", "hub-upstairs")
    stops = {"Asha": Stop(0, 3.0, 2.6, 0), "Ben": Stop(0, 22.0, 2.4, 1)}
    lines = view("clinic").draw(scene(hubs), stops, 120, 40, 0).plain.split("\n")
    (asha,) = (line for line in lines if "Asha" in line)
    assert asha.index("●") < 30
    assert not any("Ben" in line for line in lines)  # is upstairs
    assert sum(line.count("▲") for line in lines) == 2


def test_an_alert_has_another_colour_and_a_dead_badge_another_sign() -> None:
    calm, alarmed = scene(), scene()
    alarmed.people[1] = Person(1, "Asha", phase="raised")
    alarmed.people[2] = Person(2, "Ben", down="no battery")
    stops = {"Asha": Stop(0, 3.0, 2.6, 0), "Ben": Stop(0, 9.0, 2.4, 0)}
    before, after = (view("clinic").draw(one, stops, 120, 40, 0) for one in (calm, alarmed))
    assert "✕Ben" in after.plain
    assert "✕" not in before.plain
    assert {str(span.style) for span in after.spans} - {str(span.style) for span in before.spans}


@given(st.integers(1, 60), st.integers(1, 30), st.data())
def test_a_line_goes_from_its_start_to_its_end(
    columns: int, rows: int, data: st.DataObject
) -> None:
    dots = Dots(columns, rows)
    across, down = st.integers(0, columns - 1), st.integers(0, rows - 1)
    start = data.draw(across), data.draw(down)
    end = data.draw(across), data.draw(down)
    dots.line(start, end, "red")
    lines = dots.text().plain.split("\n")
    assert lines[start[1]][start[0]] != " "
    assert lines[end[1]][end[0]] != " "
    drawn = sum(cell != " " for line in lines for cell in line)
    assert drawn >= max(abs(end[0] - start[0]), abs(end[1] - start[1])) + 1


outside = st.floats(-5, -0.001) | st.floats(4, 9)


@given(outside, st.floats(0, 3.9), st.booleans())
def test_what_lies_beyond_the_picture_is_not_drawn_at_its_edge(
    beyond: float, within: float, across: bool
) -> None:
    dots = Dots(4, 4)
    x, y = (beyond, within) if across else (within, beyond)
    dots.dot(x, y, "red")
    dots.write(x, y, "●", "red")
    assert not dots.text().plain.strip()


def test_names_do_not_cover_each_other() -> None:
    dots = Dots(20, 1)
    assert dots.write_beside(5, 0, "Asha", "")
    assert dots.write_beside(5, 0, "Ben", "")
    assert not dots.write_beside(5, 0, "Chloe", "")
    assert dots.text().plain == "  Ben Asha          "
