"""The accelerometer parts of the stand-in for I2C: registers, FIFO, self-test, wake-up.

A sample is taken every 20 ms of the badge's time, of the force that the simulator set
last, or the next of those that it queued. Written from the data sheets, not from the driver.
"""

from array import array

import _bus
import utime

PERIOD_MS = 20
_DEPTH = 32
_QUEUE = 1024


class Part:
    """Registers of one part. identity: WHO_AM_I."""

    identity = 0
    push_mg = 300  # of the self-test
    read_only = (0x0F, 0x27, 0x28, 0x29, 0x2A, 0x2B, 0x2C, 0x2D, 0x2F, 0x31, 0x38)

    def __init__(self) -> None:
        self._registers = bytearray(128)
        self._registers[0x0F] = self.identity
        self._slots = array("h", [0] * (3 * _DEPTH))
        self._first = 0
        self._count = 0
        self._overrun = False
        self._out = bytearray(6)
        self._force = array("h", [0, 0, 1000])  # mg
        self._before = array("h", [0, 0, 1000])
        self._queue = array("h", [0] * (3 * _QUEUE))
        self._next = self._queued = 0
        self._at = -1
        self._settling = 0  # samples after a new range, which look like movement
        self.woken = False

    def feel(self, x: int, y: int, z: int) -> None:
        """The force from now on, in mg."""
        self._force[0], self._force[1], self._force[2] = x, y, z

    def queue(self, samples: bytes) -> None:
        """Forces to come, one for each sample: x, y, z as 16-bit little-endian mg."""
        for at in range(self._next, self._queued):  # those to come move to the front
            self._queue[at - self._next] = self._queue[at]
        self._queued -= self._next
        self._next = 0
        values = memoryview(array("h", samples))
        end = self._queued + len(values)
        if end > len(self._queue):
            raise ValueError("the accelerometer's queue is full")
        for at in range(len(values)):
            self._queue[self._queued + at] = values[at]
        self._queued = end

    # -- the bus ------------------------------------------------------------

    def read(self, register: int) -> int:
        self._pass_time(_now_ms())
        return self._read_one(register & 0x7F)

    def read_burst(self, register: int, buf) -> None:
        self._pass_time(_now_ms())
        counts_up = self._counts_up(register)
        register &= 0x7F
        for at in range(len(buf)):
            buf[at] = self._read_one(register)
            if counts_up:
                register = 0x28 if register == 0x2D else register + 1

    def write(self, register: int, value: int) -> None:
        self._pass_time(_now_ms())
        register &= 0x7F
        if register not in self.read_only:
            if register == self.range_register and (value ^ self._registers[register]) & 0x30:
                self._settling = 2
            self._registers[register] = value
            self._note(register)
            if register == 0x2E and not self._fifo_on():
                self._count = 0
                self._overrun = False

    def hold(self, register: int, value: int) -> None:
        """For the simulator: a fault in the part."""
        self._registers[register] = value

    def _note(self, register: int) -> None:
        """A register was written or read."""

    def _unsteady(self) -> bool:
        """Whether the part would take rest for movement."""
        return self._settling > 0

    def _read_one(self, register: int) -> int:
        self._note(register)
        if register == 0x28:
            self._pop()
        if 0x28 <= register <= 0x2D:
            return self._out[register - 0x28]
        if register == 0x2F:
            return self._fill_level()
        if register == self.wake_source:
            woken, self.woken = self.woken, False
            return self.wake_bit if woken else 0
        return self._registers[register]

    # -- the sensor ---------------------------------------------------------

    def _pass_time(self, now_ms: int) -> None:
        if self._at < 0 or not self._measuring():
            self._at = now_ms
            return
        while now_ms - self._at >= PERIOD_MS:
            self._at += PERIOD_MS
            if self._next < self._queued:
                for axis in range(3):
                    self._force[axis] = self._queue[self._next + axis]
                self._next += 3
            self._sample()

    def _sample(self) -> None:
        push = self.push_mg if self._testing() else 0
        moved = self._unsteady()
        self._settling = max(0, self._settling - 1)
        slot = 3 * ((self._first + self._count) % _DEPTH)
        if self._count == _DEPTH or not self._fifo_on():
            slot = 3 * self._first
        for axis in range(3):
            self._slots[slot + axis] = self._digits(self._force[axis] + push)
            moved |= abs(self._force[axis] - self._before[axis]) > self._wake_mg()
            self._before[axis] = self._force[axis]
        self.woken |= moved and self._wakes()
        if not self._fifo_on():
            self._count = 1
        elif self._count == _DEPTH:
            self._first = (self._first + 1) % _DEPTH
            self._overrun = True
        else:
            self._count += 1

    def _pop(self) -> None:
        """The oldest sample into the output registers; they keep it while there is no newer."""
        if not self._count:
            return
        for axis in range(3):
            raw = self._slots[3 * self._first + axis]
            self._out[2 * axis] = raw & 0xFF
            self._out[2 * axis + 1] = raw >> 8 & 0xFF
        if self._fifo_on():
            self._first = (self._first + 1) % _DEPTH
            self._count -= 1
            self._overrun = False

    def _full_scale_g(self, register: int) -> int:
        return 2 << (self._registers[register] >> 4 & 3)


class Lis3dh(Part):
    identity = 0x33
    range_register = 0x23
    _filtered = False  # from the acceleration of now

    def _note(self, register: int) -> None:
        if register == 0x21:  # CTRL_REG2: the filter begins at zero, and gravity moves it
            self._filtered = False
        elif register == 0x26:
            self._filtered = self._settling == 0

    def _unsteady(self) -> bool:
        return self._settling > 0 or not self._filtered

    wake_source = 0x31
    wake_bit = 0x40

    def _counts_up(self, register: int) -> bool:
        return register & 0x80 != 0

    def _fifo_on(self) -> bool:
        return self._registers[0x24] & 0x40 != 0 and self._registers[0x2E] & 0xC0 == 0x80

    def _fill_level(self) -> int:
        if not self._count:
            return 0x20  # EMPTY
        overrun = 0x40 if self._overrun or self._count == _DEPTH else 0
        return overrun | min(self._count, 31)

    def _measuring(self) -> bool:
        return self._registers[0x20] >> 4 != 0 and self._registers[0x20] & 7 == 7

    def _testing(self) -> bool:
        return self._registers[0x23] & 0x06 == 0x02

    def _wakes(self) -> bool:
        return (
            self._registers[0x30] & 0x2A != 0
            and self._registers[0x22] & 0x40 != 0
            and self._registers[0x21] & 1 != 0
        )

    def _wake_mg(self) -> int:
        return self._registers[0x32] * (8 * self._full_scale_g(0x23))

    def _digits(self, mg: int) -> int:
        """12 bits, left in 16; the FIFO keeps 10 of them."""
        full = self._full_scale_g(0x23)
        digits = max(-2048, min(2047, mg * 2 // full))
        return (digits & ~3 if self._fifo_on() else digits) << 4


class Lis2dw12(Part):
    identity = 0x44
    range_register = 0x25
    wake_source = 0x38
    wake_bit = 0x08

    def __init__(self) -> None:
        super().__init__()
        self._registers[0x21] = 0x04

    def _counts_up(self, register: int) -> bool:
        return self._registers[0x21] & 0x04 != 0

    def _fifo_on(self) -> bool:
        return self._registers[0x2E] & 0xE0 == 0xC0

    def _fill_level(self) -> int:
        return (0x40 if self._overrun else 0) | self._count

    def _measuring(self) -> bool:
        return self._registers[0x20] >> 4 != 0

    def _testing(self) -> bool:
        return self._registers[0x22] & 0xC0 == 0x40

    def _wakes(self) -> bool:
        return self._registers[0x3F] & 0x20 != 0 and self._registers[0x23] & 0x20 != 0

    def _wake_mg(self) -> int:
        return (self._registers[0x34] & 0x3F) * self._full_scale_g(0x25) * 1000 // 64

    def _digits(self, mg: int) -> int:
        """14 bits, left in 16."""
        full = self._full_scale_g(0x25)
        return max(-8192, min(8191, mg * 8192 // (1000 * full))) << 2


def _now_ms() -> int:
    return _bus.bus.now_ms if _bus.bus.lockstep else utime.ticks_ms()
