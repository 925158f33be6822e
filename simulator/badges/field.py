"""Where the wearers are, and what that does to their radio. Pure but for its random source."""

from __future__ import annotations

import random
from collections.abc import Iterable

from simulator.badges.orders import NEAR_M
from simulator.world.propagation import distance_db, mean_body_db
from simulator.world.receivers import BADGE_DBM, RECEIVERS
from simulator.world.reception import CERTAIN, fading_table, lost_of

_HUB = RECEIVERS["dongle"]


class Field:
    """An open field with the hub in its middle, and the wearers around it.

    Nothing is in the way but the wearers themselves; each packet fades by itself. `hears` is a
    Signal of simulator.air: all receivers are hubs, in the same place. jammed: nobody hears
    anybody.
    """

    def __init__(self, wearers: Iterable[str], rng: random.Random) -> None:
        self._rng = rng
        self._body_db = mean_body_db()
        self._fades = fading_table(direct=True)
        self._metres: dict[str, float] = {}
        self._levels_dbm: dict[str, float] = {}
        self.jammed = False
        for wearer in wearers:
            self.put(wearer, NEAR_M)

    def put(self, wearer: str, metres: float) -> None:
        """The wearer is so far from the hub now."""
        self._metres[wearer] = metres
        self._levels_dbm[wearer] = BADGE_DBM - self._body_db - distance_db(metres)

    def metres(self, wearer: str) -> float:
        """How far the wearer is from the hub."""
        return self._metres[wearer]

    def level_dbm(self, wearer: str) -> float:
        """The mean signal at the hub."""
        return self._levels_dbm[wearer]

    def hears(self, sender: str, receiver: str) -> int | None:
        """The signal of one packet in dBm; None when it did not get through."""
        if self.jammed:
            return None
        level_dbm = self._levels_dbm[sender if sender in self._levels_dbm else receiver]
        level_dbm += self._rng.choice(self._fades)
        lost = self._rng.randrange(CERTAIN) < lost_of(level_dbm - _HUB.sensitivity_dbm)
        return None if lost else round(level_dbm)
