"""The picture of a plan can be embedded, and shows what is there."""

import xml.etree.ElementTree as ET

import pytest

from simulator import plans
from simulator.world.drawing import draw
from simulator.world.draws import Draws
from simulator.world.geometry import Point
from simulator.world.palette import SHADES, TRACKS, Words, shade
from simulator.world.plan import Plan
from simulator.world.radio import Radio
from simulator.world.walk import Walk
from tests.world.conftest import HEAD, MakePlan

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return [each.text or "" for each in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("name", plans.names())
def test_every_shipped_plan_can_be_drawn(name: str) -> None:
    plan = plans.load(name)
    svg = draw(plan)
    root = ET.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    width, height = (float(root.attrib[side]) for side in ("width", "height"))
    for shape in root.iter():
        for key in ("x", "cx", "x1"):
            assert -20 <= float(shape.attrib.get(key, 0)) <= width
        for key in ("y", "cy", "y1"):
            assert -20 <= float(shape.attrib.get(key, 0)) <= height
    said = texts(svg)
    assert plan.name in said
    assert all(hub in said for hub in plan.hubs)
    assert len(svg) < 100_000
    assert draw(plans.load(name)) == svg


@pytest.mark.parametrize("name", plans.names())
def test_nearly_every_place_has_its_name_in_the_picture(name: str) -> None:
    plan = plans.load(name)
    said = {text.casefold() for text in texts(draw(plan))}
    missing = [place for place in plan.stays if place.casefold() not in said]
    # The rooms of a house are small on a drawing of its whole land.
    assert len(missing) <= (0.3 if name == "farmhouse" else 0.05) * len(plan.stays)


def test_names_with_signs_of_markup_stay_names() -> None:
    text = HEAD.replace('"test"', '"<A & B>"') + 'places = [{ name = "a<b", x = 0, y = 0 }]'
    said = texts(draw(Plan.parse("test.toml", text)))
    assert "<A & B>" in said
    assert "a<b" in said


def test_coverage_is_shaded_by_its_share(plan_of: MakePlan) -> None:
    rooms = 'rooms = [{ name = "Hall", x = 0, y = -20, width = 40, depth = 40 }]'
    plan = plan_of(rooms)
    svg = draw(plan, coverage=lambda point: point.x / 40)
    for least, colour, words in SHADES:
        assert shade(least) == colour
        assert f'fill="{colour}"' in svg
        assert words in texts(svg)
    assert shade(0.05) == ""
    # Dark is east, where more gets through.
    places: dict[str, list[float]] = {}
    for each in ET.fromstring(svg).iter(f"{SVG}rect"):
        if float(each.attrib["height"]) < 12:
            places.setdefault(each.attrib["fill"], []).append(float(each.attrib["x"]))
    middles = [sum(places[colour]) / len(places[colour]) for _, colour, _ in SHADES]
    assert middles == sorted(middles, reverse=True)


def test_the_air_of_a_plan_can_be_its_coverage(plan_of: MakePlan) -> None:
    plan = plan_of()
    radio = Radio(plan, Draws(1))
    assert f'fill="{SHADES[0][1]}"' in draw(plan, coverage=radio.coverage)
    assert radio.coverage(plan.point(30, 1)) > 0.9
    assert radio.coverage(plan.point(4000, 1)) == 0
    assert radio.coverage(plan.point(30, 1), hubs=[]) == 0


def test_tracks_and_marks_are_drawn_on_their_floors() -> None:
    plan = plans.load("clinic")
    walk = Walk(plan, [(0, "reception desk"), (0, "group room")], Draws(1), "Asha")
    svg = draw(
        plan,
        tracks={"Asha": walk.points(0, 900_000), "nobody": []},
        marks={"pressed": plan.at("room 1")},
    )
    said = texts(svg)
    assert {"Asha", "nobody", "pressed"} <= set(said)
    lines = [each.attrib["points"] for each in ET.fromstring(svg).iter(f"{SVG}polyline")
             if each.attrib["stroke"] == TRACKS[0] and " " in each.attrib["points"]]  # fmt: skip
    # One on each floor, and the sign in the legend.
    assert len(lines) == 3
    assert draw(plan, marks={"off": Point(9, 9, 50)}).count("off<") == 0


def test_words_stand_beside_each_other_or_not_at_all() -> None:
    words = Words()
    first = words.beside(100, 100, "waiting room", size=10)
    second = words.beside(102, 100, "waiting room", size=10)
    assert first
    assert second
    assert first != second
    for _ in range(6):
        words.beside(101, 100, "waiting room", size=10)
    assert words.beside(101, 100, "waiting room", size=10) == ""
