"""Whether bits survive: packet errors by signal, and the fading of single packets.

Tables are made once, when first asked for; a packet then costs a look into them.
"""

from __future__ import annotations

from functools import cache
from math import exp, log, log10, sqrt

PDU_BITS = 8 * (4 + 2 + 6 + 31 + 3)
"""Of an advertising packet that must be right: access address, header, address, 31 bytes, CRC
(Bluetooth Core Specification, Vol 6, Part B, 2.1). The preamble may be damaged."""

PDU_MS = 8 * (1 + 4 + 2 + 6 + 31 + 3) / 1000.0
"""On the air at 1 Mbit/s, preamble included: 0.376 ms."""

REFERENCE_BER = 0.001
"""Bit error rate at a receiver's sensitivity (Core Specification, Vol 6, Part A, 4)."""

NEEDED_SNR_DB = 10.0 * log10(2.0 * log(0.5 / REFERENCE_BER))
"""Signal to noise at that rate: 10.9 dB by noncoherent FSK, BER = exp(-SNR / 2) / 2. Data sheets
have 8 to 10 dB against another Bluetooth signal (ESP32-C3 8 dB, BGM220S 8.7 dB, ESP32 10 dB)."""

CAPTURE_DB = 10.0
"""A packet survives another that is fainter by this much: the ESP32's co-channel C/I."""

STEPS_PER_DB = 8
LOWEST_DB = -10
HIGHEST_DB = 8
CERTAIN = 1 << 20
"""Chances in the tables are of 2**20."""

QUANTILES = 1024
RICIAN_K_DB = 6.0
"""Direct over scattered power where nothing is in between: assumed; indoor links within sight
are measured at 3 to 10 dB. Without a line of sight there is no direct part (Rayleigh)."""

_FINE = 4000
_DEEPEST_DB = -60.0
_TALLEST_DB = 15.0


def bit_error_rate(margin_db: float) -> float:
    """At so many dB above the sensitivity."""
    return float(0.5 * exp(-log(0.5 / REFERENCE_BER) * 10.0 ** (margin_db / 10.0)))


def packet_error_rate(margin_db: float, bits: int = PDU_BITS) -> float:
    """Of a packet with so many bits, at so many dB above the sensitivity; 0.308 at 0 dB."""
    return 1.0 - float((1.0 - bit_error_rate(margin_db)) ** bits)


@cache
def error_table() -> tuple[int, ...]:
    """Packet errors of 2**20, in steps of 1/8 dB from LOWEST_DB to HIGHEST_DB."""
    steps = range(LOWEST_DB * STEPS_PER_DB, HIGHEST_DB * STEPS_PER_DB + 1)
    return tuple(round(CERTAIN * packet_error_rate(step / STEPS_PER_DB)) for step in steps)


def lost_of(margin_db: float) -> int:
    """How many of 2**20 packets are lost at so many dB above the sensitivity."""
    step = int((margin_db - LOWEST_DB) * STEPS_PER_DB + 0.5)
    if step < 0:
        return CERTAIN
    table = error_table()
    return table[step] if step < len(table) else 0


@cache
def fading_table(direct: bool) -> tuple[float, ...]:
    """dB by which equally likely packets differ from the mean power, the faintest first.

    QUANTILES of them; their mean power is 1. direct: whether there is a line of sight.
    """
    k = 10.0 ** (RICIAN_K_DB / 10.0) if direct else 0.0
    step_db = (_TALLEST_DB - _DEEPEST_DB) / _FINE
    quantiles: list[float] = []
    below = 0.0
    for fine in range(_FINE):
        level_db = _DEEPEST_DB + (fine + 0.5) * step_db
        power = 10.0 ** (level_db / 10.0)
        below += _rician(power, k) * power * log(10.0) / 10.0 * step_db
        while len(quantiles) < QUANTILES and below >= (len(quantiles) + 0.5) / QUANTILES:
            quantiles.append(level_db)
    return tuple(quantiles)


def _rician(power: float, k: float) -> float:
    """The density of a faded power whose mean is 1 (Rice, 1944; Rayleigh where k is 0)."""
    return (1.0 + k) * exp(-k - (1.0 + k) * power) * _bessel_i0(2.0 * sqrt(k * (1.0 + k) * power))


def _bessel_i0(x: float) -> float:
    """The modified Bessel function of order 0, by its series."""
    total = term = 1.0
    for n in range(1, 200):
        term *= (x / (2.0 * n)) ** 2
        total += term
        if term < total * 1e-12:
            break
    return total


def heard_share(margin_db: float, direct: bool) -> float:
    """The share of packets received at a mean margin, over all fading; nobody else sending."""
    fades = fading_table(direct)
    return 1.0 - sum(lost_of(margin_db + fade) for fade in fades) / (CERTAIN * len(fades))
