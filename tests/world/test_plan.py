"""A plan says where things are and what is in between; one that cannot be is refused in a line."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import SimulatorError
from simulator.world.geometry import Point
from simulator.world.plan import Plan
from simulator.world.propagation import FLOOR_DB, WALL_DB
from tests.world.conftest import HEAD, PLACE, MakePlan

TWO_STOREYS = """
storey_m = 3
ceiling = "timber"
rooms = [
  { name = "Below", x = -5, y = -5, width = 10, depth = 10 },
  { name = "Above", x = -5, y = -5, width = 10, depth = 10, floor = 1 },
  { name = "Garden", x = 5, y = -5, width = 10, depth = 10, sky = "open" },
]
walls = [
  { material = "brick", top = 1, lines = [[[-5, -5], [5, -5], [5, 5], [-5, 5], [-5, -5]]] },
  { material = "wood", floor = 1, lines = [[[0, -5], [0, 5]]] },
]
"""
coordinates = st.floats(-40, 40)
points = st.builds(Point, coordinates, coordinates, st.floats(0, 6))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name = 1", "$.name: expected str, got int"),
        ('name = "a"', "$.origin: missing key; add it"),
        (HEAD, "$.places: missing key; add it"),
        (HEAD + "places = []", "$.places: expected array of length >= 1"),
        (HEAD + PLACE + "roofs = 1", "$.roofs: unknown key; remove it or correct its spelling"),
        (HEAD + PLACE + 'ceiling = "ice"', "$.ceiling: 'ice' is unknown; choose one of concrete"),
        (HEAD + PLACE + 'sky = "blue"', "$.sky: 'blue' is unknown; choose one of open, canyon"),
        (HEAD + 'places = [{ name = "a", x = nan, y = 0 }]', "$.places[0].x: expected float >="),
        (HEAD + 'places = [{ name = "a", x = 9e9, y = 0 }]', "$.places[0].x: expected float <="),
        (
            HEAD + 'places = [{ name = "a", x = 0, y = 0 }, { name = "a", x = 1, y = 0 }]',
            "$.places[0].name: 'a' is there twice; rename or remove one of them",
        ),
        (
            HEAD + PLACE + 'walls = [{ material = "paper", lines = [[[0, 0], [1, 0]]] }]',
            "$.walls[0].material: 'paper' is unknown; choose one of plasterboard, brick",
        ),
        (
            HEAD + PLACE + 'walls = [{ material = "brick", lines = [[[0, 0]]] }]',
            "$.walls[0].lines[0]: no wall; give two points or more",
        ),
        (
            HEAD + PLACE + 'walls = [{ material = "brick", floor = 2, top = 1, lines = [] }]',
            "$.walls[0].top: 1 is below floor 2; give that floor or a higher one",
        ),
        (
            HEAD + PLACE + 'hubs = [{ name = "h", at = "desc" }]',
            "$.hubs[0].at: no place is called 'desc'; add it to [[places]] or correct the name",
        ),
        (HEAD + PLACE + 'hubs = [{ name = "h", x = 1 }]', "$.hubs[0].y: missing key; add x and y"),
        (
            HEAD + PLACE + 'hubs = [{ name = "h", at = "desk", x = 1 }]',
            "$.hubs[0].at: the hub has a place and coordinates; remove one of them",
        ),
        (
            HEAD + PLACE + 'hubs = [{ name = "h", at = "desk", receiver = "ear" }]',
            "$.hubs[0].receiver: 'ear' is unknown; choose one of usb, onboard, dongle",
        ),
        (
            HEAD + PLACE + 'ways = [["desk", "door"]]',
            "$.ways[0][1]: no place is called 'door'; add it to [[places]] or correct the name",
        ),
        (
            HEAD + 'places = [{ name = "a", x = 0, y = 0 }, { name = "b", x = 1, y = 0 }]\n'
            'ways = [["a"]]',
            "$.places[1]: no way leads from 'a' to 'b'; add it to a line of ways",
        ),
        (HEAD + PLACE + 'wifi = [{ name = "w", x = 0, y = 0, channel = 14 }]', "$.wifi[0].channel"),
        ("name = ", "not TOML"),
    ],
)
def test_an_error_names_file_key_and_remedy(text: str, complaint: str) -> None:
    with pytest.raises(SimulatorError) as caught:
        Plan.parse("house.toml", text)
    assert str(caught.value).startswith("house.toml: ")
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_place_that_is_not_there_is_named_with_those_that_are(plan_of: MakePlan) -> None:
    with pytest.raises(SimulatorError, match=r"test: no place is called 'bar'; there are desk"):
        plan_of().at("bar")
    with pytest.raises(SimulatorError, match=r"no place is called 'bar'"):
        plan_of().route("desk", "bar")


def test_hubs_are_where_they_are_said_to_be() -> None:
    hubs = 'hubs = [{ name = "a", at = "up", height_m = 2 }, { name = "b", x = 4, y = 5 }]'
    text = HEAD + 'storey_m = 3\nplaces = [{ name = "up", x = 1, y = 2, floor = 2 }]\n' + hubs
    plan = Plan.parse("test.toml", text)
    assert [site.point for site in plan.hubs.values()] == [Point(1, 2, 8), Point(4, 5, 2.2)]


@pytest.mark.parametrize("material", WALL_DB)
def test_a_wall_between_costs_what_its_material_costs(plan_of: MakePlan, material: str) -> None:
    wall = f'walls = [{{ material = "{material}", lines = [[[10, -5], [10, 5]]] }}]'
    plan = plan_of(wall)
    here, beyond = plan.point(0, 0), plan.point(20, 0)
    assert plan.obstacles(here, beyond) == (1, 0, WALL_DB[material])
    assert plan.obstacles(here, plan.point(9, 0)) == (0, 0, 0.0)
    assert plan.obstacles(plan.point(0, 6), plan.point(20, 6)) == (0, 0, 0.0)


def test_walls_and_ceilings_count_on_the_floors_where_they_are(plan_of: MakePlan) -> None:
    plan = plan_of(TWO_STOREYS)
    west, east = plan.point(-2, 0), plan.point(2, 0)
    above_west, above_east = plan.point(-2, 0, 1), plan.point(2, 0, 1)
    outside, aloft = plan.point(20, 0), plan.point(20, 0, 1)
    assert plan.obstacles(west, east) == (0, 0, 0.0)
    assert plan.obstacles(above_west, above_east).walls == 1
    assert plan.obstacles(west, above_west) == (0, 1, FLOOR_DB["timber"])
    assert plan.obstacles(east, outside) == (1, 0, WALL_DB["brick"])
    # In the open there is no ceiling to go through.
    assert plan.obstacles(plan.point(21, 0), aloft) == (0, 0, 0.0)
    assert plan.obstacles(plan.point(21, 2), plan.point(9, 2, 1)) == (0, 0, 0.0)


def test_a_line_that_climbs_passes_below_a_wall_of_the_floor_above(plan_of: MakePlan) -> None:
    for x, walls in ((4, 0), (16, 1)):
        plan = plan_of(
            "storey_m = 3\n"
            f'walls = [{{ material = "brick", floor = 1, lines = [[[{x}, -5], [{x}, 5]]] }}]'
        )
        assert plan.obstacles(plan.point(0, 0), plan.point(20, 0, 1)).walls == walls


def test_a_line_through_a_corner_meets_the_corner_once(plan_of: MakePlan) -> None:
    plan = plan_of(
        'walls = [{ material = "brick", lines = [[[10, -5], [10, 0], [10, 5]]] },'
        ' { material = "brick", lines = [[[20, 0], [20, 5]], [[20, 0], [25, 0]]] }]'
    )
    assert plan.obstacles(plan.point(0, 0), plan.point(15, 0)).walls == 1


@given(points, points)
def test_what_is_between_is_the_same_both_ways(a: Point, b: Point) -> None:
    plan = Plan.parse("test.toml", HEAD + PLACE + TWO_STOREYS)
    there, back = plan.obstacles(a, b), plan.obstacles(b, a)
    assert there.ceilings == back.ceilings
    assert there.loss_db >= 0
    # Lines that graze an end of a wall may count it from one side only.
    assert abs(there.walls - back.walls) <= 1


def test_the_sky_is_that_of_the_room_and_of_a_place_that_says_otherwise() -> None:
    text = (
        HEAD
        + 'places = [{ name = "under the oak", x = 40, y = 0, sky = "canyon" }]\n'
        + TWO_STOREYS
    )
    plan = Plan.parse("test.toml", text)
    assert plan.sky(plan.point(0, 0)) == "indoor"
    assert plan.sky(plan.point(0, 0, 1)) == "indoor"
    assert plan.sky(plan.point(8, 0)) == "open"
    assert plan.sky(plan.point(41, 1)) == "canyon"
    assert plan.sky(plan.point(60, 0)) == "open"


@given(coordinates, coordinates)
def test_degrees_lead_back_to_the_point(x: float, y: float) -> None:
    plan = Plan.parse("test.toml", HEAD + PLACE)
    assert plan.point_at(*plan.latlon(Point(x, y, 1.2)), 1.2) == pytest.approx(
        (x, y, 1.2), abs=1e-6
    )


def test_a_degree_is_as_long_as_on_the_earth() -> None:
    plan = Plan.parse("test.toml", HEAD + PLACE)
    latitude, longitude = plan.latlon(Point(1000, 1000, 0))
    # By the haversine formula, on a sphere of 6,371 km.
    north = math.radians(latitude - 51.5) * 6_371_000
    east = math.radians(longitude + 0.1) * 6_371_000 * math.cos(math.radians(51.5))
    assert (north, east) == pytest.approx((1000, 1000), rel=0.005)
