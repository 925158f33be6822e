"""Three packets, one ear: which packets of an advertising event fall where the scanner listens.

An event sends the same packet on 37, 38 and 39. A scanner listens to one of them for its scan
interval, then to the next (Bluetooth Core Specification, Vol 6, Part B, 4.4.2 and 4.4.3).
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Final

from simulator.world.reception import PDU_MS

CHANNELS: Final = (37, 38, 39)

SPACING_MS = 1.5
"""Between the starts of the packets of one event: assumed. The specification allows 10 ms; a
peer's request and its answer take 0.7 ms."""

EVENT_MS = 2 * SPACING_MS + PDU_MS
"""From the beginning of an event to the end of its last packet."""

_SAMPLES = 3000


def met(into_ms: float, scan_ms: float) -> tuple[int, ...]:
    """The packets, 0 to 2, that are heard from their first bit to their last.

    into_ms: how long ago the scanner began with channel 37, when the event begins.
    """
    found = []
    for index in range(len(CHANNELS)):
        begin_ms = (into_ms + index * SPACING_MS) % (len(CHANNELS) * scan_ms) - index * scan_ms
        if 0.0 <= begin_ms <= scan_ms - PDU_MS:
            found.append(index)
    return tuple(found)


@cache
def patterns(scan_ms: float) -> tuple[tuple[float, tuple[int, ...]], ...]:
    """Which packets are met how often, over all moments at which an event may begin."""
    cycle_ms = len(CHANNELS) * scan_ms
    seen = Counter(met((n + 0.5) * cycle_ms / _SAMPLES, scan_ms) for n in range(_SAMPLES))
    return tuple((times / _SAMPLES, found) for found, times in sorted(seen.items()))
