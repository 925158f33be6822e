"""A hub's ear: which channel it listens to, and what disturbs it there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from simulator.world.crowd import Crowd
from simulator.world.draws import Draws
from simulator.world.geometry import Point
from simulator.world.interference import overlap_share, wifi_into
from simulator.world.plan import HubSite
from simulator.world.propagation import milliwatts, rise_db
from simulator.world.reception import CERTAIN, NEEDED_SNR_DB
from simulator.world.scanning import CHANNELS

FAINTEST_SHARE = 0.01
"""Wi-Fi below this share of a receiver's noise is left out: it changes 0.04 dB."""

_STEPS_PER_DB = 4


class HubRadio:
    """One receiver on its plan.

    crowd: who advertises within its reach. jammed_db: how far jammers lift its noise, by channel.
    wifi: of each channel, how many of 2**20 packets a burst lies over, and its power there in mW.
    """

    __slots__ = (
        "_jammers", "_mixtures", "crowd", "cycle_ms", "deaf", "jammed_db", "name", "noise_dbm",
        "phase_ms", "point", "receiver", "scan_ms", "wifi",
    )  # fmt: skip

    def __init__(self, site: HubSite, draws: Draws) -> None:
        self.name = site.name
        self.point: Point = site.point
        self.receiver = site.receiver
        self.scan_ms = site.receiver.scan_ms
        self.cycle_ms = len(CHANNELS) * self.scan_ms
        self.phase_ms = draws.between(0.0, self.cycle_ms, "scan", site.name)
        self.deaf = round(CERTAIN * site.receiver.deaf_share)
        self.noise_dbm = site.receiver.sensitivity_dbm - NEEDED_SNR_DB
        self.crowd = Crowd()
        self.wifi: list[tuple[tuple[int, float], ...]] = [() for _ in CHANNELS]
        self.jammed_db = [0.0 for _ in CHANNELS]
        self._mixtures: list[list[tuple[float, float]] | None] = [None for _ in CHANNELS]
        self._jammers: dict[str, tuple[float, tuple[int, ...]]] = {}

    def channel(self, at_ms: float) -> int:
        """The advertising channel it listens to at that time: 37, 38 or 39."""
        return CHANNELS[int(((at_ms - self.phase_ms) % self.cycle_ms) / self.scan_ms) % 3]

    def hear_wifi(self, level_dbm: float, wifi_channel: int, duty: float) -> None:
        """Wi-Fi is on the air, that loud here, so much of the time."""
        for index in range(len(CHANNELS)):
            power_mw = milliwatts(level_dbm + wifi_into(index, wifi_channel))
            if power_mw > FAINTEST_SHARE * milliwatts(self.noise_dbm):
                overlaid = round(CERTAIN * overlap_share(duty))
                self.wifi[index] = (*self.wifi[index], (overlaid, power_mw))
                self._mixtures[index] = None

    def jam(self, name: str, level_dbm: float, channels: Iterable[int] = CHANNELS) -> None:
        """Noise, that loud within each of the channels, until silence() is called."""
        self._jammers[name] = (level_dbm, tuple(channels))
        self._add_up_jammers()

    def silence(self, name: str) -> None:
        """That jammer is off."""
        self._jammers.pop(name, None)
        self._add_up_jammers()

    def disturbances(self, index: int) -> list[tuple[float, float]]:
        """How likely which rise of the noise in dB is, on channel 37 + index, jammers left out.

        Rises are told to a quarter of a dB.
        """
        mixture = self._mixtures[index]
        if mixture is None:
            steps = {0: 1.0}
            for overlaid, power_mw in self.wifi[index]:
                steps = self._joined(index, steps, overlaid / CERTAIN, power_mw)
            mixture = [(chance, step / _STEPS_PER_DB) for step, chance in sorted(steps.items())]
            self._mixtures[index] = mixture
        return mixture

    def _joined(
        self, index: int, steps: dict[int, float], share: float, power_mw: float
    ) -> dict[int, float]:
        """How likely which rise is, in quarters of a dB, when one more sends that share."""
        noise_mw = milliwatts(self.noise_dbm + self.jammed_db[index])
        joined: defaultdict[int, float] = defaultdict(float)
        for step, chance in steps.items():
            there_mw = noise_mw * (milliwatts(step / _STEPS_PER_DB) - 1.0)
            both = round(_STEPS_PER_DB * self.rise_db(index, there_mw + power_mw))
            joined[step] += chance * (1.0 - share)
            joined[both] += chance * share
        return joined

    def rise_db(self, index: int, more_mw: float) -> float:
        """How far further power lifts the noise that jammers leave on channel 37 + index."""
        return rise_db(self.noise_dbm + self.jammed_db[index], more_mw)

    def _add_up_jammers(self) -> None:
        for index, channel in enumerate(CHANNELS):
            power_mw = sum(
                milliwatts(level) for level, where in self._jammers.values() if channel in where
            )
            self.jammed_db[index] = rise_db(self.noise_dbm, power_mw)
            self._mixtures[index] = None
