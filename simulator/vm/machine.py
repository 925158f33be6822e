"""Stand-in for `machine`: the parts that the firmware uses, with the ESP32's signatures."""

import _bus
import utime

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5

_START_2000 = 946_684_800  # where an RTC without power begins


class Pin:
    IN = 1
    OUT = 3
    PULL_UP = 2
    PULL_DOWN = 1
    IRQ_RISING = 1
    IRQ_FALLING = 2

    _levels = {}
    _handlers = {}

    def __init__(self, id, mode=-1, pull=-1, *, value=None, drive=None) -> None:
        self._id = id
        self._mode = mode
        if id not in Pin._levels:
            Pin._levels[id] = 1 if pull == Pin.PULL_UP else 0
        if value is not None:
            self.value(value)

    def value(self, x=None):
        if x is None:
            return Pin._levels[self._id]
        level = 1 if x else 0
        if Pin._levels[self._id] != level:
            Pin._levels[self._id] = level
            _bus.bus.send("pin", self._id, level)
        return None

    def on(self) -> None:
        self.value(1)

    def off(self) -> None:
        self.value(0)

    def irq(self, handler=None, trigger=IRQ_FALLING | IRQ_RISING, *, wake=None):
        Pin._handlers[self._id] = (handler, trigger, self)


class UART:
    _opened = {}

    def __init__(
        self, id, baudrate=9600, bits=8, parity=None, stop=1, *, tx=None, rx=None, rxbuf=256
    ) -> None:
        self._id = id
        self._size = rxbuf
        self._buffer = bytearray(rxbuf)
        self._length = 0
        UART._opened[id] = self

    def any(self) -> int:
        return self._length

    def readinto(self, buf, nbytes=None):
        count = min(self._length, len(buf) if nbytes is None else nbytes)
        if not count:
            return None
        for at in range(count):
            buf[at] = self._buffer[at]
        self._length -= count
        for at in range(self._length):
            self._buffer[at] = self._buffer[at + count]
        return count

    def write(self, buf) -> int:
        _bus.bus.send("uart", self._id, bytes(buf).hex())
        return len(buf)

    def sim_receive(self, digits: str) -> None:
        # What does not fit is lost, as in the driver's ring.
        for at in range(0, min(len(digits), 2 * (self._size - self._length)), 2):
            self._buffer[self._length] = int(digits[at : at + 2], 16)
            self._length += 1


class ADC:
    _microvolts = {}

    def __init__(self, id, *, atten=None) -> None:
        self._id = id._id

    def read_uv(self) -> int:
        return ADC._microvolts.get(self._id, 0)


class RTC:
    _offset_s = None

    def datetime(self, datetimetuple=None):
        ticks_s = _ticks_s()
        if datetimetuple is None:
            offset_s = _START_2000 if RTC._offset_s is None else RTC._offset_s
            t = utime.gmtime(ticks_s + offset_s)
            return (t[0], t[1], t[2], t[6], t[3], t[4], t[5], 0)
        year, month, day, _, hour, minute, second, _ = datetimetuple
        unix_s = int(utime.mktime((year, month, day, hour, minute, second, 0, 0)))
        RTC._offset_s = unix_s - ticks_s
        _bus.bus.send("rtc", unix_s)
        return None


class WDT:
    def __init__(self, *, id=0, timeout=5000) -> None:
        _bus.bus.send("watchdog", timeout)

    def feed(self) -> None:
        _bus.bus.send("feed")


def reset() -> None:
    """The simulator ends this process and starts the next."""
    _bus.bus.send("reset")
    while True:
        _bus.bus.wait(-1)


def reset_cause() -> int:
    return PWRON_RESET


def _ticks_s() -> int:
    return _bus.bus.now_ms // 1000 if _bus.bus.lockstep else utime.ticks_ms() // 1000


def sim_pin(words) -> None:
    pin, level = int(words[1]), int(words[2])
    before = Pin._levels.get(pin)
    Pin._levels[pin] = level
    entry = Pin._handlers.get(pin)
    if entry is None or before == level:
        return
    handler, trigger, instance = entry
    if trigger & (Pin.IRQ_RISING if level else Pin.IRQ_FALLING):
        handler(instance)


def sim_uart(words) -> None:
    uart = UART._opened.get(int(words[1]))
    if uart is not None:
        uart.sim_receive(words[2])


def sim_adc(words) -> None:
    ADC._microvolts[int(words[1])] = int(words[2])


def sim_rtc(words) -> None:
    RTC._offset_s = int(words[1]) - _ticks_s()
