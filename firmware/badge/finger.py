"""The button's pin: every change of its level, with its time, from the first look on.

Made before anything slow is done. Decides nothing, and allocates nothing in the interrupt.
"""

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from typing import Any

    import machine

_RING = 16


class Finger:
    """pin: low while it is pressed. wake: set at each change, once somebody can be woken."""

    def __init__(self, pin: "machine.Pin") -> None:
        self._pin = pin
        self._times: "list[Any]" = [0] * _RING  # as ticks_ms gives them
        self._levels = bytearray(_RING)
        self._noted = 0
        self._taken = 0
        self.wake: "asyncio.ThreadSafeFlag | None" = None
        pin.irq(self._note, pin.IRQ_FALLING | pin.IRQ_RISING)
        self.looked_at = time.ticks_ms()
        self.was_down = self.down  # at this first look

    @property
    def pin(self) -> "machine.Pin":
        return self._pin

    @property
    def down(self) -> bool:
        return self._pin.value() == 0

    @property
    def at_rest(self) -> bool:
        """Released, and nothing is noted that was not taken."""
        return self._noted == self._taken and not self.down

    def take(self) -> "tuple[Any, bool] | None":
        """The oldest change that was noted: ticks_ms, and whether it went down."""
        if self._taken == self._noted:
            return None
        at = self._taken % _RING
        self._taken += 1
        return self._times[at], self._levels[at] == 0

    def _note(self, pin: "machine.Pin") -> None:
        if self._noted - self._taken < _RING:  # what bounces more is told by the level as it stands
            at = self._noted % _RING
            self._times[at] = time.ticks_ms()
            self._levels[at] = pin.value()
            self._noted += 1
        if self.wake is not None:
            self.wake.set()
