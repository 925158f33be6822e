"""What desk.toml says of the tools that others already have."""

from typing import Annotated

import msgspec

#: One level or more of a topic; no wildcards.
Prefix = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$", max_length=64)]


class HomeAssistantOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The [homeassistant] table. prefix: as in Home Assistant's MQTT settings."""

    enabled: bool = False
    prefix: Prefix = "homeassistant"


class OwnTracksOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The [owntracks] table. prefix: the first level of the topics."""

    enabled: bool = False
    prefix: Prefix = "owntracks"
