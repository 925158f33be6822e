"""The desk's command messages: read from MQTT, and turned into the badge's bytes."""

from gateway.contract.errors import ContractError
from gateway.contract.messages import CommandMessage, Opcode, decode, unix_ms
from gateway.contract.topics import Topics
from wire.command import (
    ETA_UNKNOWN,
    OP_ACKNOWLEDGED,
    OP_DELIVERED,
    OP_HEARD,
    OP_RESOLVED,
    Command,
)
from wire.frame import PHASE_ACKNOWLEDGED, PHASE_DELIVERED, PHASE_HEARD, PHASE_RESOLVED

STAGE_PHASES = {
    OP_HEARD: PHASE_HEARD,
    OP_DELIVERED: PHASE_DELIVERED,
    OP_ACKNOWLEDGED: PHASE_ACKNOWLEDGED,
    OP_RESOLVED: PHASE_RESOLVED,
}
_ARGUMENT_BYTES = {
    Opcode.ACKNOWLEDGED: 1,
    Opcode.TIME: 4,
    Opcode.BUZZ: 1,
    Opcode.VISIT_TIMER: 2,
}
_DEFAULTS = {Opcode.ACKNOWLEDGED: ETA_UNKNOWN}


def read_command(topics: Topics, topic: str, payload: bytes) -> CommandMessage:
    """The command in an MQTT message. Raises ContractError for any that is not one."""
    place = topics.parse(topic)
    if place.kind != "command":
        raise ContractError("topic", f"{topic}: nothing for a gateway")
    message = decode(CommandMessage, topic, payload)
    if message.badge != place.badge:
        raise ContractError("badge", f"{topic}: $.badge is {message.badge}")
    return checked(topic, message)


def checked(topic: str, message: CommandMessage) -> CommandMessage:
    """The command, if it can be written to a badge. Raises ContractError."""
    unix_ms(message.expires_at)
    size = _ARGUMENT_BYTES.get(message.opcode, 0)
    if (message.argument or 0) >= 1 << 8 * size:
        raise ContractError(
            "argument", f"{topic}: $.argument: {message.opcode} has {size} bytes of arguments"
        )
    return message


def to_command(message: CommandMessage, counter: int, now_ms: int) -> Command:
    """The command as the badge reads it, answering the frame with this counter."""
    size = _ARGUMENT_BYTES.get(message.opcode, 0)
    number = message.argument
    if number is None:
        number = (
            now_ms // 1000 if message.opcode is Opcode.TIME else _DEFAULTS.get(message.opcode, 0)
        )
    return Command(counter, message.event, message.opcode.number, number.to_bytes(size, "little"))
