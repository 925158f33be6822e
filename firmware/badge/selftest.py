"""The self-test: every part of the badge in turn, with what was measured.

Driven by the board's file: a part that a board does not name is absent. Takes about
three seconds, most of it waiting for the receiver's first sentence.
"""

import asyncio
import gc
import json
import os
import time

import bluetooth
import machine

from badge import parts
from badge.accelerometer import Accelerometer
from badge.store import load_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    Result = tuple[str, str]

OK = "ok"
FAULT = "fault"
ABSENT = "absent"

_PULSE_MS = 150
_RECEIVER_MS = 2_500
_CELL_MV = (2_500, 4_400)  # outside: no cell, or a broken divider
_FREE_BYTES = 8_192  # below this an update or a log may not find room


def run(directory: str = "") -> "list[tuple[str, str, str]]":
    """(part, "ok" | "fault" | "absent", measured), for every part."""
    name = load_config(directory)[0]["board"]
    test = SelfTest(__import__("badge.boards." + name, None, None, ("BUTTON",)), directory)
    results = []
    for part in PARTS:
        try:
            state, measured = test.of(part)
        except Exception as error:  # whatever a broken part does, the others are still tested
            state, measured = FAULT, str(error) or type(error).__name__
        results.append((part, state, measured))
        gc.collect()
    return results


def main(directory: str = "") -> None:
    """Prints the results as one line of JSON."""
    print(json.dumps(run(directory)))


PARTS = ("motor", "LED", "accelerometer", "GNSS", "flash", "battery", "radio")


class SelfTest:
    """board: a module of badge.boards; directory: where the badge's files are."""

    def __init__(self, board: "ModuleType", directory: str) -> None:
        self._board = board
        self._directory = directory
        self._bus = parts.bus(board)
        self._supply = parts.supply(board, self._bus)

    def of(self, part: str) -> "Result":
        """State and measurement of one of PARTS; raises whatever its driver does."""
        result: "Result" = getattr(self, "_" + part.lower())()
        return result

    def _motor(self) -> "Result":
        pin = machine.Pin(self._board.MOTOR, machine.Pin.OUT)
        before_mv = self._supply.cell_mv()
        pin.on()
        time.sleep_ms(_PULSE_MS)
        during_mv = self._supply.cell_mv()
        pin.off()
        return OK, "%d ms, cell %+d mV" % (_PULSE_MS, during_mv - before_mv)

    def _led(self) -> "Result":
        light = parts.light(self._board)
        if light is None:
            return ABSENT, ""
        light.on()
        time.sleep_ms(_PULSE_MS)
        light.off()
        return OK, "%d ms" % _PULSE_MS

    def _accelerometer(self) -> "Result":
        if self._bus is None or self._board.ACCELEROMETER_ADDRESS is None:
            return ABSENT, ""
        accelerometer = Accelerometer(self._bus, self._board.ACCELEROMETER_ADDRESS)
        passed = asyncio.run(accelerometer.check())
        return OK if passed else FAULT, "its own test " + ("passed" if passed else "failed")

    def _gnss(self) -> "Result":
        uart = parts.receiver(self._board)
        self._supply.gnss(True)
        try:
            return _listen(uart)
        finally:
            self._supply.gnss(False)

    def _flash(self) -> "Result":
        path = self._directory + "/selftest"
        pattern = os.urandom(64)
        with open(path, "wb") as file:
            file.write(pattern)
        with open(path, "rb") as file:
            kept = file.read() == pattern
        os.remove(path)
        space = os.statvfs("/")
        # LittleFS counts a block that two files share twice: nearly full, it has less than none.
        free = space[0] * space[3] if space[3] <= space[2] else 0
        return OK if kept and free >= _FREE_BYTES else FAULT, "%d kB free" % (free // 1024)

    def _battery(self) -> "Result":
        cell_mv = self._supply.cell_mv()
        good = _CELL_MV[0] <= cell_mv <= _CELL_MV[1] and not self._supply.faulty
        return OK if good else FAULT, "%d mV" % cell_mv

    def _radio(self) -> "Result":
        ble = bluetooth.BLE()
        ble.active(True)
        return OK if ble.active() else FAULT, "on"


def _listen(uart: "machine.UART") -> "Result":
    start_ms = time.ticks_ms()
    heard = 0
    buffer = bytearray(256)
    tail = b""
    while time.ticks_diff(time.ticks_ms(), start_ms) < _RECEIVER_MS:
        count = uart.readinto(buffer) if uart.any() else 0
        if count:
            heard += count
            tail = (tail + bytes(buffer[:count]))[-200:]
            if _has_sentence(tail):
                return OK, "%d bytes, %d ms" % (heard, time.ticks_diff(time.ticks_ms(), start_ms))
        time.sleep_ms(20)
    return FAULT, "silent" if not heard else "%d bytes, no sentence" % heard


def _has_sentence(heard: bytes) -> bool:
    """Whether a whole sentence with the right checksum is in it."""
    for line in heard.split(b"\n"):
        body, star, check = line.strip().partition(b"*")
        if star and body[:1] == b"$":
            total = 0
            for byte in body[1:]:
                total ^= byte
            if check.upper() == b"%02X" % total:
                return True
    return False
