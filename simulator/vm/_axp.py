"""The AXP192 and the AXP2101 at the level of their registers: what a T-Beam has at power-on.

Registers that measure are read-only to the firmware; the simulator gives them values by `reg`
lines. A rail of the processor that is switched off ends the badge, as does the chip's own switch:
`off` is said, and nothing after that.
"""

import _bus


class _Axp:
    def __init__(self) -> None:
        self._held = bytearray(256)
        for register, value in self._RESET:
            self._held[register] = value

    def read(self, register: int) -> int:
        return self._held[register]

    def hold(self, register: int, value: int) -> None:
        self._held[register] = value

    def write(self, register: int, value: int) -> None:
        if any(first <= register <= last for first, last in self._MEASURED):
            return
        self._held[register] = value
        for guarded, mask, level in self._LIFE:
            if self._held[guarded] & mask != level:
                self._end()

    def _end(self) -> None:
        _bus.bus.send("off")
        while True:
            _bus.bus.wait(-1)


class Axp192(_Axp):
    _RESET = (
        (0x00, 0x00),  # on the cell alone
        (0x01, 0x20),  # a cell is there
        (0x03, 0x03),  # who it is
        (0x12, 0x4F),  # DCDC1, DCDC3, LDO2, LDO3 and EXTEN are on
        (0x28, 0xCF),  # LDO2 3.0 V, LDO3 3.3 V
        (0x32, 0x46),
        (0x33, 0xC0),  # charges to 4.2 V
        (0x78, 0xDD),  # 3.9 V
        (0x79, 0x09),
        (0x82, 0x83),  # measures cell and TS
    )
    _MEASURED = ((0x00, 0x03), (0x56, 0x7F))
    # DCDC1 and DCDC3 are on, and it is not switched off.
    _LIFE = ((0x12, 0x03, 0x03), (0x32, 0x80, 0x00))


class Axp2101(_Axp):
    _RESET = (
        (0x00, 0x08),  # a cell is there; on the cell alone
        (0x03, 0x4A),  # who it is
        (0x10, 0x30),
        (0x18, 0x02),  # charges the cell
        (0x30, 0x02),  # measures TS alone
        (0x34, 0x0F),  # 3.9 V
        (0x35, 0x3C),
        (0x50, 0x02),  # TS decides on charging
        (0x64, 0x03),  # charges to 4.2 V
        (0x80, 0x01),  # DCDC1 is on
        (0x90, 0x06),  # ALDO2 and ALDO3 are on
        (0x94, 0x0D),  # ALDO3 1.8 V
        (0xA4, 0x4B),  # 75 %
    )
    _MEASURED = ((0x00, 0x03), (0x34, 0x3D), (0xA4, 0xA4))
    # DCDC1 is on, and it is not switched off.
    _LIFE = ((0x80, 0x01, 0x01), (0x10, 0x01, 0x00))
