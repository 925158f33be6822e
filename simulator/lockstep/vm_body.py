"""A badge's electronics around the real firmware in the real MicroPython VM."""

import itertools
import struct
from collections.abc import Callable
from datetime import UTC, datetime

from badge.boards import esp32_generic as board
from simulator.badge_files import BadgeFiles
from simulator.daily_living import walk
from simulator.falls import fall_forward, stay_down
from simulator.gnss import epoch, no_fix
from simulator.lockstep.acts import (
    Act,
    Advertises,
    Boots,
    Drops,
    Hides,
    Listens,
    Moves,
    Notifies,
    Silent,
    Sleeps,
    Stops,
    Told,
)
from simulator.lockstep.single import LockstepBadge
from simulator.motion import PERIOD_MS, Placement, Wearer
from simulator.vm_process import HEAP_BYTES

_UART_PIECE = 256
_QUEUE_BYTES = 64 * 1024  # what the stand-in for the accelerometer keeps
_CELL_MV = 3_900
_WALKS_S = 20.0  # before it falls: a sleeping badge wakes by it
_LIES_S = 90.0
_SAMPLES = 100  # in one line
_RESOLVABLE = ("addr_mode", "2")  # of MicroPython's BLE.config: a resolvable private address


class VmBody:
    """One badge as a process. files: its flash; unix_s, drift_ppm: of its clock; feels: whether it
    has an accelerometer."""

    def __init__(
        self,
        files: BadgeFiles,
        *,
        unix_s: int | None,
        drift_ppm: float = 0.0,
        feels: bool = False,
    ) -> None:
        heap = HEAP_BYTES + (_QUEUE_BYTES if feels else 0)
        self._badge = LockstepBadge(
            files, unix_s=unix_s, drift_ppm=drift_ppm, reuse=True, heap=heap
        )
        self._acts: list[Act] = []
        self._boots = 0
        self._command = 0  # the handle that commands are written to
        self._stopped = ""
        self.cell(0, _CELL_MV)
        if feels:
            self._send(0, f"i2c {board.ACCELEROMETER_ADDRESS:02x} lis2dw12")

    @property
    def due_ms(self) -> float:
        return self._badge.next_ms

    def run(self, now_ms: int) -> list[Act]:
        badge = self._badge
        badge.run(now_ms - badge.now_ms)
        acts: list[Act] = []
        for said in badge.said:
            acts += self._read(said.words)
        badge.said.clear()
        if badge.stopped and badge.stopped != self._stopped:
            acts.append(Stops(badge.stopped))
        self._stopped = badge.stopped
        return acts

    def press(self, now_ms: int, *, down: bool) -> None:
        self._send(now_ms, f"pin {board.BUTTON} {0 if down else 1}")

    def cell(self, now_ms: int, millivolts: int) -> None:
        self._send(now_ms, f"adc {board.BATTERY_ADC} {millivolts * 1000 // board.BATTERY_DIVIDER}")

    def connect(self, now_ms: int, connection: int) -> None:
        self._send(now_ms, f"connect {connection} {connection:012x}")

    def disconnect(self, now_ms: int, connection: int) -> None:
        self._send(now_ms, f"disconnect {connection} {connection:012x}")

    def write(self, now_ms: int, connection: int, sealed: bytes) -> None:
        self._send(now_ms, f"write {connection} {self._command} {sealed.hex()}")

    def receive(self, now_ms: int, told: Told | None) -> None:
        nmea = no_fix() if told is None else _sentences(told)
        for at in range(0, len(nmea), _UART_PIECE):
            self._send(now_ms, f"uart {board.GNSS_UART} {nmea[at : at + _UART_PIECE].hex()}")

    def fall(self, now_ms: int) -> None:
        wearer = Wearer(Placement.LANYARD, 1)
        felt = list(
            itertools.chain(
                walk(wearer, _WALKS_S), fall_forward(wearer), stay_down(wearer, _LIES_S)
            )
        )
        for at in range(0, len(felt), _SAMPLES):
            piece = felt[at : at + _SAMPLES]
            words = b"".join(struct.pack("<3h", one.x, one.y, one.z) for one in piece)
            self._send(now_ms + at * PERIOD_MS, f"accels {words.hex()}")

    def crash(self, now_ms: int) -> None:
        self._send(now_ms, "crash")

    def fill_memory(self, now_ms: int, free: int) -> None:
        self._send(now_ms, f"fill {free}")

    def wear_out(self, now_ms: int, *, worn: bool) -> None:
        self._send(now_ms, f"worn {int(worn)}")

    def power_off(self, now_ms: int) -> None:
        self._badge.power_off()
        self._stopped = self._badge.stopped

    def power_on(self, now_ms: int) -> None:
        self.reset(now_ms, brown_out=True)

    def reset(self, now_ms: int, *, brown_out: bool) -> None:
        self._badge.now_ms = now_ms
        self._badge.restart(brown_out=brown_out)
        self._stopped = ""

    def cut_at(self, writes: int) -> None:
        self._badge.cut_power(writes)

    def close(self) -> None:
        self._badge.power_off()

    def _send(self, now_ms: int, line: str) -> None:
        self._badge.send(line, now_ms - self._badge.now_ms)

    def _read(self, words: tuple[str, ...]) -> list[Act]:
        read = _READ.get(words[0])
        if words[0] == "service":
            self._command = int(words[2])
        return [] if read is None else read(words)


def _sentences(told: Told) -> bytes:
    now = datetime.fromtimestamp(told.unix_s, UTC)
    return epoch(
        told.latitude,
        told.longitude,
        told.speed_mps,
        told.course_degrees,
        now,
        told.hdop,
        told.satellites,
    )


def _advertising(words: tuple[str, ...]) -> list[Act]:
    if words[1] == "0":
        return [Silent()]
    return [Advertises(int(words[1]) // 1000, words[2] == "1", bytes.fromhex(words[3]))]


def _address(words: tuple[str, ...]) -> list[Act]:
    return [Hides()] if words[1:] == _RESOLVABLE else []


def _pin(words: tuple[str, ...]) -> list[Act]:
    number, on = int(words[1]), words[2] == "1"
    if number == board.MOTOR:
        return [Moves(on)]
    return [Listens(on)] if number == board.GNSS_ENABLE else []


# The hardware's words for what it does; see simulator/vm/_bus.py.
_READ: dict[str, Callable[[tuple[str, ...]], list[Act]]] = {
    "adv": _advertising,
    "pin": _pin,
    "notify": lambda words: [Notifies(int(words[1]), bytes.fromhex(words[3]))],
    "disconnect": lambda words: [Drops(int(words[1]))],
    "watchdog": lambda _: [Boots()],  # what a start says first
    "bleconfig": _address,
    "deepsleep": lambda _: [Sleeps()],
}
