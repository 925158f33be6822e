"""Bluetooth receivers as their data sheets have them."""

from __future__ import annotations

from typing import NamedTuple


class Receiver(NamedTuple):
    """What listens.

    sensitivity_dbm: where 30.8 % of packets with 37 bytes are lost, which is a bit error rate
    of 0.1 % (Bluetooth Core Specification, Vol 6, Part A, 4.1; Part F, 4.4). scan_ms: how long
    it stays on each of the channels 37, 38, 39 in turn. deaf_share: of the time in which its
    radio does something else. power_dbm: radiated, when it writes to a badge.
    """

    sensitivity_dbm: float
    scan_ms: float
    deaf_share: float
    power_dbm: float


BADGE = Receiver(-93.0, 30.0, 0.0, -1.0)
"""The badge's ESP32. -93 dBm: its data sheet, Bluetooth LE receiver. Power as BADGE_DBM."""

BADGE_DBM = -1.0
"""Radiated by a worn badge: +3 dBm, ESP-IDF's default for the ESP32, and 4 dB lost to a small
antenna next to a body (assumed). Turning the back costs extra: propagation.body_db()."""

RECEIVERS = {
    # A USB adapter. Silicon Labs' BGM220S has -98.6 dBm, the ESP32-C3 -97 dBm in their data
    # sheets; 4 dB are taken off for a PCB antenna beside a host (assumed). 11.25 ms: BlueZ
    # scans with interval = window = 18 units (Linux, hci_core.h, DISCOV_LE_SCAN_INT); 2 % of the
    # time its radio asks and is answered, as an active scan does (assumed).
    "usb": Receiver(-93.0, 11.25, 0.02, 4.0),
    # The host's own chip, which shares its antenna with Wi-Fi: 15 % of the time (assumed) it is
    # not Bluetooth's, and 3 dB more are lost (assumed).
    "onboard": Receiver(-90.0, 11.25, 0.15, 2.0),
    # Tocsin's dongle: an ESP32 (data sheet: -94 to -92 dBm), interval = window = 30 ms
    # (firmware/dongle/radio.py), 2 % of the time spent on answers (assumed).
    "dongle": Receiver(-93.0, 30.0, 0.02, 3.0),
}
