"""Chips of our own badge at the level of their registers: MAX17048 and DRV2605L.

`reg` lines give registers a value, a byte each; those of the MAX17048 are two bytes wide,
the high one first.
"""


class _Registers:
    _RESET = ()
    _MEASURED = ()

    def __init__(self) -> None:
        self._held = bytearray(256)
        for register, value in self._RESET:
            self._held[register] = value

    def read(self, register: int) -> int:
        return self._held[register]

    def hold(self, register: int, value: int) -> None:
        self._held[register] = value

    def write(self, register: int, value: int) -> None:
        if register not in self._MEASURED:
            self._held[register] = value


class Max17048(_Registers):
    _RESET = (
        (0x02, 0xC3),  # VCELL: 3.9 V
        (0x03, 0x00),
        (0x04, 0x4B),  # SOC: 75 %
        (0x05, 0x00),
        (0x08, 0x00),  # VERSION
        (0x09, 0x12),
        (0x0A, 0x80),  # HIBRT
        (0x0B, 0x30),
    )
    _MEASURED = (0x02, 0x03, 0x04, 0x05, 0x08, 0x09)


class Drv2605l(_Registers):
    """Its registers outlive EN. That they can be written while EN is high alone is not shown."""

    _RESET = (
        (0x00, 0xE0),  # who it is
        (0x01, 0x40),  # standby
        (0x16, 0x3E),
        (0x17, 0x8C),
        (0x1A, 0x36),  # ERM
        (0x1B, 0x93),
        (0x1C, 0xF5),
        (0x1D, 0xA0),
    )
    _MEASURED = (0x00,)
