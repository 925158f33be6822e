"""The accelerometer: a LIS3DH or LIS2DW12 on I2C, fifty samples a second through its FIFO.

Registers by the data sheets and application notes of STMicroelectronics: LIS3DH with
AN3308, LIS2DW12 with AN5038. A burst that begins at OUT_X_L goes on there after OUT_Z_H,
so one transfer empties the FIFO.
"""

import asyncio
import time
from array import array

from badge.errors import BadgeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from machine import I2C

    from badge.motion import Motion

PERIOD_MS = 20
FIFO_DEPTH = 32
READ_EVERY_MS = 400  # 20 samples: 240 ms late, and nothing is lost
RETRY_MS = 10_000
_SETTLE_MS = 200  # ten samples, of which the last five count
_SLOWEST_PERIOD_MS = 25
_SILENT_READS = 5  # without one sample: it has forgotten what it was told, and measures nothing
_STEADY_MS = 70  # three samples, after which a new range is no movement any more
_WRAP = 0x3FFF_FFFF  # small integers of the ESP32 end here

_WHO_AM_I = 0x0F
_OUT_X_L = 0x28
_FIFO_CTRL = 0x2E
_FIFO_FILL = 0x2F  # FIFO_SRC_REG of the one, FIFO_SAMPLES of the other
_OVERRUN = 0x40


class AccelerometerError(BadgeError):
    """No accelerometer that we know answers; the badge works on without it and says fault."""


class _Part:
    """One kind of accelerometer: (register, value) to be written in order, and its scale.

    measure: +-8 g, 50 Hz, block data update, FIFO overwriting its oldest sample. wake:
    +-2 g, 50 Hz, least power; arm: INT1 high and held once movement passes the threshold.
    reference: a register which, when read, makes the acceleration of now the one that is no
    movement. milli-g = raw * scale >> shift. self_test: its change in mg, from ... to.
    """

    name = ""
    identity = 0
    increments = 0  # added to a register's number for a burst
    fill_mask = 0x1F
    full = 0  # bits of the fill register that mean: all slots
    scale = 1
    shift = 0
    measure: "tuple[tuple[int, int], ...]" = ()
    self_test: "tuple[int, int]" = (0, 0)
    test_on: "tuple[int, int]" = (0, 0)
    test_off: "tuple[int, int]" = (0, 0)
    wake: "tuple[tuple[int, int], ...]" = ()
    arm: "tuple[int, int]" = (0, 0)
    reference = _WHO_AM_I
    wake_threshold = 0
    wake_step_mg = 0
    wake_source = 0
    wake_bit = 0


class Lis3dh(_Part):
    name = "LIS3DH"
    identity = 0x33
    increments = 0x80
    full = _OVERRUN
    shift = 2  # 12 bits of 4 mg, left in 16
    measure = (
        (0x30, 0x00),  # INT1_CFG: no interrupt
        (0x21, 0x00),  # CTRL_REG2: no high-pass filter
        (0x22, 0x00),  # CTRL_REG3: nothing on INT1
        (0x23, 0xA8),  # CTRL_REG4: block data update, +-8 g, high resolution
        (0x24, 0x40),  # CTRL_REG5: FIFO on
        (_FIFO_CTRL, 0x00),  # bypass empties it
        (_FIFO_CTRL, 0x80),  # stream
        (0x20, 0x47),  # CTRL_REG1: 50 Hz, three axes
    )
    self_test = (68, 1_440)  # 17-360 digits of 4 mg
    test_on = (0x23, 0xAA)
    test_off = (0x23, 0xA8)
    wake = (
        (_FIFO_CTRL, 0x00),
        (0x23, 0x80),  # CTRL_REG4: +-2 g, no high resolution, which excludes low power
        (0x21, 0x01),  # CTRL_REG2: the interrupt sees movement, not gravity
        (0x22, 0x40),  # CTRL_REG3: its generator 1 on INT1
        (0x24, 0x08),  # CTRL_REG5: held until read
        (0x33, 0x00),  # INT1_DURATION: one sample
        (0x20, 0x4F),  # CTRL_REG1: 50 Hz, low power, three axes
    )
    arm = (0x30, 0x2A)  # INT1_CFG: any axis above the threshold
    reference = 0x26  # REFERENCE: the filter starts from here, as AN3308 wants it
    wake_threshold = 0x32
    wake_step_mg = 16
    wake_source = 0x31
    wake_bit = 0x40


class Lis2dw12(_Part):
    name = "LIS2DW12"
    identity = 0x44
    fill_mask = 0x3F
    scale = 125  # 14 bits of 0.976 mg, left in 16
    shift = 9
    measure = (
        (0x3F, 0x00),  # CTRL7: no interrupts
        (0x23, 0x00),  # CTRL4: nothing on INT1
        (0x21, 0x0C),  # CTRL2: block data update, registers count up in a burst
        (0x22, 0x00),  # CTRL3: no self-test
        (0x25, 0x24),  # CTRL6: half the rate as bandwidth, +-8 g, low noise
        (_FIFO_CTRL, 0x00),  # bypass empties it
        (_FIFO_CTRL, 0xC0),  # continuous
        (0x20, 0x41),  # CTRL1: 50 Hz, low-power mode 2, 14 bits
    )
    self_test = (70, 1_500)
    test_on = (0x22, 0x40)
    test_off = (0x22, 0x00)
    wake = (
        (_FIFO_CTRL, 0x00),
        (0x25, 0x00),  # CTRL6: +-2 g
        (0x35, 0x00),  # WAKE_UP_DUR: one sample
        (0x22, 0x10),  # CTRL3: held until read
        (0x23, 0x20),  # CTRL4: wake-up on INT1
        (0x20, 0x40),  # CTRL1: 50 Hz, low-power mode 1
    )
    arm = (0x3F, 0x20)  # CTRL7: interrupts on
    wake_threshold = 0x34
    wake_step_mg = 31
    wake_source = 0x38
    wake_bit = 0x08


_PARTS = (Lis3dh, Lis2dw12)


class Accelerometer:
    """The part at an address of i2c. Raises AccelerometerError when none that we know is there.

    samples: x, y, z of each reading in milli-g, one after the other, as read() left them.
    All methods raise OSError when the part stops answering.
    """

    def __init__(self, i2c: "I2C", address: int) -> None:
        self._i2c = i2c
        self._address = address
        self._byte = bytearray(1)
        self._raw = bytearray(6 * FIFO_DEPTH)
        whole = memoryview(self._raw)
        # One view for each fill: slicing would allocate in every read.
        self._views = tuple(whole[: 6 * count] for count in range(FIFO_DEPTH + 1))
        self.samples = array("h", self._raw)
        self.part = self._identify()

    def _identify(self) -> "type[_Part]":
        try:
            self._i2c.readfrom_mem_into(self._address, _WHO_AM_I, self._byte)
        except OSError:
            said = "nothing answers"
        else:
            for part in _PARTS:
                if self._byte[0] == part.identity:
                    return part
            said = "WHO_AM_I is 0x%02x" % self._byte[0]
        raise AccelerometerError(
            "I2C address 0x%02x: %s, not a LIS3DH (0x33) or LIS2DW12 (0x44): "
            "check the part, its wiring and the board's file" % (self._address, said)
        )

    def start(self) -> None:
        """Measures from now on; samples taken before are gone."""
        self._write_all(self.part.measure)

    def read(self) -> int:
        """Takes what the FIFO holds into samples; how many readings it was."""
        part = self.part
        self._i2c.readfrom_mem_into(self._address, _FIFO_FILL, self._byte)
        fill = self._byte[0]
        count = FIFO_DEPTH if fill & part.full else min(fill & part.fill_mask, FIFO_DEPTH)
        if count:
            start = _OUT_X_L | part.increments
            self._i2c.readfrom_mem_into(self._address, start, self._views[count])
            self._convert(3 * count, part.scale, part.shift)
        return count

    def _convert(self, numbers: int, scale: int, shift: int) -> None:
        raw, samples = self._raw, self.samples
        for at in range(numbers):
            value = raw[2 * at] | raw[2 * at + 1] << 8
            if value & 0x8000:
                value -= 0x10000
            samples[at] = value * scale >> shift

    async def check(self) -> bool:
        """The part's own self-test: whether a push on its mass shows as the data sheet says.

        The badge must lie still; takes half a second, then measures on.
        """
        self.start()
        rest = await self._mean()
        self._write(self.part.test_on[0], self.part.test_on[1])
        pushed = await self._mean()
        self._write(self.part.test_off[0], self.part.test_off[1])
        self.start()
        least, most = self.part.self_test
        return all(least <= abs(pushed[axis] - rest[axis]) <= most for axis in range(3))

    async def _mean(self) -> "tuple[int, int, int]":
        """Of the last five readings, once the part has settled."""
        self.read()
        await asyncio.sleep_ms(_SETTLE_MS)
        count = self.read()
        if count < 5:
            return 0, 0, 0  # no new readings: no change, and so no pass
        last = range(3 * (count - 5), 3 * count, 3)
        x, y, z = (sum(self.samples[at + axis] for at in last) // 5 for axis in range(3))
        return x, y, z

    def sleep_until_moved(self, threshold_mg: int = 250) -> None:
        """Stops measuring; INT1 goes high at a movement above threshold_mg, and stays so.

        For deep sleep with INT1 on a pin that wakes the chip; start() measures again. Takes
        until the part has settled in its new range, or that itself would be a movement.
        """
        part = self.part
        self._write_all(part.wake)
        self._write(part.wake_threshold, max(1, min(threshold_mg // part.wake_step_mg, 63)))
        time.sleep_ms(_STEADY_MS)
        self._i2c.readfrom_mem_into(self._address, part.reference, self._byte)
        self._write(part.arm[0], part.arm[1])
        self.has_moved()  # lets go of INT1

    def has_moved(self) -> bool:
        """Whether there was such a movement; lets go of INT1."""
        self._i2c.readfrom_mem_into(self._address, self.part.wake_source, self._byte)
        return self._byte[0] & self.part.wake_bit != 0

    def _write_all(self, writes: "tuple[tuple[int, int], ...]") -> None:
        for register, value in writes:
            self._write(register, value)

    def _write(self, register: int, value: int) -> None:
        self._byte[0] = value
        self._i2c.writeto_mem(self._address, register, self._byte)


class ManDown:
    """Feeds the detector for ever. on_event gets its events, on_fault whether the part fails.

    A part that is missing, or stops answering, is looked for again every ten seconds.
    """

    def __init__(
        self,
        i2c: "I2C",
        address: int,
        motion: "Motion",
        on_event: "Callable[[int], None]",
        on_fault: "Callable[[bool], None]",
    ) -> None:
        self._i2c = i2c
        self._address = address
        self._motion = motion
        self._on_event = on_event
        self._on_fault = on_fault
        self._accelerometer: "Accelerometer | None" = None  # while it answers
        self._now_ms = 0  # of the last sample, by a clock of its own that wraps early

    async def run(self) -> None:
        while True:
            try:
                await self._measure()
            except (AccelerometerError, OSError) as error:
                self._accelerometer = None
                print("tocsin: accelerometer:", error)
                self._on_fault(True)
            await asyncio.sleep_ms(RETRY_MS)

    def rest(self) -> bool:
        """Before a deep sleep: whether the part now waits for a movement, to say so on INT1."""
        try:
            if self._accelerometer is not None:
                self._accelerometer.sleep_until_moved()
                return True
        except OSError:
            pass  # run() will find out; a badge without it must not sleep through a fall
        return False

    async def _measure(self) -> None:
        accelerometer = Accelerometer(self._i2c, self._address)
        accelerometer.start()
        self._accelerometer = accelerometer
        self._on_fault(False)
        before = time.ticks_ms()
        silent = 0
        while silent < _SILENT_READS:
            await asyncio.sleep_ms(READ_EVERY_MS)
            count = accelerometer.read()
            now = time.ticks_ms()
            silent = 0 if count else silent + 1
            if count:
                self._feed(accelerometer.samples, count, time.ticks_diff(now, before))
                before = now
        raise AccelerometerError("it answers, but does not measure: it may have lost its power")

    def _feed(self, samples: "array[int]", count: int, elapsed_ms: int) -> None:
        """The readings lie evenly between two reads: so the part's own clock does not matter."""
        spread_ms = min(elapsed_ms, _SLOWEST_PERIOD_MS * count)
        start_ms = self._now_ms + elapsed_ms - spread_ms
        step = self._motion.step
        for at in range(count):
            when_ms = (start_ms + spread_ms * (at + 1) // count) & _WRAP
            first = 3 * at
            event = step(when_ms, samples[first], samples[first + 1], samples[first + 2])
            if event:
                self._on_event(event)
        self._now_ms = (self._now_ms + elapsed_ms) & _WRAP
