"""Our own badge's cell is at a fuel gauge, its motor at a driver that one pin makes buzz."""

from pathlib import Path

from badge.boards import badge_r1
from tests.badge.test_supply import raise_alert, reports, run
from wire.frame import KIND_SOS, PHASE_RAISED

GAUGE, DRIVER = "i2c 36 max17048", "i2c 5a drv2605l"
BOTH = (GAUGE, DRIVER, "board badge_r1")
ENABLE, MOTOR = badge_r1.GNSS_ENABLE, badge_r1.MOTOR

# The driver's registers after its set-up, by its data sheet: LRA, closed loop, analogue input.
SET_UP = {0x16: 0x54, 0x17: 0x8D, 0x1A: 0xB6, 0x1B: 0x98, 0x1D: 0xA2, 0x01: 0x03}


def driven(said: list[str], register: int) -> list[int]:
    head = f"reg 5a:{register:02x} "
    return [int(line.removeprefix(head), 16) for line in said if line.startswith(head)]


def test_the_gauge_tells_percent_and_voltage(tmp_path: Path) -> None:
    said = run(tmp_path, *BOTH, "battery", "cell")
    assert said[-2:] == ["battery 75 False fine", "cell 3900"]


def test_percent_is_rounded_and_never_more_than_a_hundred(tmp_path: Path) -> None:
    for high, low, percent in (("31", "7f", 49), ("31", "80", 50), ("67", "00", 100)):
        said = run(tmp_path, *BOTH, f"reg 36:04 {high}", f"reg 36:05 {low}", "battery")
        assert said[-1] == f"battery {percent} False fine"


def test_no_cell_is_unknown_not_empty(tmp_path: Path) -> None:
    said = run(tmp_path, *BOTH, "reg 36:02 70", "battery")  # 2.24 V
    assert said[-1] == "battery None False fine"


def test_usb_is_a_pin_of_its_own(tmp_path: Path) -> None:
    said = run(tmp_path, *BOTH, f"pin {badge_r1.EXTERNAL_POWER} 1", "battery")
    assert said[-1] == "battery 75 True fine"


def test_the_receiver_is_switched_by_a_pin_even_when_the_bus_is_dead(tmp_path: Path) -> None:
    said = run(tmp_path, "board badge_r1", "gnss 1", "off", "battery", "cell")
    assert [line for line in said if line.startswith(f"pin {ENABLE} ")] == [
        f"pin {ENABLE} 1",
        f"pin {ENABLE} 0",
    ]
    assert "battery None False fault" in said
    assert said[-1] == "cell 0"


def test_the_driver_is_set_up_and_left_switched_off(tmp_path: Path) -> None:
    said = run(tmp_path, *BOTH)
    assert {register: driven(said, register)[-1] for register in SET_UP} == SET_UP
    motor = [line for line in said if line.startswith(f"pin {MOTOR} ")]
    assert motor == [f"pin {MOTOR} 1", f"pin {MOTOR} 0"]
    assert said.index(motor[0]) < said.index("reg 5a:01 03") < said.index(motor[1])


def test_the_driver_stands_by_before_it_can_move_the_motor(tmp_path: Path) -> None:
    said = run(tmp_path, DRIVER, "reg 5a:01 03", "board badge_r1")
    assert driven(said, 0x01) == [0x40, 0x03]  # as it wakes with the set-up of the last start


def test_another_chip_at_an_address_is_a_fault_and_is_not_written_to(tmp_path: Path) -> None:
    for chip in ((GAUGE, "reg 36:09 30"), (DRIVER, "reg 5a:00 60")):
        other = DRIVER if chip[0] is GAUGE else GAUGE
        said = run(tmp_path, *chip, other, "board badge_r1", "battery")
        assert said[-1].endswith("fault")
    assert driven(said, 0x1A) == []


def test_a_chip_that_comes_back_is_set_up_again(tmp_path: Path) -> None:
    lines = (*BOTH, "battery", "i2c 36 -", "battery", GAUGE, "battery")
    said = [line for line in run(tmp_path, *lines) if line.startswith("battery")]
    assert [line.split()[-1] for line in said] == ["fine", "fault", "fine"]


def test_a_gauge_that_is_gone_does_not_stop_the_motor(tmp_path: Path) -> None:
    said = run(tmp_path, *BOTH, "i2c 36 -", "battery", "battery")
    assert len([line for line in said if line.startswith(f"pin {MOTOR} ")]) == 2  # at the start


def test_an_alert_needs_neither_gauge_nor_driver(tmp_path: Path) -> None:
    latest = reports(raise_alert(tmp_path, "badge_r1"))[-1]
    assert (latest.kind, latest.phase, latest.battery) == (KIND_SOS, PHASE_RAISED, None)
    assert latest.fault
