"""The [alarm] tables of gateway.toml."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec.structs import replace

Seconds = Annotated[float, msgspec.Meta(ge=1, le=86_400)]
Gpio = Annotated[int, msgspec.Meta(ge=0, le=255)]
BadgeNumber = Annotated[str, msgspec.Meta(pattern="^[1-9][0-9]{0,4}$")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class SirenOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The [alarm.siren] table: a siren on a GPIO, which sounds `sound_s` with each call.

    covert: whether it sounds for covert events too, which endangers who wears the badge.
    """

    gpio: Gpio
    active_high: bool = True
    sound_s: Seconds = 60.0
    covert: bool = False


class LampOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The [alarm.lamp] table: a lamp on a GPIO that shows how the gateway is.

    covert: whether it shows covert events as an alarm too.
    """

    gpio: Gpio
    active_high: bool = True
    covert: bool = False


class AlarmOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The [alarm] table.

    after_s: so long an event may wait for the desk before people are called;
    repeat_s: they are called again so often; position: whether they are told
    where; targets_file: a secret file of Apprise URLs; silence_gpio: a push
    button to ground that silences; names: badge number to wearer or place.
    """

    after_s: Seconds = 30.0
    repeat_s: Seconds = 180.0
    position: bool = True
    targets_file: str | None = None
    silence_gpio: Gpio | None = None
    names: dict[BadgeNumber, Name] = {}
    siren: SirenOptions | None = None
    lamp: LampOptions | None = None


def targets_beside(folder: Path, options: AlarmOptions) -> AlarmOptions:
    """The options with the path of the targets file relative to this folder."""
    named = options.targets_file
    return replace(options, targets_file=named and str(folder / named))
