"""The shell's arithmetic: levels, places and rules, without a solid being made."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.board import load_board
from hardware.enclosure.board import Board, read, seen
from hardware.enclosure.findings import Finding
from hardware.enclosure.layout import Layout
from hardware.enclosure.outline import rounded
from hardware.enclosure.parameters import Case, listed
from hardware.enclosure.plan import plan
from hardware.enclosure.rules import check
from hardware.errors import HardwareError

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
BOARD = read()
CASE = Case()


def broken(board: Board = BOARD, case: Case = CASE) -> list[str]:
    """The errors that the rules find."""
    return [finding.error for finding in check(Layout(board, case)) if not finding.holds]


def test_our_badge_keeps_every_rule() -> None:
    assert broken() == []


@given(
    cell=st.floats(2.0, 12.0),
    board=st.floats(0.6, 2.4),
    tallest=st.floats(3.5, 9.0),
)
def test_levels_lie_in_order_whatever_is_built_in(
    cell: float, board: float, tallest: float
) -> None:
    changed = (
        replace(BOARD, thickness=board).changed("BT1", height=cell).changed("J2", height=tallest)
    )
    at = Layout(changed, CASE)
    levels = [
        at.back, at.floor, at.parting, at.board_back, 0.0, at.usb_middle, at.front_inner, at.face,
        at.ring_top,
    ]  # fmt: skip
    assert levels == sorted(levels)
    assert at.cell_front - at.floor >= cell * (1 + CASE.cell.swelling)
    assert at.front_inner >= tallest + CASE.shell.above_parts


@pytest.mark.parametrize(
    ("board", "culprit"),
    [
        (BOARD.changed("BT1", y=43.0), "BT1 outside 'antenna of the radio'"),
        (BOARD.changed("M1", y=60.0), "M1 outside 'antenna of the radio'"),
        (BOARD.changed("J2", x=30.0, y=26.0), "J2 outside 'view of the receiver's patch'"),
        (BOARD.changed("M1", x=30.0, y=24.0), "BT1 beside M1"),
        (BOARD.changed("BT1", width=34.0), "BT1 beside the prop"),
        (BOARD.changed("J2", x=35.0, y=7.0), "boss at 37, 3 beside J2"),
        (BOARD.changed("J2", x=25.0, y=9.0), "J2 under the pressed plunger"),
        (BOARD.changed("J1", y=6.0), "USB: receptacle's mouth"),
        (BOARD.changed("D3", x=29.0), "light: "),
        (BOARD.changed("BT1", height=9.0), "thickness at the face"),
        (BOARD.changed("BT1", height=3.2), "screw: floor under its head"),
    ],
)
def test_a_part_that_does_not_fit_is_named(board: Board, culprit: str) -> None:
    assert any(error.startswith(culprit) for error in broken(board))


@pytest.mark.parametrize(
    ("group", "name", "value", "culprit"),
    [
        ("shell", "wall_back", 0.9, "wall: shell.wall_back"),
        ("shell", "bevel", 4.5, "wall: edge of the front face"),
        ("gasket", "depth", 1.4, "gasket: squeeze"),
        ("gasket", "width", 1.5, "gasket: fill of the groove"),
        ("button", "travel", 0.5, "button: travel of its middle, pressed at the edge"),
        ("button", "travel", 1.4, "button: travel to the stop, pressed in the middle"),
        ("button", "ring_height", 2.0, "button: membrane below the ring"),
        ("button", "pad", 2.3, "button: pad above the top of SW1"),
        ("button", "hole", 15.0, "button: opening for a thumb"),
        ("fixing", "screw_step", 9.0, "screw: thread in the front shell"),
        ("catch", "thickness", 1.6, "catch: strain when it snaps in"),
        ("lanyard", "bar", 2.5, "eye: pull that its bar bears"),
    ],
)
def test_a_parameter_out_of_its_range_is_named(
    group: str, name: str, value: float, culprit: str
) -> None:
    changed = replace(CASE, **{group: replace(getattr(CASE, group), **{name: value})})
    assert any(error.startswith(culprit) for error in broken(case=changed))


def test_every_parameter_has_a_unit_and_a_reason() -> None:
    parameters = list(listed(CASE))
    assert len({parameter.name for parameter in parameters}) == len(parameters)
    assert [p.name for p in parameters if not p.unit or len(p.reason) < 8] == []


def test_an_error_names_culprit_number_limit_and_remedy() -> None:
    finding = Finding("gasket: squeeze", 0.1, "of the cord", 0.2, 0.3, "deepen it")
    assert finding.error == "gasket: squeeze: 0.1 of the cord, 0.2 to 0.3 is allowed: deepen it"


@given(found=st.floats(-5, 5), least=st.floats(-5, 5), most=st.floats(-5, 5))
def test_a_finding_holds_exactly_within_its_limits(found: float, least: float, most: float) -> None:
    within = least - 1e-3 <= found <= most + 1e-3
    assert Finding("", found, "", least, most).holds == within


@given(
    corners=st.lists(
        st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=3, max_size=8, unique=True
    ),
    radius=st.floats(0.1, 30),
)
def test_rounding_stays_within_the_outline_s_box(
    corners: list[tuple[int, int]], radius: float
) -> None:
    points = [(float(x), float(y)) for x, y in corners]
    for axis in (0, 1):
        low = min(point[axis] for point in points) - 1e-6
        high = max(point[axis] for point in points) + 1e-6
        assert all(low <= point[axis] <= high for point in rounded(points, radius))


def test_the_plan_shows_every_body_of_the_board() -> None:
    root = ET.fromstring(str(plan(Layout(BOARD, CASE))))
    words = " ".join(element.text or "" for element in root.iter())
    assert [body.reference for body in BOARD.bodies if body.reference not in words] == []


def test_the_plan_in_the_docs_is_this_one() -> None:
    """`python -m hardware.enclosure --quick --pictures docs/pictures` draws it anew."""
    drawn = (PICTURES / "enclosure-plan.svg").read_text(encoding="utf-8")
    assert drawn == str(plan(Layout(BOARD, CASE)))


def test_a_board_without_what_the_shell_needs_is_refused() -> None:
    board = load_board("badge")
    lamp = tuple(body for body in board.bodies if body.reference != "D3")
    with pytest.raises(HardwareError, match=r"badge\.toml: no \[\[bodies\]\] with reference 'D3'"):
        seen(msgspec.structs.replace(board, bodies=lamp))
    assert board.mechanics
    mechanics = msgspec.structs.replace(board.mechanics, holes=board.mechanics.holes[:3])
    with pytest.raises(HardwareError, match="holes has 3 entries"):
        seen(msgspec.structs.replace(board, mechanics=mechanics))
    with pytest.raises(HardwareError, match=r"no \[mechanics\]"):
        read("tbeam_v1_2")
