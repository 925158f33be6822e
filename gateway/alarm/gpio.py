"""Siren, lamp and button on GPIOs, through gpiozero, which is there only where it was installed."""

import importlib
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from gateway.alarm.options import AlarmOptions, LampOptions, SirenOptions
from gateway.errors import GatewayError

_BOUNCE_S = 0.05


class GpioError(GatewayError):
    """A GPIO that cannot be used; the text names its configuration key."""


class Output(Protocol):
    """A siren or a lamp."""

    def on(self) -> None:
        """Sound, or light."""

    def off(self) -> None:
        """Be silent, or dark."""

    def close(self) -> None:
        """Let go of the GPIO."""


class Button(Protocol):
    """A push button."""

    when_pressed: Callable[[], object] | None

    def close(self) -> None:
        """Let go of the GPIO."""


class PinFactory(Protocol):
    """gpiozero's way to the pins, such as its MockFactory."""


class Pins(NamedTuple):
    """What is connected; None: not configured, or not to be used."""

    siren: Output | None = None
    lamp: Output | None = None
    button: Button | None = None

    def close(self) -> None:
        """Let go of all of them; siren and lamp are off then."""
        for pin in self:
            if pin is not None:
                pin.close()


class _Opener:
    """Opens devices of gpiozero, and remembers what could not be used."""

    def __init__(self, factory: PinFactory | None) -> None:
        self._factory = factory
        self.errors: list[GpioError] = []

    def output(self, key: str, table: SirenOptions | LampOptions | None) -> Output | None:
        if table is None:
            return None
        output: Output | None = self._opened(
            key,
            "DigitalOutputDevice",
            pin=table.gpio,
            active_high=table.active_high,
            initial_value=False,
        )
        return output

    def button(self, key: str, gpio: int | None) -> Button | None:
        if gpio is None:
            return None
        button: Button | None = self._opened(
            key, "Button", pin=gpio, pull_up=True, bounce_time=_BOUNCE_S
        )
        return button

    def _opened(self, key: str, device: str, **named: object) -> Any:
        try:
            return _open(key, device, pin_factory=self._factory, **named)
        except GpioError as error:
            self.errors.append(error)
            return None


def open_pins(
    options: AlarmOptions, factory: PinFactory | None = None
) -> tuple[Pins, tuple[GpioError, ...]]:
    """What the configuration names, all off, and why some of it cannot be used."""
    opener = _Opener(factory)
    pins = Pins(
        opener.output("alarm.siren.gpio", options.siren),
        opener.output("alarm.lamp.gpio", options.lamp),
        opener.button("alarm.silence_gpio", options.silence_gpio),
    )
    return pins, tuple(opener.errors)


def _open(key: str, device: str, **named: object) -> Any:
    try:
        gpiozero = importlib.import_module("gpiozero")
    except ImportError:
        raise GpioError(
            f"$.{key}: gpiozero is not installed; run: pip install 'tocsin[gpio]'"
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one for each way to the pins that is not there
            return getattr(gpiozero, device)(**named)
    except (gpiozero.GPIOZeroError, OSError) as error:
        raise GpioError(
            f"$.{key}: GPIO {named['pin']} cannot be used: {error};"
            " is this a board with GPIOs, and is this user in the group gpio?"
        ) from None
