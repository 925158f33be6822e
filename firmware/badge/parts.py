"""The parts that a board's file names, opened. None where it names none."""

import esp32
import machine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from badge.supply import CellSupply, ChipSupply, GaugeSupply

_RECEIVED = 1024  # a second of all sentences at 9,600 baud is 960 bytes
_I2C_HZ = 400_000


def button(board: "ModuleType") -> machine.Pin:
    """Low while it is pressed."""
    if board.BUTTON_PULL_UP:
        return machine.Pin(board.BUTTON, machine.Pin.IN, machine.Pin.PULL_UP)
    return machine.Pin(board.BUTTON, machine.Pin.IN)


def wake_by(pin: machine.Pin, board: "ModuleType") -> None:
    """A press of the button, which is on this pin, ends the next deep sleep."""
    if board.BUTTON_WAKES == "ext0":
        esp32.wake_on_ext0(pin, esp32.WAKEUP_ALL_LOW)
    else:
        esp32.wake_on_gpio((pin,), esp32.WAKEUP_ALL_LOW)


def output(number: int) -> machine.Pin:
    """Motor or buzzer: high is on."""
    return machine.Pin(number, machine.Pin.OUT)


def light(board: "ModuleType") -> "machine.Signal | None":
    """On is lit, whichever level that is."""
    if board.LED is None:
        return None
    return machine.Signal(machine.Pin(board.LED, machine.Pin.OUT), invert=board.LED_LIT == 0)


def bus(board: "ModuleType") -> "machine.I2C | None":
    """The one I2C bus, for power chip and accelerometer."""
    if board.I2C is None:
        return None
    sda, scl = machine.Pin(board.I2C_SDA), machine.Pin(board.I2C_SCL)
    return machine.I2C(board.I2C, scl=scl, sda=sda, freq=_I2C_HZ)


def receiver(board: "ModuleType") -> machine.UART:
    """The GNSS receiver's line; its power is the supply's."""
    return machine.UART(
        board.GNSS_UART,
        baudrate=board.GNSS_BAUD,
        tx=board.GNSS_TX,
        rx=board.GNSS_RX,
        rxbuf=_RECEIVED,
    )


def supply(
    board: "ModuleType", i2c: "machine.I2C | None"
) -> "CellSupply | ChipSupply | GaugeSupply":
    """The board's power; i2c: its bus()."""
    made: "CellSupply | ChipSupply | GaugeSupply" = board.power(machine, i2c)
    return made
