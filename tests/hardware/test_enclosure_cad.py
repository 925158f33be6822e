"""The shell as solids: it fits, it prints, and what does not is named."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hardware.enclosure.board import Board, read
from hardware.enclosure.layout import Layout
from hardware.enclosure.parameters import Case

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.cad

BOARD, CASE = read(), Case()


def errors(board: Board, case: Case = CASE) -> list[str]:
    """What the inspection of the built shell finds."""
    from hardware.enclosure.badge import build
    from hardware.enclosure.inspection import inspect

    return [finding.error for finding in inspect(build(Layout(board, case))) if not finding.holds]


@pytest.mark.parametrize(
    "board",
    [
        BOARD,
        BOARD.changed("BT1", height=7.5),
        BOARD.changed("BT1", height=4.2, width=25.0),
        replace(BOARD, thickness=1.6),
        replace(BOARD, width=44.0, corner=3.0),
        BOARD.changed("J2", height=3.4),
        BOARD.changed("SW1", height=6.5),
        BOARD.changed("M1", width=8.0, depth=8.0, height=3.2),
    ],
    ids=[
        "as it is",
        "thick cell",
        "thin cell",
        "thick board",
        "wide board",
        "low plug",
        "high switch",
        "motor",
    ],
)
def test_a_variant_is_built_fits_and_prints(board: Board) -> None:
    assert errors(board) == []


@pytest.mark.parametrize(
    ("board", "culprit"),
    [
        (BOARD.changed("M1", y=20.0), "collision of BT1 and M1"),
        (BOARD.changed("M1", x=12.0, y=12.0), "collision of back and M1"),
        (BOARD.changed("J2", y=2.0), "collision of front and J2"),
        (BOARD.changed("ANT1", y=24.0), "collision of ANT1 and SW1"),
    ],
)
def test_what_collides_is_named(board: Board, culprit: str) -> None:
    assert any(error.startswith(culprit) for error in errors(board))


@pytest.mark.parametrize(
    ("changes", "culprit"),
    [
        ({"fixing": {"boss": 2.6}}, "front: thinnest wall"),
        ({"catch": {"grip": 1.2, "slope": 0.0}}, "back: longest free span"),
        ({"catch": {"clear": 0.1}}, "back: narrowest slot"),
        ({"printer": {"play": 0.7}}, "gap between plunger and front"),
        ({"weight": {"most": 40.0}}, "mass: all"),
    ],
)
def test_what_cannot_be_made_is_named(changes: dict[str, dict[str, float]], culprit: str) -> None:
    groups = {name: replace(getattr(CASE, name), **values) for name, values in changes.items()}
    assert any(error.startswith(culprit) for error in errors(BOARD, replace(CASE, **groups)))


def test_step_and_stl_are_written_and_hold_the_part(tmp_path: "Path") -> None:
    import build123d

    from hardware.enclosure.small_parts import ring

    solid = ring(Layout(BOARD, CASE))
    solid.write_step(tmp_path / "ring.step")
    solid.write_stl(tmp_path / "ring.stl")
    read_back = build123d.import_step(tmp_path / "ring.step")
    assert read_back.volume == pytest.approx(solid.volume, rel=1e-3)
    assert (tmp_path / "ring.stl").stat().st_size > 10_000
