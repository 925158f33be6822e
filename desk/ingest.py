"""MQTT messages to the core's inputs; nothing here decides about alerts."""

from desk.turns import Confirmed, Noticed, Reported
from gateway.contract.errors import ContractError
from gateway.contract.messages import (
    CommandResult,
    GatewayState,
    Notice,
    Report,
    decode,
    unix_ms,
)
from gateway.contract.session import Received
from gateway.contract.topics import Topic, Topics


def read(topics: Topics, received: Received) -> Reported | Confirmed | Noticed | GatewayState:
    """What a message says. Raises ContractError: the reason is for counting."""
    topic = topics.parse(received.topic)
    if topic.kind == "event":
        return Reported(_report(topic, received), misplaced=received.retained)
    if topic.kind == "status":
        return Reported(_report(topic, received))
    if topic.kind == "result":
        return Confirmed(_result(topic, received))
    if topic.kind == "notice":
        return Noticed(_notice(topic, received))
    if topic.kind == "gateway_state":
        return _state(topic, received)
    raise ContractError("topic", f"{received.topic}: not for the desk")


def _report(topic: Topic, received: Received) -> Report:
    report = decode(Report, received.topic, received.payload)
    unix_ms(report.heard_at)
    told = [("badge", report.badge, topic.badge)]
    if topic.kind == "event":
        told += [("event", report.event, topic.event)]
        _same(received, ("gateway", report.gateway, topic.gateway))
    _same(received, *told)
    return report


def _result(topic: Topic, received: Received) -> CommandResult:
    result = decode(CommandResult, received.topic, received.payload)
    unix_ms(result.at)
    _same(received, ("badge", result.badge, topic.badge))
    _same(received, ("gateway", result.gateway, topic.gateway))
    return result


def _notice(topic: Topic, received: Received) -> Notice:
    notice = decode(Notice, received.topic, received.payload)
    unix_ms(notice.first_at)
    unix_ms(notice.at)
    _same(received, ("badge", notice.badge, topic.badge), ("event", notice.event, topic.event))
    _same(received, ("gateway", notice.gateway, topic.gateway))
    return notice


def _state(topic: Topic, received: Received) -> GatewayState:
    state = decode(GatewayState, received.topic, received.payload)
    unix_ms(state.at)
    _same(received, ("gateway", state.gateway, topic.gateway))
    return state


def _same(received: Received, *told: tuple[str, int | str, int | str]) -> None:
    for field, inside, outside in told:
        if inside != outside:
            raise ContractError(
                "mismatch", f"{received.topic}: $.{field}: not the one of the topic"
            )
