"""One test of everything the alarm calls with."""

import asyncio
from typing import NamedTuple

import structlog

from gateway.alarm.gpio import Output, PinFactory, open_pins
from gateway.alarm.notifier import Notifier
from gateway.alarm.options import AlarmOptions
from gateway.alarm.targets import read_targets
from gateway.contract.words import Words

PULSE_S = 0.5


class Result(NamedTuple):
    """What was tried, whether it worked, and what to do when it did not."""

    name: str
    worked: bool
    text: str


async def rehearse(
    options: AlarmOptions, gateway: str, pins: PinFactory | None = None, pulse_s: float = PULSE_S
) -> tuple[Result, ...]:
    """Try each target once, and each output for pulse_s seconds. Raises ConfigError."""
    return (*await _targets(options, gateway), *await _outputs(options, pins, pulse_s))


async def _targets(options: AlarmOptions, gateway: str) -> tuple[Result, ...]:
    targets = () if options.targets_file is None else read_targets(options.targets_file)
    words = Words(
        "TEST of the alarm", f"Hub {gateway} tests its notifications. There is no emergency."
    )
    notifier = Notifier(targets, post=lambda _: None, log=structlog.get_logger())
    try:
        tried = await notifier.try_all(words)
    finally:
        notifier.close()
    return tuple(
        Result(
            f"target of line {target.line} ({target.scheme})",
            took,
            "" if took else "try its URL with: apprise -vv -b test URL",
        )
        for target, took in tried
    )


async def _outputs(
    options: AlarmOptions, factory: PinFactory | None, pulse_s: float
) -> tuple[Result, ...]:
    pins, errors = open_pins(options, factory)
    try:
        await asyncio.gather(*(_pulse(one, pulse_s) for one in (pins.siren, pins.lamp) if one))
    finally:
        pins.close()
    named = (("siren", pins.siren), ("lamp", pins.lamp), ("button that silences", pins.button))
    worked = tuple(Result(name, True, "") for name, pin in named if pin is not None)
    return (*worked, *(Result("GPIO", False, str(error)) for error in errors))


async def _pulse(output: Output, pulse_s: float) -> None:
    output.on()
    await asyncio.sleep(pulse_s)
    output.off()
