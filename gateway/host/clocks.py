"""The machine's clocks, in milliseconds."""

import time


def wall_ms() -> int:
    """Unix time, which people and NTP may set at any moment."""
    return time.time_ns() // 1_000_000


def steady_ms() -> int:
    """Never set; stands still while the machine sleeps."""
    return time.monotonic_ns() // 1_000_000


def since_boot_ms() -> int:
    """Never set; goes on while the machine sleeps, where there is such a clock."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime_ns(clock) // 1_000_000
