"""The radios as the gateway has them: listens, and carries out what the watchdog asks for."""

import asyncio
from collections.abc import Callable
from typing import Literal

import structlog

from gateway.contract.messages import RadioState
from gateway.errors import RadioError
from gateway.host.clocks import steady_ms
from gateway.radio import Advert, Radio, RadioCondition
from gateway.radio.watchdog import FLOOR_MS, Remedy, Rescan, Watchdog
from gateway.status.snapshot import RadioStatus, radio_status
from gateway.status.tally import Tally

TICK_S = 0.1

States = tuple[bool | str, ...]


class Ears:
    """Listens to a radio, or to several as one, and heals those that go deaf.

    deliver: takes each advertisement of a badge or a button. floor_ms: no silence shorter
    than this is one. canary: the badge that stays nearby. clock_ms: steady, not set by anybody.
    """

    def __init__(
        self,
        radio: Radio,
        deliver: Callable[[Advert], None],
        *,
        floor_ms: int = FLOOR_MS,
        canary: int | None = None,
        clock_ms: Callable[[], int] | None = None,
        log: structlog.typing.FilteringBoundLogger | None = None,
    ) -> None:
        self._radio = radio
        self._deliver = deliver
        self._canary = canary
        self._clock_ms = clock_ms or steady_ms
        self._log = log or structlog.get_logger()
        self._watchdog = Watchdog(
            self._clock_ms(), floor_ms=floor_ms, has_canary=canary is not None
        )
        self._tally = Tally()
        self._badge_ms: int | None = None
        self._told: dict[str, str] = {}
        self._heard_before = True
        self._remedies: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Listen until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._radio.run(self))
            tasks.create_task(self._watch(tasks))

    @property
    def hears(self) -> bool:
        """Whether any radio hears, as far as one can tell."""
        return self._watchdog.hears(self._clock_ms())

    @property
    def state(self) -> Literal["online", "deaf"]:
        """The same, as supervisors are told it."""
        return "online" if self.hears else "deaf"

    @property
    def badge_age_s(self) -> float | None:
        """How long ago a badge of the fleet was heard; None: never."""
        return None if self._badge_ms is None else (self._clock_ms() - self._badge_ms) / 1000

    def radios(self) -> tuple[RadioState, ...]:
        """How every radio is that was ever there."""
        return self._watchdog.radios(self._clock_ms())

    def statuses(self) -> tuple[RadioStatus, ...]:
        """The same, with what each of them heard."""
        now_ms = self._clock_ms()
        return tuple(
            radio_status(radio, self._tally.counts(now_ms, radio.name)) for radio in self.radios()
        )

    @property
    def states(self) -> States:
        """Whether any radio hears, and the state of each: what supervisors are told at once."""
        return self.hears, *(radio.state for radio in self.radios())

    def advert(self, advert: Advert) -> None:
        """A badge or a button was heard."""
        now_ms = self._clock_ms()
        self._watchdog.heard(now_ms, advert.radio)
        self._tally.advert(now_ms, advert.radio)
        self._deliver(advert)

    def ambient(self, radio: str) -> None:
        """A stranger was heard."""
        now_ms = self._clock_ms()
        self._watchdog.heard(now_ms, radio)
        self._tally.ambient(now_ms, radio)

    def condition(self, radio: str, condition: RadioCondition) -> None:
        """A radio says how it is."""
        self._watchdog.condition(self._clock_ms(), radio, condition)

    def recognised(self, radio: str, badge: int) -> None:
        """What a radio heard was this badge of the fleet."""
        self._badge_ms = self._clock_ms()
        if badge == self._canary:
            self._watchdog.canary(self._badge_ms, radio)

    def look(self) -> tuple[Remedy, ...]:
        """What the watchdog asks for now; the log is told what has changed."""
        remedies = self._watchdog.tick(self._clock_ms())
        for radio in self.radios():
            self._tell(radio)
        self._tell_whether_it_hears()
        return remedies

    async def _watch(self, tasks: asyncio.TaskGroup) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            for remedy in self.look():
                before = self._remedies.get(remedy.radio)
                if before is None or before.done():
                    self._remedies[remedy.radio] = tasks.create_task(self._heal(remedy))

    async def _heal(self, remedy: Remedy) -> None:
        silent_s = remedy.silent_ms // 1000
        log = self._log.bind(radio=remedy.radio, silent_s=silent_s)
        try:
            if isinstance(remedy, Rescan):
                log.warning("radio.silent", remedy="scan again")
                await self._radio.rescan(remedy.radio)
            else:
                log.warning("radio.silent", remedy="reset the radio")
                await self._radio.reset(remedy.radio)
        except RadioError as error:
            log.warning("radio.not_reset", error=str(error))

    def _tell_whether_it_hears(self) -> None:
        hears, before = self.hears, self._heard_before
        self._heard_before = hears
        if before and not hears:
            names = ", ".join(f"{radio.name} is {radio.state}" for radio in self.radios())
            self._log.error("gateway.deaf", radios=names or "none was found")
        elif hears and not before:
            self._log.info("gateway.hears")

    def _tell(self, radio: RadioState) -> None:
        """Log a radio's state when it has changed."""
        if self._told.get(radio.name) == radio.state:
            return
        self._told[radio.name] = radio.state
        log = self._log.info if radio.state == "scanning" else self._log.warning
        log(f"radio.{radio.state}", radio=radio.name, reason=radio.reason)
