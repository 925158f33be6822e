"""The topics below `tocsin/v1/{fleet}`: built in one place, read in one place."""

import re
from typing import NamedTuple

from gateway.contract.errors import ContractError

NAME = r"[A-Za-z0-9_-]{1,32}"
_NAME = re.compile(NAME)
_MAX_U16 = 0xFFFF
#: For how many seconds a message is of use to one who gets it late; others are always.
EXPIRY_S = {"status": 3600, "sighting": 10}


class Topic(NamedTuple):
    """A topic taken apart. kind is one of the words in `_PATTERNS`."""

    kind: str
    badge: int = 0
    event: int = 0
    gateway: str = ""

    @property
    def expiry_s(self) -> int | None:
        """For how many seconds a message is of use to one who gets it late; None: always."""
        return EXPIRY_S.get(self.kind)


_PATTERNS = {
    "gateway_state": re.compile(rf"gateway/(?P<gateway>{NAME})/state"),
    "event": re.compile(rf"event/(?P<badge>[0-9]+)/(?P<event>[0-9]+)/(?P<gateway>{NAME})"),
    "status": re.compile(r"badge/(?P<badge>[0-9]+)/status"),
    "sighting": re.compile(rf"badge/(?P<badge>[0-9]+)/sighting/(?P<gateway>{NAME})"),
    "command": re.compile(r"command/(?P<badge>[0-9]+)"),
    "result": re.compile(rf"command/(?P<badge>[0-9]+)/result/(?P<gateway>{NAME})"),
    "notice": re.compile(rf"notice/(?P<badge>[0-9]+)/(?P<event>[0-9]+)/(?P<gateway>{NAME})"),
    "alert": re.compile(r"alert/(?P<badge>[0-9]+)-(?P<event>[0-9]+)"),
    "safety": re.compile(r"badge/(?P<badge>[0-9]+)/safety"),
    "desk_state": re.compile(r"desk/state"),
}


def check_name(what: str, name: str) -> str:
    """name, when it is 1-32 of A-Z a-z 0-9 _ -; raises ContractError otherwise."""
    if not _NAME.fullmatch(name):
        raise ContractError("name", f"{what} {name!r}: must be 1-32 of A-Z a-z 0-9 _ -")
    return name


def client_id(fleet: str, name: str) -> str:
    """The MQTT client id of a gateway or desk: fleets that share a broker do not collide."""
    return f"tocsin-{fleet}-{name}"


class Topics:
    """Every topic of one fleet."""

    def __init__(self, fleet: str) -> None:
        self.fleet = check_name("fleet", fleet)
        self.root = f"tocsin/v1/{fleet}/"

    def gateway_state(self, gateway: str) -> str:
        return f"{self.root}gateway/{gateway}/state"

    def event(self, badge: int, event: int, gateway: str) -> str:
        return f"{self.root}event/{badge}/{event}/{gateway}"

    def status(self, badge: int) -> str:
        return f"{self.root}badge/{badge}/status"

    def sighting(self, badge: int, gateway: str) -> str:
        return f"{self.root}badge/{badge}/sighting/{gateway}"

    def command(self, badge: int) -> str:
        return f"{self.root}command/{badge}"

    def result(self, badge: int, gateway: str) -> str:
        return f"{self.root}command/{badge}/result/{gateway}"

    def notice(self, badge: int, event: int, gateway: str) -> str:
        return f"{self.root}notice/{badge}/{event}/{gateway}"

    def alert(self, badge: int, event: int) -> str:
        return f"{self.root}alert/{badge}-{event}"

    def safety(self, badge: int) -> str:
        return f"{self.root}badge/{badge}/safety"

    def desk_state(self) -> str:
        return f"{self.root}desk/state"

    def for_gateway(self) -> tuple[str, ...]:
        """What a gateway subscribes to."""
        return (f"{self.root}command/+",)

    def for_desk(self) -> tuple[str, ...]:
        """What the desk subscribes to."""
        return (
            f"{self.root}gateway/+/state",
            f"{self.root}event/+/+/+",
            f"{self.root}badge/+/status",
            f"{self.root}command/+/result/+",
            f"{self.root}notice/+/+/+",
        )

    def parse(self, topic: str) -> Topic:
        """The parts of a topic. Raises ContractError("topic") for any other."""
        if topic.startswith(self.root):
            for kind, pattern in _PATTERNS.items():
                if match := pattern.fullmatch(topic, len(self.root)):
                    return _topic(kind, topic, match.groupdict())
        raise ContractError("topic", f"topic {topic[:200]!r}: not one of this fleet's")


def _topic(kind: str, topic: str, parts: dict[str, str]) -> Topic:
    badge, event = int(parts.get("badge", "0")[:6]), int(parts.get("event", "0")[:6])
    if badge > _MAX_U16 or event > _MAX_U16:
        raise ContractError("topic", f"topic {topic[:200]!r}: numbers go up to {_MAX_U16}")
    return Topic(kind, badge, event, parts.get("gateway", ""))
