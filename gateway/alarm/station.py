"""What a hub calls with: targets, siren, lamp and the button that silences. Decides nothing."""

import asyncio
from collections.abc import Callable

import structlog

from gateway.alarm.alarm import Means, Setting
from gateway.alarm.gpio import PinFactory, open_pins
from gateway.alarm.lamp import Lamp
from gateway.alarm.notifier import Notifier
from gateway.alarm.options import AlarmOptions
from gateway.alarm.patterns import State
from gateway.alarm.targets import read_targets
from gateway.steps import Call, Called, CallOff, Silenced, Sound


class Station:
    """The alarm's hands. A GPIO that is not there is said in the log, and the rest goes on.

    post: takes what happened; called in the event loop. Raises ConfigError for a
    targets file that cannot be used. alarm: what the core must know. `close` it after use.
    """

    def __init__(
        self,
        options: AlarmOptions,
        *,
        post: Callable[[Called | Silenced], None],
        log: structlog.typing.FilteringBoundLogger,
        pins: PinFactory | None = None,
    ) -> None:
        targets = () if options.targets_file is None else read_targets(options.targets_file)
        self._post = post
        self._log = log
        self._notifier = Notifier(targets, post=post, log=log)
        self._pins, errors = open_pins(options, pins)
        self._lamp = None if self._pins.lamp is None else Lamp(self._pins.lamp)
        self.alarm = Setting(options, Means(len(targets), self._pins.siren is not None))
        for error in errors:
            log.error("alarm.gpio", error=str(error))

    def close(self) -> None:
        """Let go of all GPIOs."""
        self._pins.close()

    async def run(self) -> None:
        """Call, flash and listen to the button until cancelled; silent and dark afterwards."""
        self._listen(asyncio.get_running_loop())
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._notifier.run())
                if self._lamp is not None:
                    tasks.create_task(self._lamp.run())
        finally:
            if self._pins.siren is not None:
                self._pins.siren.off()

    def carry_out(self, effect: Call | CallOff | Sound) -> None:
        """Do what the alarm decided."""
        if not isinstance(effect, Sound):
            self._notifier.order(effect)
        elif self._pins.siren is not None:
            self._log.warning("alarm.siren", on=effect.on)
            (self._pins.siren.on if effect.on else self._pins.siren.off)()

    def show(self, state: State) -> None:
        """Let the lamp show how the gateway is."""
        if self._lamp is not None:
            self._lamp.show(state)

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._pins.button is not None:
            # It is pressed in a thread of gpiozero's.
            self._pins.button.when_pressed = lambda: loop.call_soon_threadsafe(self._silence)

    def _silence(self) -> None:
        self._log.warning("alarm.silenced")
        self._post(Silenced())
