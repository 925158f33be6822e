"""Wi-Fi and jammers: how much of what others send falls into a Bluetooth advertising channel."""

from __future__ import annotations

from math import exp, log10
from typing import Final

from simulator.world.reception import PDU_MS

CHANNEL_MHZ: Final = (2402.0, 2426.0, 2480.0)
"""Centres of the advertising channels (Bluetooth Core Specification, Vol 6, Part B, 1.4.1)."""

RECEIVED_MHZ = 1.0
"""How much a receiver takes in at 1 Mbit/s: about its bit rate (assumed)."""

WIFI_MHZ = 16.6
"""Occupied by 20 MHz OFDM: 52 of its 64 subcarriers (IEEE 802.11-2020, 17.3)."""

# Power in dB by the distance from the centre in MHz. The transmit mask of 20 MHz OFDM (IEEE
# 802.11-2020, 17.3.9.3) allows -20 at 11, -28 at 20, -40 at 30 MHz; real transmitters stay
# 10 dB below it outside their band (assumed).
_MASK: Final = ((0.0, 0.0), (9.0, 0.0), (11.0, -30.0), (20.0, -38.0), (30.0, -50.0))

BURST_MS = 0.6
"""A Wi-Fi transmission with its acknowledgement, on average (assumed)."""


def wifi_mhz(channel: int) -> float:
    """The centre of a Wi-Fi channel, 1-13 (IEEE 802.11-2020, 15.4.4.3)."""
    return 2407.0 + 5.0 * channel


def mask_db(off_mhz: float) -> float:
    """What Wi-Fi sends so far from its centre, next to what it sends there."""
    below_mhz, below_db = _MASK[0]
    for mhz, db in _MASK[1:]:
        if off_mhz <= mhz:
            share = (off_mhz - below_mhz) / (mhz - below_mhz)
            return below_db + share * (db - below_db)
        below_mhz, below_db = mhz, db
    return below_db


def wifi_into(index: int, wifi_channel: int) -> float:
    """dB of a Wi-Fi channel's power that fall into the advertising channel 37 + index."""
    off_mhz = abs(wifi_mhz(wifi_channel) - CHANNEL_MHZ[index])
    return mask_db(off_mhz) + 10.0 * log10(RECEIVED_MHZ / WIFI_MHZ)


def overlap_share(duty: float) -> float:
    """The share of packets over which a burst lies, of a sender that sends so much of the time.

    duty: 0 to 1. Bursts and pauses of random length: it must be silent when the packet begins,
    and stay so until its end.
    """
    if duty <= 0.0:
        return 0.0
    pause_ms = BURST_MS * (1.0 - duty) / duty
    return 1.0 - (1.0 - duty) * exp(-PDU_MS / pause_ms)
