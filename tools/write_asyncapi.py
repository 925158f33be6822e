"""Writes docs/asyncapi.yaml, the MQTT contract for machines: `python tools/write_asyncapi.py`.

Made from the code of gateway/contract alone, in the AsyncAPI 3.0.0 format
(https://www.asyncapi.com/docs/reference/specification/v3.0.0); tests/contract/test_asyncapi.py
fails when the file is not what the code says.
"""

import inspect
import re
from pathlib import Path

import msgspec

from gateway.contract.channels import CHANNELS, Channel
from gateway.contract.messages import Message
from gateway.contract.topics import NAME

TARGET = Path(__file__).parents[1] / "docs" / "asyncapi.yaml"
ROOT = "tocsin/v1/{fleet}/"
_NUMBER = "0-65535, decimal"
_PARAMETERS = {
    "fleet": f"Name of the fleet: {NAME}",
    "gateway": f"Name of the gateway: {NAME}",
    "badge": f"Badge number: {_NUMBER}",
    "event": f"Event number: {_NUMBER}",
}
_TITLE = "Tocsin over MQTT"
_ABOUT = (
    "What gateways and desk of a Tocsin fleet tell each other, and any other program that"
    " may listen. docs/mqtt.md says it for people."
)


def document() -> str:
    """The whole document, as YAML."""
    kinds = sorted({channel.message for channel in CHANNELS}, key=lambda kind: kind.__name__)
    _, schemas = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    content = {
        "asyncapi": "3.0.0",
        "info": {
            "title": _TITLE,
            "version": "1.0.0",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "broker": {
                "host": "{host}",
                "protocol": "mqtt",
                "description": "Any MQTT broker, 3.1.1 or 5.",
                "variables": {"host": {"default": "127.0.0.1:1883"}},
            }
        },
        "channels": {channel.name: _channel(channel) for channel in CHANNELS},
        "operations": dict(pair for channel in CHANNELS for pair in _operations(channel)),
        "components": {
            "messages": {kind.__name__: _message(kind) for kind in kinds},
            "schemas": {name: _versioned(schema) for name, schema in schemas.items()},
        },
    }
    return msgspec.yaml.encode(msgspec.to_builtins(content)).decode()


def _channel(channel: Channel) -> dict[str, object]:
    parameters = re.findall(r"\{(\w+)\}", ROOT + channel.address)
    return {
        "address": ROOT + channel.address,
        "messages": {
            channel.message.__name__: {"$ref": f"#/components/messages/{channel.message.__name__}"}
        },
        "parameters": {name: {"description": _PARAMETERS[name]} for name in parameters},
    }


def _operations(channel: Channel) -> tuple[tuple[str, dict[str, object]], ...]:
    reference = {"$ref": f"#/channels/{channel.name}"}
    sends = {
        "action": "send",
        "channel": reference,
        "title": f"The {channel.sender} tells the {channel.receiver}",
        "bindings": {"mqtt": {"qos": channel.qos, "retain": channel.retained}},
    }
    told = (f"{channel.sender}_sends_{channel.name}", sends)
    if channel.receiver == "watcher":
        return (told,)
    takes = {**sends, "action": "receive", "title": f"The {channel.receiver} is told"}
    return (told, (f"{channel.receiver}_takes_{channel.name}", takes))


def _versioned(schema: dict[str, object]) -> dict[str, object]:
    """The schema of a message says that `v` must be there and 1, as the code does."""
    properties = schema.get("properties")
    if not isinstance(properties, dict) or "v" not in properties:
        return schema
    required = schema.get("required", [])
    assert isinstance(required, list)
    return {**schema, "properties": {**properties, "v": {"const": 1}}, "required": ["v", *required]}


def _message(kind: type[Message]) -> dict[str, object]:
    return {
        "name": kind.__name__,
        "summary": inspect.cleandoc(kind.__doc__ or "").split("\n")[0],
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
    }


if __name__ == "__main__":
    TARGET.write_text(document(), encoding="utf-8")
