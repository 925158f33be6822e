"""Rules about serial ports, the I2C bus and the rails."""

from collections import Counter
from collections.abc import Iterator

from hardware.board import Board
from hardware.rules.chips import Chip
from hardware.rules.rule import Rule

_FAST_HZ = 400_000
_ADDRESSES = range(0x08, 0x78)
_SINK_A = 3e-3
_LOW_V = 0.4
_RISE_S = 300e-9  # to 400 kHz; 1000 ns to 100 kHz
_RISE_FACTOR = 0.8473  # from 30 % to 70 % of the supply
_MOST_BAUD = 5_000_000


def _uarts(board: Board, chip: Chip) -> Iterator[str]:
    for number, times in Counter(uart.number for uart in board.uarts).items():
        if times > 1:
            yield f"UART{number} is named {times} times"
        if number >= chip.uarts:
            yield f"{chip.name} has no UART{number}"
    for uart in board.uarts:
        if not 300 <= uart.baud <= _MOST_BAUD:
            yield f"UART{uart.number}: {uart.baud} baud"
        if uart.number == 0 and {uart.tx, uart.rx} != chip.console:
            yield f"UART0 is not on GPIO{sorted(chip.console)}"


def _receiver(board: Board, chip: Chip) -> Iterator[str]:
    number = board.firmware_values.get("GNSS_UART")
    uart = next((uart for uart in board.uarts if uart.number == number), None)
    pins = board.firmware_pins
    wanted = (pins.get("GNSS_TX"), pins.get("GNSS_RX"), board.firmware_values.get("GNSS_BAUD"))
    if number == 0 or uart is None:
        yield f"GNSS_UART is {number}: UART0 is the console's, and the others are in [[uarts]]"
    elif (uart.tx, uart.rx, uart.baud) != wanted:
        yield f"UART{number} of [[uarts]] is not the receiver's (TX, RX, baud): {wanted}"


def _i2c(board: Board, chip: Chip) -> Iterator[str]:
    bus, number = board.i2c, board.firmware_values.get("I2C")
    if not isinstance(number, int) or not 0 <= number < chip.i2cs:
        yield f"{chip.name} has no I2C bus {number}"
    for address, times in Counter(device.address for device in bus.devices).items():
        if times > 1:
            yield f"address 0x{address:02x} is named {times} times"
        if address not in _ADDRESSES:
            yield f"address 0x{address:02x} is reserved"
    if board.firmware_values.get("ACCELEROMETER_ADDRESS") not in {d.address for d in bus.devices}:
        yield "ACCELEROMETER_ADDRESS is none of the bus's devices"


def _pull_ups(board: Board, chip: Chip) -> Iterator[str]:
    bus = board.i2c
    least = (bus.volts - _LOW_V) / _SINK_A
    most = _RISE_S / (_RISE_FACTOR * bus.bus_pf * 1e-12)
    if bus.hz > _FAST_HZ:
        yield f"{bus.hz} Hz: these parts and pull-ups are for {_FAST_HZ}"
    if not least <= bus.pull_up_ohm <= most:
        yield f"pull-ups of {bus.pull_up_ohm} Ohm: {least:.0f} to {most:.0f} at {bus.bus_pf} pF"


def _rails(board: Board, chip: Chip) -> Iterator[str]:
    asked: Counter[str] = Counter()
    for load in board.loads:
        asked[load.rail] += round(load.peak_ma)
    rails = {rail.name: rail for rail in board.rails}
    for name, peak_ma in asked.items():
        most = rails[name].peak_ma if name in rails else None
        if most is None or peak_ma > most:
            yield f"{name} must give {peak_ma} mA, and can give {most}"


BUS_RULES = (
    Rule("uarts", "a serial port exists, and is one thing's", "chip's datasheet, UART", _uarts),
    Rule("receiver", "the receiver has a port that is not the console", "as above", _receiver),
    Rule("i2c", "an I2C address is valid, and one part's", "UM10204, 3.1.12", _i2c),
    Rule("i2c-pulls", "I2C pull-ups fit the bus", "UM10204, 7.1", _pull_ups),
    Rule("rails", "a rail can give what is asked at once", "regulator's datasheet", _rails),
)
