"""A board's power works as its parts allow: a divider, a power chip, a gauge; and without them."""

import importlib
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

from badge.boards import tbeam_v1_1, tbeam_v1_2
from simulator.badge_files import BadgeFiles
from simulator.ear import Ear
from simulator.lockstep.single import LockstepBadge
from simulator.vm_script import firmware, run_script
from tests.conftest import BADGE_KEY, FLEET_KEY, NUMBER
from wire.frame import KIND_GOING_OFF, KIND_SOS, KIND_STATUS, PHASE_RAISED, Report

HERE = Path(__file__).parent
STAND_INS = HERE.parents[1] / "simulator" / "vm"
SUPPLY = HERE / "supply_by_lines.py"
BOARDS = sorted(path.stem for path in (firmware() / "badge" / "boards").glob("[a-z]*.py"))


def run(tmp_path: Path, *lines: str) -> list[str]:
    """What the supply gives and the hardware does, after these lines."""
    script = tmp_path / "script"
    script.write_text("".join(line + "\n" for line in lines))
    return run_script(SUPPLY, STAND_INS, script).splitlines()


def on_adc(board: ModuleType, cell_mv: int) -> str:
    return f"adc {board.BATTERY_ADC} {cell_mv * 1000 // board.BATTERY_DIVIDER}"


@pytest.mark.parametrize("name", [name for name in BOARDS if "generic" in name])
def test_a_board_with_a_divider_measures_its_cell_and_switches_its_receiver(
    tmp_path: Path, name: str
) -> None:
    board = importlib.import_module(f"badge.boards.{name}")
    said = run(
        tmp_path, on_adc(board, 3840), f"board {name}", "battery", "cell", "gnss 1", "gnss 0"
    )
    assert said == [
        "battery 50 False fine",
        "cell 3840",
        f"pin {board.GNSS_ENABLE} 1",
        f"pin {board.GNSS_ENABLE} 0",
    ]


def test_a_divider_without_a_cell_is_unknown_not_empty(tmp_path: Path) -> None:
    assert run(tmp_path, "board esp32_generic", "battery") == ["battery None False fine"]


# What is on the bus of a board that has no divider, and the percent that it tells of 3.9 V.
HARDWARE: dict[str, tuple[tuple[str, ...], int]] = {
    "badge_r1": (("i2c 36 max17048", "i2c 5a drv2605l"), 75),
    "tbeam_v1_1": (("i2c 34 axp192",), 63),
    "tbeam_v1_2": (("i2c 34 axp2101",), 75),
}


class Part(NamedTuple):
    """A power chip of a T-Beam: registers and bits by its datasheet, not by our driver.

    rails: the register of its outputs, the receiver's bit, the LoRa radio's, the processor's.
    percent_at_3900_mv: the AXP2101's is its gauge's. empty, usb: register and value when there
    is no cell, and when USB supplies it.
    """

    board: ModuleType
    model: str
    rails: tuple[int, int, int, int]
    percent_at_3900_mv: int
    empty: tuple[int, int]
    usb: tuple[int, int]

    def cell(self, cell_mv: int) -> list[str]:
        if self.model == "axp192":  # 12 bits of 1.1 mV, eight and four
            steps = round(cell_mv / 1.1)
            return [f"reg 34:78 {steps >> 4:02x}", f"reg 34:79 {steps & 15:02x}"]
        return [f"reg 34:34 {cell_mv >> 8:02x}", f"reg 34:35 {cell_mv & 255:02x}"]


AXP192 = Part(tbeam_v1_1, "axp192", (0x12, 0x08, 0x04, 0x03), 63, (0x01, 0x00), (0x00, 0x20))
AXP2101 = Part(tbeam_v1_2, "axp2101", (0x90, 0x04, 0x02, 0x00), 75, (0x00, 0x00), (0x00, 0x28))
both = pytest.mark.parametrize("part", [AXP192, AXP2101], ids=lambda part: part.model)


def on(part: Part, *lines: str) -> list[str]:
    name = part.board.__name__.rsplit(".", 1)[-1]
    return [f"i2c 34 {part.model}", f"board {name}", *lines]


def written(said: list[str], register: int) -> list[int]:
    """The values that a register was given, in order."""
    head = f"reg 34:{register:02x} "
    return [int(line.removeprefix(head), 16) for line in said if line.startswith(head)]


@both
def test_a_power_chip_tells_percent_and_voltage(tmp_path: Path, part: Part) -> None:
    said = run(tmp_path, *on(part, *part.cell(3900), "battery", "cell"))
    cell_mv = int(said[-1].split()[1])
    assert said[-2] == f"battery {part.percent_at_3900_mv} False fine"
    assert abs(cell_mv - 3900) <= 1


@both
def test_a_full_cell_on_the_charger_is_still_plugged_in(tmp_path: Path, part: Part) -> None:
    register, value = part.usb
    said = run(tmp_path, *on(part, f"reg 34:{register:02x} {value:02x}", "battery"))
    assert said[-1].split()[2] == "True"


@both
def test_no_cell_is_unknown(tmp_path: Path, part: Part) -> None:
    register, value = part.empty
    said = run(tmp_path, *on(part, f"reg 34:{register:02x} {value:02x}", "battery", "cell"))
    assert said[-2:] == ["battery None False fine", "cell 0"]


@both
def test_the_receiver_is_switched_and_the_processor_is_not(tmp_path: Path, part: Part) -> None:
    register, receiver, lora, processor = part.rails
    said = run(tmp_path, *on(part, "gnss 0", "gnss 1", "gnss 0"))
    values = written(said, register)
    assert [value & receiver for value in values[-3:]] == [0, receiver, 0]
    assert not values[0] & lora  # and stays off
    assert all(value & processor == processor and not value & lora for value in values)
    assert "off" not in said


@both
def test_nothing_is_written_that_already_stands(tmp_path: Path, part: Part) -> None:
    once = run(tmp_path, *on(part, "gnss 1"))
    again = run(tmp_path, *on(part, "gnss 1", "gnss 1", "battery", "battery"))
    assert [line for line in again if line.startswith("reg")] == once


def test_the_receivers_memory_stays_on_while_the_receiver_is_off(tmp_path: Path) -> None:
    said = run(tmp_path, *on(AXP2101, "gnss 0"))
    assert written(said, 0x18)[-1] & 0x04  # the button cell is charged,
    assert written(said, 0x6A)[-1] & 0x07 == 7  # to 3.3 V
    said = run(tmp_path, *on(AXP192, "gnss 0"))
    assert not written(said, 0x35)  # LDO1 has no switch, and is left alone


def test_the_receivers_rail_is_at_3_3_volts(tmp_path: Path) -> None:
    assert written(run(tmp_path, *on(AXP2101)), 0x94) == [28]  # 0.5 V + 28 x 0.1 V
    said = run(tmp_path, "i2c 34 axp192", "reg 34:28 c5", "board tbeam_v1_1")
    assert written(said, 0x28) == [0xCF]  # 1.8 V + 15 x 0.1 V; LDO2 as it was


@both
def test_a_cell_without_a_thermistor_is_charged_all_the_same(tmp_path: Path, part: Part) -> None:
    said = run(tmp_path, *on(part))
    if part is AXP192:
        assert written(said, 0x82) == [0x82]  # the cell is measured, TS is not
    else:
        assert written(said, 0x50)[-1] & 0x1F == 0x10  # TS is no thermistor
        assert written(said, 0x30)[-1] & 0x03 == 0x01


@both
def test_off_is_off(tmp_path: Path, part: Part) -> None:
    said = run(tmp_path, *on(part, "off", "battery"))
    assert said[-1] == "off"


@both
@pytest.mark.parametrize("there", ["-", "another"])
def test_a_missing_or_wrong_power_chip_is_a_fault_and_the_badge_goes_on(
    tmp_path: Path, part: Part, there: str
) -> None:
    other = {"axp192": "axp2101", "axp2101": "axp192"}[part.model]
    model = other if there == "another" else "-"
    name = part.board.__name__.rsplit(".", 1)[-1]
    said = run(
        tmp_path, f"i2c 34 {model}", f"board {name}", "battery", "gnss 1", "cell", "off", "battery"
    )
    assert said == ["battery None False fault", "cell 0", "battery None False fault"]


@both
def test_a_power_chip_that_comes_back_is_set_up_again(tmp_path: Path, part: Part) -> None:
    lines = on(part, "battery", "i2c 34 -", "battery", f"i2c 34 {part.model}", "gnss 1", "battery")
    said = [line for line in run(tmp_path, *lines) if line.startswith("battery")]
    assert [line.split()[-1] for line in said] == ["fine", "fault", "fine"]
    register, _, lora, _ = part.rails
    values = written(run(tmp_path, *lines), register)
    assert [value & lora for value in values] == [0] * len(values)
    assert len(values) >= 2


# -- the whole badge ----------------------------------------------------------


def raise_alert(tmp_path: Path, name: str, *hardware: str) -> list[tuple[str, ...]]:
    """What the hardware of such a badge does in the ten seconds after its button is held."""
    board = importlib.import_module(f"badge.boards.{name}")
    files = BadgeFiles(tmp_path / name)
    files.make(NUMBER, 0, FLEET_KEY, BADGE_KEY, board=name, sleep=False)
    with LockstepBadge(files) as badge:
        for line in (*hardware, f"pin {board.BUTTON} 1"):
            badge.send(line)
        badge.run(1_000)
        badge.send(f"pin {board.BUTTON} 0")
        badge.run(10_000)
        assert badge.stopped == ""
        return [said.words for said in badge.said]


def reports(said: list[tuple[str, ...]]) -> list[Report]:
    ear = Ear(FLEET_KEY, BADGE_KEY)
    adverts = [words[3] for words in said if words[0] == "adv" and words[1] != "0"]
    return [ear.hear(bytes.fromhex(advert)).report for advert in adverts]


@pytest.mark.parametrize("name", BOARDS)
def test_every_board_raises_an_alert(tmp_path: Path, name: str) -> None:
    board = importlib.import_module(f"badge.boards.{name}")
    hardware, percent = HARDWARE.get(name, ((on_adc(board, 3840),), 50))
    said = raise_alert(tmp_path, name, *hardware)
    latest = reports(said)[-1]
    assert (latest.kind, latest.phase, latest.fault) == (KIND_SOS, PHASE_RAISED, False)
    assert latest.battery == percent
    assert ("pin", str(board.MOTOR), "1") in said
    # The receiver got its power, and was asked who it is.
    assert [words for words in said if words[:2] == ("uart", str(board.GNSS_UART))]


@both
def test_the_receiver_has_power_while_an_alert_is_open(tmp_path: Path, part: Part) -> None:
    name = part.board.__name__.rsplit(".", 1)[-1]
    said = raise_alert(tmp_path, name, f"i2c 34 {part.model}")
    register, receiver, _, _ = part.rails
    rails = [int(words[2], 16) for words in said if words[:2] == ("reg", f"34:{register:02x}")]
    assert rails[-1] & receiver
    assert not rails[-2] & receiver  # it was off before


@both
def test_an_alert_needs_no_power_chip(tmp_path: Path, part: Part) -> None:
    name = part.board.__name__.rsplit(".", 1)[-1]
    latest = reports(raise_alert(tmp_path, name))[-1]
    assert (latest.kind, latest.phase) == (KIND_SOS, PHASE_RAISED)
    assert latest.battery is None


@both
def test_a_chip_that_comes_and_goes_is_no_charger_that_does(tmp_path: Path, part: Part) -> None:
    name = part.board.__name__.rsplit(".", 1)[-1]
    files = BadgeFiles(tmp_path / name)
    files.make(NUMBER, 0, FLEET_KEY, BADGE_KEY, board=name, sleep=False)
    plugged = (f"i2c 34 {part.model}", "reg 34:00 28")
    with LockstepBadge(files) as badge:
        for line in (*plugged, f"pin {part.board.BUTTON} 1"):
            badge.send(line)
        badge.run(30_000)
        for at_ms in range(0, 9_000, 1_500):
            badge.send("i2c 34 -", after_ms=at_ms)
            for line in plugged:
                badge.send(line, after_ms=at_ms + 700)
        badge.send("reg 34:00 08", after_ms=9_400)
        badge.run(60_000)
        assert {report.kind for report in reports([s.words for s in badge.said])} == {KIND_STATUS}


@both
def test_a_sleeping_badge_is_switched_off_by_its_charger(tmp_path: Path, part: Part) -> None:
    name = part.board.__name__.rsplit(".", 1)[-1]
    files = BadgeFiles(tmp_path / name)
    files.make(NUMBER, 0, FLEET_KEY, BADGE_KEY, board=name)
    with LockstepBadge(files) as badge:
        for line in (f"i2c 34 {part.model}", "reg 34:00 08", f"pin {part.board.BUTTON} 1"):
            badge.send(line)
        badge.run(30_000)
        assert badge.said[-1].words[0] == "deepsleep"
        badge.send("reg 34:00 28")
        badge.run(65_000)
        for at_ms in range(0, 9_000, 3_000):
            badge.send("reg 34:00 08", after_ms=at_ms)
            badge.send("reg 34:00 28", after_ms=at_ms + 1_500)
        badge.send("reg 34:00 08", after_ms=9_000)
        badge.run(60_000)
        said = [s.words for s in badge.said]
        assert reports(said)[-1].kind == KIND_GOING_OFF
        assert said[-1] == ("off",)
