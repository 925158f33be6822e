"""The accelerometers' driver on MicroPython, before parts that are simulated by register."""

import struct
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.motion import FALL
from simulator.daily_living import walk
from simulator.falls import fall_backward, stay_down
from simulator.motion import Placement, Sample, Wearer
from simulator.vm_script import run_script

SCRIPT = Path(__file__).parent / "accelerometer_in_vm.py"
STAND_INS = Path(__file__).parents[2] / "simulator" / "vm"
PARTS = ("lis3dh", "lis2dw12")
RESOLUTION_MG = {"lis3dh": 16, "lis2dw12": 1}
parts = pytest.mark.parametrize("part", PARTS)

Force = tuple[int, int, int]


def scene(*words: str | int) -> list[str]:
    """What the script says, line by line."""
    return run_script(SCRIPT, STAND_INS, *map(str, words)).splitlines()


def scene_with(content: str, *words: str | int) -> list[str]:
    """The same, with a file as last argument: MicroPython takes no long ones."""
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(content)
        file.flush()
        return scene(*words, file.name)


def queued(forces: Iterable[Iterable[int]]) -> str:
    return b"".join(struct.pack("<3h", *force) for force in forces).hex()


@parts
@settings(max_examples=5, deadline=None)
@given(st.lists(st.tuples(*[st.integers(-7_900, 7_900)] * 3), min_size=20, max_size=200))
def test_every_sample_is_read_once_and_in_order(part: str, forces: list[Force]) -> None:
    forces = forces[: len(forces) // 20 * 20]
    said = [tuple(map(int, line.split())) for line in scene_with(queued(forces), "read", part)]
    assert len(said) == len(forces)
    for read, force in zip(said, forces, strict=True):
        # Scale: the data sheets' digits are 4 and 0.976 mg, 2 % more than a power of two of 8 g.
        near = max(abs(a - b) - abs(b) // 40 for a, b in zip(read, force, strict=True))
        assert near <= RESOLUTION_MG[part] + 1


@parts
def test_after_a_late_read_the_newest_32_are_there(part: str) -> None:
    forces = [(at * 50, 0, 1000) for at in range(100)]
    newest, then = scene_with(queued(forces), "late", part)
    count, x, *_ = map(int, newest.split())
    assert count == 32
    assert abs(x - 99 * 50) <= RESOLUTION_MG[part] + 99 * 50 // 40
    assert then == "0"


@parts
def test_reading_allocates_nothing(part: str) -> None:
    assert scene("heap", part) == ["20"]


def test_a_missing_part_is_told_with_what_to_do() -> None:
    assert scene("missing") == [
        "I2C address 0x18: nothing answers, not a LIS3DH (0x33) or LIS2DW12 (0x44): "
        "check the part, its wiring and the board's file"
    ]


def test_another_part_is_told_by_its_identity() -> None:
    [said] = scene("stranger", "lis3dh")
    assert said.startswith("I2C address 0x18: WHO_AM_I is 0x68, not a LIS3DH (0x33)")


@parts
@pytest.mark.parametrize(("push_mg", "passes"), [(300, True), (0, False), (4_000, False)])
def test_the_self_test_takes_what_the_data_sheet_takes(
    part: str, push_mg: int, passes: bool
) -> None:
    verdict, after = scene("check", part, push_mg)
    assert verdict == str(passes)
    count, x, _, z = map(int, after.split())
    assert (count, x) == (20, 0), "it measures on"
    assert 960 <= z <= 1000


@parts
def test_only_a_movement_above_the_threshold_wakes(part: str) -> None:
    assert scene("wake", part, 100, 120, 800, 800, 500) == [
        *("False", "False", "True", "False", "True"),
        "20",
    ]


def heard(said: Iterable[str]) -> list[str]:
    """Without what goes to the badge's console."""
    return [line for line in said if not line.startswith("tocsin:")]


def fall() -> list[Sample]:
    wearer = Wearer(Placement.LANYARD, 4)
    return [*walk(wearer, 25), *fall_backward(wearer), *stay_down(wearer, 20)]


@parts
def test_a_fall_that_a_part_feels_is_told(part: str) -> None:
    felt = fall()
    pieces = [felt[at : at + 500] for at in range(0, len(felt), 500)]
    plans = [f"0 i2c 18 {part}"]
    plans += [
        f"{400 + at * 10_000} accels {queued(sample[1:] for sample in piece)}"
        for at, piece in enumerate(pieces)
    ]
    said = heard(scene_with("\n".join(plans), "watch", len(felt) // 50 + 25))
    found, told = said
    assert found == "0 fault False"
    assert told.split(" ")[1:] == ["event", str(FALL)]


@parts
@pytest.mark.parametrize(("force_mg", "wakes"), [(100, False), (900, True)])
def test_the_task_rests_until_a_movement(part: str, force_mg: int, wakes: bool) -> None:
    assert scene("rest", part, force_mg) == ["False", "False", "True", str(wakes)]


@parts
def test_a_part_that_forgot_to_measure_is_told_and_set_up_again(part: str) -> None:
    plans = f"0 i2c 18 {part}\n5000 reg 18:20 00"  # CTRL1: off, as after a dip of its supply
    said = heard(scene_with(plans, "watch", 30))
    assert said == ["0 fault False", "6800 fault True", "16800 fault False"]


@parts
def test_a_part_that_was_just_told_to_rest_takes_that_for_no_movement(part: str) -> None:
    assert scene("wake", part, 0, 0)[:2] == ["False", "False"]


@parts
def test_a_part_that_comes_late_or_goes_is_told_and_looked_for(part: str) -> None:
    plans = f"5000 i2c 18 {part}\n25000 i2c 18 -\n31000 i2c 18 {part}"
    said = heard(scene_with(plans, "watch", 60))
    assert said == [
        "0 fault True",
        "10000 fault False",
        "25200 fault True",
        "35200 fault False",
    ]
