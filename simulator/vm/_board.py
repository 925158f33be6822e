"""First code of a board on USB: `micropython -i _board.py BUS IMAGE NVS CUT_AT CHIP ID MODE TRACE`.

BUS is a descriptor. Does what the ESP32 port does at power-on and reset: mounts the flash,
runs boot.py, and then main.py, unless MODE is "raw" (a soft reset from the raw REPL). What follows
is the REPL on stdin and stdout, because of -i. TRACE: "-", or the file that takes a copy of all
that is written.
"""

import os
import struct
import sys

import micropython

_WORLD = ("pin", "uart", "adc", "i2c", "reg", "accel", "accels", "rtc", "rtcmem", "cause")
_COMMIT = -1  # in the place of an address: the key-value store was committed


class _Os:
    """The module `os` as on the ESP32, where uname says which chip it is."""

    def __init__(self, chip: str) -> None:
        for name in dir(os):
            setattr(self, name, getattr(os, name))
        self.uname = lambda: ("esp32", "esp32", "1.29.0", "simulated", "Simulated " + chip)


class _MicroPython:
    """The module `micropython`, whose kbd_intr the relay does (simulator/usb_cable.py)."""

    def __init__(self, bus) -> None:
        for name in dir(micropython):
            if name != "kbd_intr":
                setattr(self, name, getattr(micropython, name))
        self._bus = bus
        self._done = False
        bus.on("kbd_intr", self._note)

    def _note(self, _) -> None:
        self._done = True

    def kbd_intr(self, key) -> None:
        self._done = False
        self._bus.send("kbd_intr", key)
        while not self._done:
            self._bus.wait(-1)


def _prepare(bus_fd, image, nvs, cut_at, chip, unique_id, trace) -> None:
    stand_ins = __file__.rsplit("/", 1)[0]
    sys.path[:] = [stand_ins, ".frozen"]
    import _bus

    _bus.open_bus(int(bus_fd), False)
    import select  # noqa: F401
    import time  # noqa: F401

    import _flash

    # Loaded while the host's files are in sight; later imports find them in sys.modules.
    import bluetooth  # noqa: F401
    import esp32
    import machine

    _let_interrupt(_bus.Bus)
    if trace != "-":
        _trace(open(trace, "ab"), nvs, _flash.Flash, esp32.NVS)
    _flash.mount(open(image, "r+b"), int(cut_at))
    esp32.sim_open("/host" + nvs)
    machine.unique_id = lambda: bytes.fromhex(unique_id)
    sys.modules["os"] = _Os(chip)
    bus = _bus.bus
    sys.modules["micropython"] = _MicroPython(bus)
    for word in _WORLD:
        bus.on(word, getattr(machine, "sim_" + word))
    bus.on("crash", lambda _: None)
    sys.path[:] = ["", ".frozen", "/lib"]
    os.chdir("/")
    _learn_the_world(bus, machine.sim_cause)
    bus.on("crash", _crash)


def _learn_the_world(bus, take_cause) -> None:
    """What it is like at power-on; the cause of the start is always told."""
    told = []

    def take(words) -> None:
        take_cause(words)
        told.append(True)

    bus.on("cause", take)
    bus.send("boot")
    while not told:
        bus.wait(-1)


def _crash(_) -> None:
    """A fault in the firmware: an exception that nobody expects, in the middle of its loop."""
    raise RuntimeError("injected")


def _let_interrupt(bus) -> None:
    """Ctrl-C comes over the line, and is heard whenever the firmware waits.

    As a signal it would do so anywhere, also where this MicroPython holds a lock of its memory.
    """
    read = bus._read
    pending = []

    def interruptible(self, ms: int) -> None:
        self._takers["interrupt"] = pending.append
        self._takers["forget"] = lambda _: pending.clear()
        read(self, ms)
        if pending:
            pending.clear()
            self.send("interrupted")
            raise KeyboardInterrupt

    bus._read = interruptible


def _trace(copy, store, flash, nvs) -> None:
    put, commit = flash._put, nvs.commit

    def traced_put(self, at, buffer) -> None:
        copy.write(struct.pack("<iI", at, len(buffer)))
        copy.write(buffer)
        copy.flush()
        put(self, at, buffer)

    def traced_commit(self) -> None:
        commit(self)
        with open("/host" + store) as file:
            text = file.read().encode()
        copy.write(struct.pack("<iI", _COMMIT, len(text)))
        copy.write(text)
        copy.flush()

    flash._put, nvs.commit = traced_put, traced_commit


def _run(name: str) -> bool:
    """Runs a script from the flash, as `execfile` would. False: the REPL is to follow at once."""
    try:
        with open(name) as file:
            script = file.read()
    except OSError:
        return True
    try:
        exec(compile(script, name, "exec"), {"__name__": "__main__"})
    except KeyboardInterrupt as stopped:
        sys.print_exception(stopped)
        return False
    except Exception as error:
        sys.print_exception(error)
    return True


try:
    _prepare(*sys.argv[1:7], sys.argv[8])
except KeyboardInterrupt:
    sys.argv[7] = "raw"
if _run("boot.py") and sys.argv[7] != "raw":
    _run("main.py")
