"""Any bytes are a message or the contract's one error."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.errors import ContractError
from gateway.contract.messages import (
    MAX_PAYLOAD,
    AlertRecord,
    CommandMessage,
    CommandResult,
    DeskState,
    GatewayState,
    Message,
    Notice,
    Report,
    Sighting,
    decode,
    encode,
    rfc3339,
    unix_ms,
)

KINDS = (
    Report,
    GatewayState,
    Sighting,
    CommandMessage,
    CommandResult,
    Notice,
    AlertRecord,
    DeskState,
)
COMMAND = {
    "v": 1,
    "id": "c1",
    "badge": 7,
    "event": 3,
    "opcode": "delivered",
    "expires_at": "2026-01-01T00:00:00.000Z",
}

kinds = st.sampled_from(KINDS)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
nearly_commands = st.fixed_dictionaries(
    {key: st.just(value) | json_values for key, value in COMMAND.items()},
    optional={"argument": json_values, "surplus": json_values},
)


def accepts(kind: type[Message], payload: bytes) -> bool:
    try:
        message = decode(kind, "a/topic", payload)
    except ContractError as error:
        refusal = error
    else:
        return isinstance(message, kind)
    assert refusal.reason in {"size", "version", "schema", "json"}
    assert "a/topic" in str(refusal)
    return False


@given(kinds, st.binary(max_size=200))
def test_any_bytes_are_a_message_or_a_contract_error(kind, payload):
    accepts(kind, payload)


@given(kinds, json_values)
def test_any_json_is_a_message_or_a_contract_error(kind, value):
    accepts(kind, json.dumps(value).encode())


@given(nearly_commands)
def test_a_nearly_right_command_is_taken_as_the_contract_says_or_refused(value):
    if accepts(CommandMessage, json.dumps(value).encode()):
        assert value["v"] == 1


@given(st.integers(2, 100))
def test_an_unknown_version_is_refused_by_that_name(version):
    with pytest.raises(ContractError) as caught:
        decode(CommandMessage, "t", json.dumps({**COMMAND, "v": version}).encode())
    assert caught.value.reason == "version"


def test_unknown_fields_are_ignored():
    assert decode(CommandMessage, "t", json.dumps({**COMMAND, "colour": "red"}).encode()).badge == 7


def test_an_enormous_payload_is_refused_unread():
    with pytest.raises(ContractError) as caught:
        decode(CommandMessage, "t", b" " * (MAX_PAYLOAD + 1))
    assert caught.value.reason == "size"


@pytest.mark.parametrize("depth", [1000, 60_000])
def test_deep_nesting_is_refused(depth):
    with pytest.raises(ContractError):
        decode(CommandMessage, "t", b"[" * depth)


def test_a_message_survives_the_wire():
    message = msgspec.convert(COMMAND, CommandMessage)
    assert decode(CommandMessage, "t", encode(message)) == message


@given(st.integers(0, 4_102_444_800_000))
def test_times_survive_being_written_and_read(now_ms):
    assert unix_ms(rfc3339(now_ms)) == now_ms


@given(st.text() | st.just("2026-02-30T00:00:00.000Z"))
def test_a_text_that_is_no_time_is_a_contract_error(text):
    reason = "time"
    try:
        unix_ms(text)
    except ContractError as error:
        reason = error.reason
    assert reason == "time"
