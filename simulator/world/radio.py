"""Who hears whom on a plan: hubs, badges, Wi-Fi, strangers and jammers on one air."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import log10
from typing import Final

from simulator.world.draws import Draws
from simulator.world.fields import Field
from simulator.world.geometry import Point
from simulator.world.hub_radio import HubRadio
from simulator.world.interference import RECEIVED_MHZ
from simulator.world.link import Link
from simulator.world.plan import Plan
from simulator.world.propagation import (
    SHADOW_CELL_M,
    SHADOW_DB,
    bearing,
    body_db,
    distance_db,
    mean_body_db,
)
from simulator.world.receivers import BADGE_DBM
from simulator.world.reception import heard_share
from simulator.world.scanning import CHANNELS

SIGHT_BODY_DB = 3.0
"""With more of the wearer than this in the way, it is no line of sight (assumed)."""

BAND_MHZ = 83.5
"""What a jammer of the whole 2.4 GHz band has to fill."""

_MARGIN_STEP_DB: Final = 0.25


class Radio:
    """The air of one plan.

    hubs: by name. draws: of shadows, fading and packets; the same give the same air again.
    """

    def __init__(self, plan: Plan, draws: Draws) -> None:
        self.plan = plan
        self._draws = draws.under("radio")
        self.hubs = {name: HubRadio(site, self._draws) for name, site in plan.hubs.items()}
        self._shadows: dict[tuple[str, int], Field] = {}
        for hub in self.hubs.values():
            self._surround(hub)

    def badge(self, number: int, power_dbm: float = BADGE_DBM) -> BadgeRadio:
        """A badge, nowhere yet. power_dbm: radiated, worn."""
        links = [
            Link(number, hub, self._draws.word("link", number, hub.name), power_dbm)
            for hub in self.hubs.values()
        ]
        return BadgeRadio(self, number, power_dbm, links)

    def loss_db(self, hub: HubRadio, point: Point) -> float:
        """What distance, walls and ceilings take between a point and a hub."""
        distance_m = point.to(hub.point)
        obstacles = self.plan.obstacles(point, hub.point)
        return distance_db(distance_m, point.z, hub.point.z) + obstacles.loss_db

    def shadow_db(self, hub: HubRadio, point: Point) -> float:
        """By how much a point is better or worse for a hub than its neighbourhood."""
        key = hub.name, self.plan.floor(point)
        if key not in self._shadows:
            self._shadows[key] = Field(self._draws, SHADOW_CELL_M, "shadow", *key)
        return SHADOW_DB * self._shadows[key].at(point.x, point.y)

    def mean_dbm(
        self,
        hub: HubRadio,
        point: Point,
        power_dbm: float = BADGE_DBM,
        heading: float | None = None,
    ) -> float:
        """A worn badge's signal at a hub before fading.

        heading: where the wearer looks, degrees from north; None: anywhere, on average.
        """
        body = mean_body_db() if heading is None else _body_db(point, hub.point, heading)
        return power_dbm - body - self.loss_db(hub, point) + self.shadow_db(hub, point)

    def coverage(self, point: Point, hubs: Iterable[str] | None = None) -> float:
        """The share of events that the best hub receives from a point, with the air quiet.

        hubs: of these only, by name. The wearer looks anywhere.
        """
        best = 0.0
        for name in self.hubs if hubs is None else hubs:
            hub = self.hubs[name]
            margin_db = self.mean_dbm(hub, point) - hub.receiver.sensitivity_dbm
            share = _heard_share(round(margin_db / _MARGIN_STEP_DB))
            best = max(best, share * (1.0 - hub.receiver.deaf_share))
        return best

    def jam(
        self, name: str, point: Point, power_dbm: float, channels: Iterable[int] = CHANNELS
    ) -> None:
        """A jammer is switched on. power_dbm: radiated within each of these channels.

        Of one that fills the whole band: jammer_share_dbm().
        """
        for hub in self.hubs.values():
            hub.jam(name, power_dbm - self.loss_db(hub, point), channels)

    def stop_jamming(self, name: str) -> None:
        """That jammer is switched off."""
        for hub in self.hubs.values():
            hub.silence(name)

    def _surround(self, hub: HubRadio) -> None:
        """Wi-Fi and strangers are there before any badge."""
        for access in self.plan.wifi:
            point = self.plan.point(access.x, access.y, access.floor, access.height_m)
            level_dbm = access.power_dbm - self.loss_db(hub, point)
            hub.hear_wifi(level_dbm, access.channel, access.duty_percent / 100.0)
        for group in self.plan.strangers:
            point = self.plan.point(group.x, group.y, group.floor)
            level_dbm = group.power_dbm - self.loss_db(hub, point)
            hub.crowd.put(group.name, level_dbm, group.interval_ms, group.count)


class BadgeRadio:
    """One badge on the air. links: to every hub, in the order of the plan."""

    def __init__(self, radio: Radio, number: int, power_dbm: float, links: list[Link]) -> None:
        self.number = number
        self.links = links
        self._radio = radio
        self._power_dbm = power_dbm
        self._interval_ms: float | None = None

    def place(self, point: Point, heading: float, *, moving: bool = False) -> None:
        """The wearer is there now and looks that way, in degrees clockwise from north."""
        for link in self.links:
            hub = link.hub
            body = _body_db(point, hub.point, heading)
            loss = self._radio.loss_db(hub, point) - self._radio.shadow_db(hub, point)
            obstacles = self._radio.plan.obstacles(point, hub.point)
            in_sight = body <= SIGHT_BODY_DB and not obstacles.walls and not obstacles.ceilings
            link.settle(self._power_dbm - body - loss, direct=in_sight, moving=moving)
            link.advertise(self._interval_ms)

    def advertise(self, interval_ms: float | None) -> None:
        """The badge advertises at this interval, on average; None: not at all."""
        self._interval_ms = interval_ms
        for link in self.links:
            link.advertise(interval_ms)

    def in_reach(self) -> list[Link]:
        """The links that can carry anything from where the badge is."""
        return [link for link in self.links if link.audible]


def jammer_share_dbm(power_dbm: float) -> float:
    """What a jammer of the whole band puts into one advertising channel."""
    return power_dbm - 10.0 * log10(BAND_MHZ / RECEIVED_MHZ)


def _body_db(point: Point, hub: Point, heading: float) -> float:
    return body_db(bearing(hub.x - point.x, hub.y - point.y) - heading)


@lru_cache(maxsize=4096)
def _heard_share(steps: int) -> float:
    return heard_share(steps * _MARGIN_STEP_DB, direct=False)
