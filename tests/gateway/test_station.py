"""Siren, lamp and button, on gpiozero's own fake pins."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import pytest
import structlog
from gpiozero.pins.mock import MockFactory

from gateway.alarm.gpio import open_pins
from gateway.alarm.options import AlarmOptions, LampOptions, SirenOptions
from gateway.alarm.patterns import PATTERNS
from gateway.alarm.rehearsal import rehearse
from gateway.alarm.station import Station
from gateway.steps import Silenced, Sound

WAIT_S = 20
SIREN, LAMP, BUTTON = 17, 27, 22
OPTIONS = AlarmOptions(
    siren=SirenOptions(gpio=SIREN),
    lamp=LampOptions(gpio=LAMP, active_high=False),
    silence_gpio=BUTTON,
)


@pytest.fixture
def pins() -> Iterator[MockFactory]:
    factory = MockFactory()
    yield factory
    factory.reset()


class Hub:
    """A station, what it posted and what it logged."""

    def __init__(self, options: AlarmOptions, pins: MockFactory | None) -> None:
        self.posted: asyncio.Queue[object] = asyncio.Queue()
        self.log: list[structlog.typing.EventDict] = []
        log = structlog.wrap_logger(None, processors=[self._note])
        self.station = Station(options, post=self.posted.put_nowait, log=log, pins=pins)

    def _note(self, _: object, __: str, entry: structlog.typing.EventDict) -> str:
        self.log.append(entry)
        raise structlog.DropEvent

    async def run_until(self, done) -> None:
        """Run the station until something is so; a state of pins tells nobody when it changes."""
        running = asyncio.ensure_future(self.station.run())
        async with asyncio.timeout(WAIT_S):
            await asyncio.sleep(0)
            for _ in iter(done, True):
                await asyncio.sleep(0)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_the_siren_sounds_as_told_and_is_silent_when_the_hub_stops(pins: MockFactory):
    hub = Hub(OPTIONS, pins)
    assert hub.station.alarm.means.siren
    hub.station.carry_out(Sound(True))
    assert pins.pin(SIREN).state
    hub.station.carry_out(Sound(False))
    assert not pins.pin(SIREN).state
    hub.station.carry_out(Sound(True))
    await hub.run_until(lambda: True)
    assert not pins.pin(SIREN).state
    hub.station.close()


async def test_the_lamp_flashes_and_a_new_state_shows_at_once(pins: MockFactory):
    hub = Hub(OPTIONS, pins)
    assert pins.pin(LAMP).state  # active low: dark
    hub.station.show("deaf")
    await hub.run_until(lambda: not pins.pin(LAMP).state)
    assert pins.pin(LAMP).state
    hub.station.show("alarm")
    changes = []

    def flashes() -> bool:
        lit = not pins.pin(LAMP).state
        if not changes or changes[-1] != lit:
            changes.append(lit)
        return changes[-4:] == [True, False, True, False]

    await hub.run_until(flashes)
    hub.station.close()


async def test_the_button_silences(pins: MockFactory):
    hub = Hub(OPTIONS, pins)
    pressed = False

    def press() -> bool:
        nonlocal pressed
        if not pressed and hub.station._pins.button.when_pressed is not None:
            pins.pin(BUTTON).drive_low()
            pressed = True
        return not hub.posted.empty()

    await hub.run_until(press)
    assert hub.posted.get_nowait() == Silenced()
    hub.station.close()


def test_gpios_that_are_not_there_are_said_and_the_hub_goes_on():
    hub = Hub(OPTIONS, None)
    said = [entry["error"] for entry in hub.log if entry["event"] == "alarm.gpio"]
    assert [line.split(":")[0] for line in said] == [
        "$.alarm.siren.gpio",
        "$.alarm.lamp.gpio",
        "$.alarm.silence_gpio",
    ]
    assert all("is this a board with GPIOs" in line for line in said)
    assert not hub.station.alarm.means.siren
    hub.station.carry_out(Sound(True))
    hub.station.show("alarm")
    hub.station.close()


def test_a_gpio_that_is_used_twice_is_said(pins: MockFactory):
    twice = AlarmOptions(siren=SirenOptions(gpio=SIREN), lamp=LampOptions(gpio=SIREN))
    opened, errors = open_pins(twice, pins)
    assert opened.siren is not None
    assert [str(error).split(":")[0] for error in errors] == ["$.alarm.lamp.gpio"]
    opened.close()


async def test_a_rehearsal_sounds_and_lights_for_a_moment(pins: MockFactory):
    results = await rehearse(OPTIONS, "hub-1", pins, pulse_s=0.01)
    assert [(result.name, result.worked) for result in results] == [
        ("siren", True),
        ("lamp", True),
        ("button that silences", True),
    ]
    assert not pins.pin(SIREN).state


def test_no_two_states_of_the_lamp_look_the_same():
    assert len(set(PATTERNS.values())) == len(PATTERNS)
    assert all(flash.lit_s > 0 and flash.dark_s > 0 for one in PATTERNS.values() for flash in one)
