"""Several radios as one: what any of them hears is heard, the best placed connects."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from gateway.errors import RadioError
from gateway.host.clocks import steady_ms
from gateway.radio import Advert, Connection, Listener, Radio, RadioCondition
from gateway.radio.loudness import Loudness

ATTEMPT_S = 2.0  # while another radio may still be asked


class Several:
    """Radios side by side. What two of them hear is heard twice; intake sees to that."""

    def __init__(
        self,
        radios: Sequence[Radio],
        *,
        attempt_s: float = ATTEMPT_S,
        clock_ms: Callable[[], int] | None = None,
    ) -> None:
        self._radios = tuple(radios)
        self._attempt_s = attempt_s
        self._clock_ms = clock_ms or steady_ms
        self._loudness = Loudness[int]()

    async def run(self, listener: Listener) -> None:
        """Scan with all until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for number, radio in enumerate(self._radios):
                tasks.create_task(radio.run(_Ear(self, number, listener)))

    async def rescan(self, radio: str) -> None:
        """Start the scan of the radio of this name again."""
        for each in self._radios:
            await each.rescan(radio)

    async def reset(self, radio: str) -> None:
        """Switch the radio of this name off and on. Raises RadioError."""
        for each in self._radios:
            await each.reset(radio)

    async def connect(self, address: str, on_reply: Callable[[bytes], None]) -> Connection:
        """Connect through the radio that hears it loudest, else the next. Raises RadioError."""
        ranking = self._loudness.ranking(self._clock_ms(), address)
        if not ranking:
            raise RadioError(f"connection to {address}: no radio hears it")
        for number in ranking[:-1]:
            with suppress(RadioError, TimeoutError):
                async with asyncio.timeout(self._attempt_s):
                    return await self._radios[number].connect(address, on_reply)
        return await self._radios[ranking[-1]].connect(address, on_reply)

    def heard(self, number: int, advert: Advert) -> None:
        """One of the radios heard something that may want an answer."""
        self._loudness.note(self._clock_ms(), advert.address, number, advert.rssi)


class _Ear(NamedTuple):
    """Passes on what one radio hears, and notes how loudly."""

    several: Several
    number: int
    listener: Listener

    def advert(self, advert: Advert) -> None:
        self.several.heard(self.number, advert)
        self.listener.advert(advert)

    def ambient(self, radio: str) -> None:
        self.listener.ambient(radio)

    def condition(self, radio: str, condition: RadioCondition) -> None:
        self.listener.condition(radio, condition)
