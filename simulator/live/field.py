"""Where everybody is on the plan, and what that does to the packets of the real radio stack."""

from __future__ import annotations

import random
from collections.abc import Mapping

from simulator.world.link import Link
from simulator.world.radio import BadgeRadio

BESIDE_DBM = -50
"""Of strangers and attackers, who stand next to every hub and every badge."""


class Field:
    """`hears` is a Signal of simulator.air: it decides packet by packet.

    badges: by their names on the air. noise: the share of all packets that is lost besides.
    deaf: hubs that hear nobody and reach nobody.
    """

    def __init__(self, badges: Mapping[str, BadgeRadio], rng: random.Random) -> None:
        self.noise = 0.0
        self.deaf: set[str] = set()
        self._rng = rng
        self._links: dict[tuple[str, str], Link] = {}
        for name, radio in badges.items():
            for link in radio.links:
                self._links[name, link.hub.name] = self._links[link.hub.name, name] = link
        self._badges = frozenset(badges)
        self._carried: dict[Link, float] = {}

    def settle(self) -> None:
        """Somebody moved, or a jammer was switched: reckons anew what links carry."""
        self._carried = {link: link.expected() for link in self._links.values() if link.audible}

    def hears(self, sender: str, receiver: str) -> int | None:
        """The signal of one packet in dBm; None when it did not get through."""
        if not self.deaf.isdisjoint((sender, receiver)) or self._rng.random() < self.noise:
            return None
        link = self._links.get((sender, receiver))
        if link is None:
            both_badges = sender in self._badges and receiver in self._badges
            return None if both_badges else BESIDE_DBM
        carried = self._carried.get(link, 0.0)
        return round(link.mean_dbm) if self._rng.random() < carried else None
