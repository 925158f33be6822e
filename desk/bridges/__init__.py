"""What the tools that people already have are told, in their own formats. Pure."""

from collections.abc import Collection, Iterable, Mapping

from desk.bridges import homeassistant, owntracks
from desk.bridges.config import HomeAssistantOptions, OwnTracksOptions
from desk.bridges.post import Post
from desk.bridges.safety import is_open, safety
from gateway.contract.messages import AlertRecord, encode
from gateway.contract.topics import Topics

__all__ = ["Bridges", "HomeAssistantOptions", "OwnTracksOptions", "Post"]


class Bridges:
    """Alerts and gateways to posts for Home Assistant and OwnTracks, where they are enabled.

    wearers: badge number to name. Times are unix ms.
    """

    def __init__(
        self,
        topics: Topics,
        wearers: Mapping[int, str],
        home: HomeAssistantOptions,
        tracks: OwnTracksOptions,
        version: str,
    ) -> None:
        self._topics = topics
        self._wearers = wearers
        self._home = home
        self._tracks = tracks
        self._version = version
        self._met: set[str] = set()
        self._open: dict[int, dict[str, AlertRecord]] = {}
        self._placed: dict[str, bytes] = {}  # alert: the position last posted

    def connected(self, now_ms: int, records: Collection[AlertRecord]) -> tuple[Post, ...]:
        """Everything anew: the broker may have lost its disk. records: of all alerts."""
        self._met.clear()
        self._open.clear()
        for record in records:
            self._note(record)
        if not self._home.enabled:
            return ()
        badges = sorted(self._wearers.keys() | {record.badge for record in records})
        return tuple(
            post
            for number in badges
            for post in (*self._badge(number), self._safety(now_ms, number))
        )

    def changed(self, now_ms: int, record: AlertRecord) -> tuple[Post, ...]:
        """One alert is new, or has changed."""
        self._note(record)
        posts: tuple[Post, ...] = ()
        if self._home.enabled:
            if record.badge not in self._wearers:
                posts += self._badge(record.badge)
            posts += (self._safety(now_ms, record.badge),)
        return posts + self._track(record)

    def met(self, gateways: Iterable[str]) -> tuple[Post, ...]:
        """These gateways were heard of; says something the first time after `connected`."""
        new = sorted(set(gateways) - self._met) if self._home.enabled else []
        self._met.update(new)
        return tuple(
            post
            for name in new
            for post in homeassistant.gateway(self._home.prefix, self._topics, name, self._version)
        )

    def _badge(self, number: int) -> tuple[Post, ...]:
        name = self._wearers.get(number, f"badge {number}")
        return homeassistant.badge(self._home.prefix, self._topics, number, name, self._version)

    def _note(self, record: AlertRecord) -> None:
        alerts = self._open.setdefault(record.badge, {})
        alerts.pop(record.alert, None)
        if is_open(record):
            alerts[record.alert] = record

    def _safety(self, now_ms: int, number: int) -> Post:
        told = safety(now_ms, number, self._open.get(number, {}).values())
        return Post(self._topics.safety(number), encode(told), retained=True)

    def _track(self, record: AlertRecord) -> tuple[Post, ...]:
        if not (self._tracks.enabled and is_open(record)):
            self._placed.pop(record.alert, None)
            return ()
        post = owntracks.location(self._tracks.prefix, self._topics.fleet, record)
        if post is None or self._placed.get(record.alert) == post.payload:
            return ()
        self._placed[record.alert] = post.payload
        return (post,)
