"""First code of a board's VM: `micropython _start.py FIRMWARE BUS_FD IMAGE NVS MODE CUT_AT APP`.

Puts the stand-ins in front of the built-in modules, mounts the flash, and does what main.py
does: runs main() of the module APP.
"""

import gc
import os
import sys


def _start(
    firmware: str, bus_fd: str, image: str, nvs: str, mode: str, cut_at: str, app: str
) -> None:
    stand_ins = firmware + "/stand_ins"
    sys.path[:] = [stand_ins, firmware, ".frozen"]
    import _bus

    _bus.open_bus(int(bus_fd), mode == "lockstep")
    import _flash

    flash = _flash.mount(open(image, "r+b"), int(cut_at))
    sys.path[:] = ["/host" + stand_ins, "/host" + firmware, ".frozen"]
    os.chdir("/")

    import esp32
    import machine

    esp32.sim_open("/host" + nvs)
    bus = _bus.bus
    bus.on("pin", machine.sim_pin)
    bus.on("uart", machine.sim_uart)
    bus.on("adc", machine.sim_adc)
    bus.on("i2c", machine.sim_i2c)
    bus.on("reg", machine.sim_reg)
    bus.on("accel", machine.sim_accel)
    bus.on("accels", machine.sim_accels)
    bus.on("rtc", machine.sim_rtc)
    bus.on("rtcmem", machine.sim_rtcmem)
    bus.on("cause", machine.sim_cause)
    bus.on("memory", _tell_memory)
    bus.on("crash", _crash)
    bus.on("fill", _fill)
    while True:
        bus.send("boot")
        bus.wait(-1)  # what the world is like at power-on
        gc.collect()
        try:
            __import__(app, None, None, ("main",)).main()
            return
        except _bus.Reboot:
            _start_anew(flash)


def _start_anew(flash) -> None:
    """After a deep sleep: as after a start, but that modules are there already.

    The firmware keeps nothing in modules, so that makes no difference to it.
    """
    import asyncio

    import _flash
    import machine
    import vfs

    machine.sim_start_anew()
    asyncio.new_event_loop()
    vfs.umount("/")
    _flash.mount_again(flash)
    gc.collect()


def _tell_memory(words) -> None:
    """How much of the heap is in use, once all that can go has gone."""
    import _bus

    gc.collect()
    _bus.bus.send("memory", gc.mem_alloc(), gc.mem_free())


def _crash(words) -> None:
    """A fault in the firmware: an exception that nobody expects, in the middle of its loop."""
    raise RuntimeError("injected")


_filling = []


def _fill(words) -> None:
    """Takes all of the heap but so many bytes, in pieces that do not go."""
    piece = 4096
    gc.collect()
    while piece >= 64:
        try:
            while gc.mem_free() > int(words[1]) + piece:
                _filling.append(bytearray(piece))
        except MemoryError:
            pass
        piece //= 4


_start(*sys.argv[1:])
