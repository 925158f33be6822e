"""One badge as one hub hears it: decides packets, each within a few microseconds."""

from __future__ import annotations

from math import prod
from typing import Final, NamedTuple

from simulator.world.crowd import FAINTEST_DBM, LOUDEST_DBM
from simulator.world.draws import GOLDEN, MASK, fold
from simulator.world.hub_radio import HubRadio
from simulator.world.receivers import BADGE
from simulator.world.reception import (
    CERTAIN,
    HIGHEST_DB,
    LOWEST_DB,
    QUANTILES,
    fading_table,
    lost_of,
)
from simulator.world.scanning import CHANNELS, EVENT_MS, SPACING_MS, met, patterns

RANGE: Final = "range"
FADING: Final = "fading"
JAMMED: Final = "jammed"
INTERFERENCE: Final = "interference"
COLLISION: Final = "collision"
BUSY: Final = "busy"
CAUSES: Final = (RANGE, FADING, JAMMED, INTERFERENCE, COLLISION, BUSY)
"""Why a packet is lost: too faint where the badge is; faint at this moment; noise of a jammer;
Wi-Fi; another advertiser; the hub's radio was on its way to another channel or did other work."""

MOVING_MS = 45.0
"""How long a walker's fading stays: half a wavelength (61 mm) at walking speed."""

STILL_MS = 500.0
"""And that of somebody who stays, with others moving about: assumed."""

FADES_UP_DB = 9.0
"""No fading lifts a packet by more (1 of 2048 of Rayleigh's does 8.8 dB)."""

DATA_CHANNELS = 37

_EACH = 16  # of so many quantiles of fading one is reckoned with in expected()
_LOW = CERTAIN - 1


class Reception(NamedTuple):
    """What became of one advertising event. rssi_dbm: 0 when lost. lost: why, one of CAUSES;
    empty when it was received.
    """

    rssi_dbm: int
    lost: str = ""


_RECEIVED = tuple(Reception(dbm) for dbm in range(FAINTEST_DBM, LOUDEST_DBM + 1))
_LOST = {cause: Reception(0, cause) for cause in CAUSES}
_OUT_OF_RANGE, _BUSY = _LOST[RANGE], _LOST[BUSY]
_FADED, _COLLIDED = _LOST[FADING], _LOST[COLLISION]


class Link:
    """A badge and a hub.

    mean_dbm: the signal at the hub where the badge is, before fading. audible: whether any
    packet can be received there at all; asking saves the rest.
    """

    __slots__ = (
        "_base", "_coherence_ms", "_fade_base", "_fade_blocks", "_fades", "_fading", "_margin_db",
        "_mean_lost", "_power_dbm", "_relief", "audible", "badge", "direct", "hub", "mean_dbm",
    )  # fmt: skip

    def __init__(self, badge: int, hub: HubRadio, base: int, power_dbm: float) -> None:
        """base: 64 bits of the link's own (simulator.world.draws). power_dbm: radiated."""
        self.badge = badge
        self.hub = hub
        self._base = fold(base, 0)
        self._fade_base = fold(base, 1)
        self._power_dbm = power_dbm
        self._relief = 1.0
        self.settle(-999.0, direct=False, moving=False)

    def settle(self, mean_dbm: float, *, direct: bool, moving: bool) -> None:
        """The badge is elsewhere now, or turned. direct: whether there is a line of sight."""
        self.mean_dbm = mean_dbm
        self.direct = direct
        self._margin_db = mean_dbm - self.hub.receiver.sensitivity_dbm
        self.audible = self._margin_db + FADES_UP_DB > LOWEST_DB
        self._mean_lost = lost_of(self._margin_db)
        self._fading = fading_table(direct)
        self._coherence_ms = MOVING_MS if moving else STILL_MS
        self._fade_blocks = [-1 for _ in CHANNELS]
        self._fades = [0.0 for _ in CHANNELS]

    def advertise(self, interval_ms: float | None) -> None:
        """The badge advertises at this interval, on average; None: not at all.

        It is then part of the hub's crowd, for others.
        """
        crowd = self.hub.crowd
        if interval_ms is None or not self.audible:
            crowd.drop(self.badge)
        else:
            crowd.put(self.badge, self.mean_dbm, interval_ms)
        self._relief = crowd.relief(self.badge)

    def event(self, at_ms: float, number: int) -> Reception:
        """What becomes of the advertising event that begins then.

        number: which of the badge's events it is; the same gives the same result again.
        """
        if not self.audible:
            return _OUT_OF_RANGE
        hub = self.hub
        word = (self._base + (number + 1) * GOLDEN) & MASK
        word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
        word ^= word >> 31
        scan_ms = hub.scan_ms
        into_ms = (at_ms - hub.phase_ms) % hub.cycle_ms
        index = int(into_ms / scan_ms)
        if (index + 1) * scan_ms - into_ms > EVENT_MS:
            return self._packet(at_ms, index, word)
        return self._while_hopping(at_ms, into_ms, word)

    def carries(self, at_ms: float, number: int, *, to_badge: bool) -> bool:
        """Whether one packet of a connection, or the request for one, gets through.

        It hops over 37 channels that avoid Wi-Fi, so that only range, fading and jammers count.
        number: of the packet, among all that are asked about.
        """
        word = fold(fold(self._base, -1 - to_badge), number)
        channel = word % DATA_CHANNELS
        block = int(at_ms / self._coherence_ms)
        draw = fold(self._fade_base, block * 64 + len(CHANNELS) + channel)
        margin_db = self._margin_db
        if to_badge:
            gain_db = self.hub.receiver.power_dbm - self._power_dbm
            margin_db = self.mean_dbm + gain_db - BADGE.sensitivity_dbm
        margin_db += self._fading[draw % QUANTILES] - min(self.hub.jammed_db)
        return word >> 44 >= lost_of(margin_db)

    def expected(self) -> float:
        """The share of events received from here, over all fading and all disturbances."""
        deaf = self.hub.deaf / CERTAIN
        lost = [1.0 - (1.0 - deaf) * self._expected_on(index) for index in range(len(CHANNELS))]
        return sum(
            share * (1.0 - prod(lost[index] for index in found))
            for share, found in patterns(self.hub.scan_ms)
        )

    def _expected_on(self, index: int) -> float:
        rises = self.hub.disturbances(index)
        received = 0.0
        sample = self._fading[_EACH // 2 :: _EACH]
        for fade_db in sample:
            margin_db = self._margin_db + fade_db - self.hub.jammed_db[index]
            whole = sum(chance * (CERTAIN - lost_of(margin_db - rise)) for chance, rise in rises)
            alone = min(1.0, self.hub.crowd.alone(self.mean_dbm + fade_db) * self._relief)
            received += whole * alone
        return received / (CERTAIN * len(sample))

    def _packet(self, at_ms: float, index: int, word: int) -> Reception:
        """The packet on channel 37 + index, which the hub listens to. word: its draw."""
        hub = self.hub
        if word >> 44 < hub.deaf:
            return _BUSY
        block = int(at_ms / self._coherence_ms)
        if self._fade_blocks[index] != block:
            self._fade_blocks[index] = block
            draw = fold(self._fade_base, block * 64 + index)
            self._fades[index] = self._fading[draw % QUANTILES]
        fade_db = self._fades[index]
        low = word & _LOW
        margin_db = self._margin_db + fade_db
        if margin_db < HIGHEST_DB and low < lost_of(margin_db):
            return _OUT_OF_RANGE if low < self._mean_lost else _FADED
        if hub.jammed_db[index] or hub.wifi[index]:
            cause = self._disturbed(index, margin_db, low, word)
            if cause:
                return _LOST[cause]
        level = int(self.mean_dbm + fade_db - FAINTEST_DBM + 0.5)
        level = 0 if level < 0 else min(level, len(_RECEIVED) - 1)
        if (word >> 20 & _LOW) >= hub.crowd.survival()[level] * self._relief * CERTAIN:
            return _COLLIDED
        return _RECEIVED[level]

    def _disturbed(self, index: int, margin_db: float, low: int, word: int) -> str:
        """What spoils a packet that would come through in silence; empty when nothing does."""
        hub = self.hub
        margin_db -= hub.jammed_db[index]
        if low < lost_of(margin_db):
            return JAMMED
        power_mw = 0.0
        for sender, (overlaid, mw) in enumerate(hub.wifi[index]):
            if fold(word, sender) & _LOW < overlaid:
                power_mw += mw
        if power_mw and low < lost_of(margin_db - hub.rise_db(index, power_mw)):
            return INTERFERENCE
        return ""

    def _while_hopping(self, at_ms: float, into_ms: float, word: int) -> Reception:
        """The hub changes channel during the event: it may meet none of its packets, or two."""
        found = _BUSY
        for index in met(into_ms, self.hub.scan_ms):
            found = self._packet(at_ms + index * SPACING_MS, index, fold(word, index))
            if not found.lost:
                break
        return found
