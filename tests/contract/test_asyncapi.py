"""docs/asyncapi.yaml says what the code does: channels, messages, schemas."""

import inspect
import json
import re
from typing import Any

import jsonschema
import msgspec
import pytest

from gateway.contract.channels import CHANNELS, Channel
from gateway.contract.errors import ContractError
from gateway.contract.messages import AlertRecord, Kind, Phase, Position, decode, encode
from gateway.contract.topics import Topics
from tools.write_asyncapi import TARGET, document

TOPICS = Topics("demo")
DOCUMENT: dict[str, Any] = msgspec.yaml.decode(TARGET.read_bytes())


def test_the_file_is_what_the_code_says() -> None:
    assert TARGET.read_text(encoding="utf-8") == document(), "run python tools/write_asyncapi.py"


def test_every_reference_leads_somewhere() -> None:
    for reference in re.findall(r"#/[\w/]+", TARGET.read_text(encoding="utf-8")):
        place = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_every_topic_of_the_code_has_its_channel() -> None:
    builders = [
        name
        for name, member in inspect.getmembers(Topics, inspect.isfunction)
        if not name.startswith(("_", "for_", "parse"))
    ]
    assert sorted(channel.name for channel in CHANNELS) == sorted(builders)


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)
def test_a_channel_s_address_is_the_topic(channel: Channel) -> None:
    builder = getattr(TOPICS, channel.name)
    values = {"badge": 7, "event": 3, "gateway": "hub-1"}
    topic = builder(**{name: values[name] for name in inspect.signature(builder).parameters})
    address = DOCUMENT["channels"][channel.name]["address"]
    assert address.format(fleet="demo", **values) == topic
    assert TOPICS.parse(topic).kind == channel.name


@pytest.mark.parametrize(
    ("field", "value"),
    [("phase", "asleep"), ("badge", 70_000), ("raised_at", "noon"), ("v", 2), ("timeline", [1])],
)
def test_what_the_code_refuses_the_schema_refuses(field: str, value: object) -> None:
    schema = {**DOCUMENT, "$ref": "#/components/schemas/AlertRecord"}
    position = Position(latitude=53.5, longitude=-2.25, age_s=5, accuracy_m=8)
    record = AlertRecord(
        alert="1-2",
        badge=1,
        event=2,
        kind=Kind.SOS,
        phase=Phase.DELIVERED,
        wearer="Asha Nair",
        raised_at="2027-01-15T08:00:00.000Z",
        updated_at="2027-01-15T08:00:01.000Z",
        position=position,
    )
    told = json.loads(encode(record))
    jsonschema.validate(told, schema)
    wrong = {**told, field: value}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema)
    with pytest.raises(ContractError):
        decode(AlertRecord, "alert/1-2", json.dumps(wrong).encode())
