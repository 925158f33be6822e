"""Every topic with its message: who sends it, who takes it, and how (docs/mqtt.md)."""

from typing import Literal, NamedTuple

from gateway.contract.messages import (
    AlertRecord,
    CommandMessage,
    CommandResult,
    DeskState,
    GatewayState,
    Message,
    Notice,
    Report,
    Safety,
    Sighting,
)

Party = Literal["gateway", "desk", "watcher"]


class Channel(NamedTuple):
    """A topic below the fleet's root, parameters in braces; watcher: any other program."""

    name: str
    address: str
    message: type[Message]
    sender: Party
    receiver: Party
    qos: Literal[0, 1]
    retained: bool


CHANNELS = (
    Channel("gateway_state", "gateway/{gateway}/state", GatewayState, "gateway", "desk", 1, True),
    Channel("event", "event/{badge}/{event}/{gateway}", Report, "gateway", "desk", 1, False),
    Channel("status", "badge/{badge}/status", Report, "gateway", "desk", 1, True),
    Channel(
        "sighting", "badge/{badge}/sighting/{gateway}", Sighting, "gateway", "watcher", 0, False
    ),
    Channel("notice", "notice/{badge}/{event}/{gateway}", Notice, "gateway", "desk", 1, False),
    Channel("command", "command/{badge}", CommandMessage, "desk", "gateway", 1, False),
    Channel(
        "result", "command/{badge}/result/{gateway}", CommandResult, "gateway", "desk", 1, False
    ),
    Channel("alert", "alert/{badge}-{event}", AlertRecord, "desk", "watcher", 1, True),
    Channel("safety", "badge/{badge}/safety", Safety, "desk", "watcher", 1, True),
    Channel("desk_state", "desk/state", DeskState, "desk", "watcher", 1, True),
)
