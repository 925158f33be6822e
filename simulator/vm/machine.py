"""Stand-in for `machine`: the parts that the firmware uses, with the ESP32's signatures."""

import _bus
import _chips
import utime

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5
PIN_WAKE = 2
EXT0_WAKE = 2
EXT1_WAKE = 3
TIMER_WAKE = 4

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
            _bus.bus.stamp()
            _bus.bus.send("pin", self._id, level)
        return None

    def on(self) -> None:
        self.value(1)

    def off(self) -> None:
        self.value(0)

    def irq(self, handler=None, trigger=IRQ_FALLING | IRQ_RISING, *, wake=None):
        Pin._handlers[self._id] = (handler, trigger, self)

    def __call__(self, x=None):
        return self.value(x)


class Signal:
    def __init__(self, pin_obj, invert=False) -> None:
        self._pin = pin_obj
        self._invert = 1 if invert else 0

    def value(self, x=None):
        if x is None:
            return self._pin.value() ^ self._invert
        return self._pin.value((1 if x else 0) ^ self._invert)

    def on(self) -> None:
        self.value(1)

    def off(self) -> None:
        self.value(0)


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
        self._baudrate = baudrate

    def init(self, baudrate=9600, bits=8, parity=None, stop=1) -> None:
        self._baudrate = baudrate
        self._length = 0
        _bus.bus.send("baud", self._id, baudrate)

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


class I2C:
    _devices = {}  # by address
    _models = {}

    def __init__(self, id, *, scl=None, sda=None, freq=400_000, timeout=50_000) -> None:
        self._id = id

    def scan(self):
        return sorted(I2C._devices)

    def readfrom_mem(self, addr, memaddr, nbytes, *, addrsize=8) -> bytes:
        found = bytearray(nbytes)
        self.readfrom_mem_into(addr, memaddr, found)
        return bytes(found)

    def readfrom_mem_into(self, addr, memaddr, buf, *, addrsize=8) -> None:
        device = _device(addr)
        if hasattr(device, "read_burst"):  # one that does not just count up
            device.read_burst(memaddr, buf)
            return
        for at in range(len(buf)):
            buf[at] = device.read(memaddr + at)

    def writeto_mem(self, addr, memaddr, buf, *, addrsize=8) -> None:
        device = _device(addr)
        for at in range(len(buf)):
            device.write(memaddr + at, buf[at])
            _bus.bus.send("reg", "%02x:%02x" % (addr, memaddr + at), "%02x" % buf[at])


def _device(address):
    if address not in I2C._devices:
        raise OSError(19)  # ENODEV: nobody acknowledges
    return I2C._devices[address]


class ADC:
    ATTN_11DB = 3

    _microvolts = {}

    def __init__(self, id, *, atten=None) -> None:
        self._id = id._id

    def read_uv(self) -> int:
        return ADC._microvolts.get(self._id, 0)


class RTC:
    _offset_s = None
    _memory = b""

    def memory(self, data=None):
        if data is None:
            return RTC._memory
        RTC._memory = bytes(data)
        _bus.bus.send("rtcmem", RTC._memory.hex())
        return None

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


def freq(hz=None):
    if hz is not None:
        _bus.bus.send("freq", hz)
    return 160_000_000


def reset() -> None:
    """The simulator ends this process and starts the next."""
    _bus.bus.send("reset")
    while True:
        _bus.bus.wait(-1)


def deepsleep(time_ms=None):
    """The simulator ends this process and starts another, or starts this one anew."""
    _bus.bus.send("deepsleep", -1 if time_ms is None else time_ms)
    _bus.bus.sleep()


_causes = [PWRON_RESET, 0]


def reset_cause() -> int:
    return _causes[0]


def wake_reason() -> int:
    return _causes[1]


def _ticks_s() -> int:
    return _bus.bus.now_ms // 1000 if _bus.bus.lockstep else utime.ticks_ms() // 1000


def sim_start_anew() -> None:
    """All as it is when the processor starts; what outlives that, the simulator tells again."""
    for known in (Pin._levels, Pin._handlers, UART._opened, ADC._microvolts):
        known.clear()
    RTC._offset_s = None
    RTC._memory = b""
    _causes[:] = [PWRON_RESET, 0]


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


def sim_i2c(words) -> None:
    """`i2c ADDRESS MODEL` solders a chip on, `i2c ADDRESS -` takes it off; hexadecimal."""
    address, model = int(words[1], 16), words[2]
    if I2C._models.get(address) == model:
        return  # it is there, and has kept its power while the processor slept
    I2C._devices.pop(address, None)
    I2C._models[address] = model
    if model != "-":
        I2C._devices[address] = _chips.make(model)


def sim_reg(words) -> None:
    """`reg ADDRESS:REGISTER VALUE`: what a chip's register holds from now on; hexadecimal."""
    address, register = (int(word, 16) for word in words[1].split(":"))
    device = I2C._devices.get(address)
    if device is not None:  # else it was taken off, and what it held went with it
        device.hold(register, int(words[2], 16))


def sim_accel(words) -> None:
    """`accel X Y Z`: what accelerometers feel from now on, in milli-g."""
    for device in I2C._devices.values():
        if hasattr(device, "feel"):
            device.feel(int(words[1]), int(words[2]), int(words[3]))


def sim_accels(words) -> None:
    """`accels HEX`: what they feel 20 ms after 20 ms; x, y, z as 16-bit little-endian milli-g."""
    for device in I2C._devices.values():
        if hasattr(device, "queue"):
            device.queue(bytes.fromhex(words[1]))


def sim_cause(words) -> None:
    _causes[:] = [int(words[1]), int(words[2])]


def sim_rtcmem(words) -> None:
    RTC._memory = bytes.fromhex(words[1])


def sim_rtc(words) -> None:
    RTC._offset_s = int(words[1]) - _ticks_s()
