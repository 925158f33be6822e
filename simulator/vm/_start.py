"""First code of a badge's VM: `micropython _start.py FIRMWARE BUS_FD IMAGE NVS MODE CUT_AT`.

Puts the stand-ins in front of the built-in modules, mounts the flash, and does what main.py does.
"""

import os
import sys


def _start(firmware: str, bus_fd: str, image: str, nvs: str, mode: str, cut_at: str) -> None:
    stand_ins = __file__.rsplit("/", 1)[0]
    sys.path[:] = [stand_ins, firmware, ".frozen"]
    import _bus

    _bus.open_bus(int(bus_fd), mode == "lockstep")
    import _flash

    flash = open(image, "r+b")
    _flash.mount(flash, int(cut_at))
    sys.path[:] = ["/host" + stand_ins, "/host" + firmware, ".frozen"]
    os.chdir("/")

    import esp32
    import machine

    esp32.sim_open("/host" + nvs)
    bus = _bus.bus
    bus.on("pin", machine.sim_pin)
    bus.on("uart", machine.sim_uart)
    bus.on("adc", machine.sim_adc)
    bus.on("rtc", machine.sim_rtc)
    bus.send("boot")
    bus.wait(-1)  # what the world is like at power-on

    import badge.app

    badge.app.main()


_start(*sys.argv[1:])
