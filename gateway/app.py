"""The gateway as a process: wires intake, relay, outbox, broker and radio; decides nothing."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from gateway.alarm.station import Station
from gateway.bulletin import Bulletin
from gateway.config import Config
from gateway.contract.broker import addresses
from gateway.contract.clock import Clock
from gateway.contract.errors import ContractError
from gateway.contract.messages import rfc3339
from gateway.contract.session import Received
from gateway.contract.topics import Topics
from gateway.disk.log import OutboxLog
from gateway.disk.outbox import Outbox
from gateway.downlink import Downlink
from gateway.engine import Engine
from gateway.errors import ConfigError
from gateway.host import clocks
from gateway.keys import block_cipher, command_key
from gateway.radio import Advert, Radio
from gateway.radio.ears import Ears
from gateway.reception import Reception
from gateway.registry import Registry
from gateway.registry_file import RegistryFile
from gateway.relay import Relay
from gateway.status.census import Census
from gateway.status.outbox import outbox_status
from gateway.status.pulse import Pulse
from gateway.status.snapshot import Limits, Snapshot, judged
from gateway.steps import ClockMoved, Input, LinkChanged, Ordered, Tick
from gateway.uplink import Uplink, own_version

if TYPE_CHECKING:
    from wire import BlockCipher

TICK_S = 0.05
TIDY_EVERY_MS = 1000
_MS_PER_S = 1000


class Gateway:
    """One gateway. The radio, the clock (unix milliseconds) and the random source come in.

    Raises OutboxError or ConfigError when the database or the password file
    cannot be used. `close` it after use.
    """

    def __init__(
        self,
        config: Config,
        registry: Registry,
        radio: Radio,
        *,
        now_ms: Callable[[], int] | None = None,
        steady_ms: Callable[[], int] | None = None,
        nonce: Callable[[int], bytes] = os.urandom,
        log: structlog.typing.FilteringBoundLogger | None = None,
    ) -> None:
        self._config = config
        self._now_ms = now_ms or clocks.wall_ms
        self._clock, self._steady_ms = Clock(), steady_ms or now_ms or clocks.since_boot_ms
        self._log = (log or structlog.get_logger()).bind(gateway=config.name)
        self._ears = Ears(
            radio,
            self._on_advert,
            floor_ms=round(config.radio.silence_s * _MS_PER_S),
            canary=config.radio.canary,
            clock_ms=self._steady_ms,
            log=self._log,
        )
        self._census, self._pulse = Census(clocks.steady_ms()), Pulse()
        self._inbox: list[Input] = []
        self._adverts: list[Advert] = []
        self._receipts: list[Received] = []
        self._turn_due = False
        self._failure: asyncio.Future[None] | None = None
        self._uplink = self._make_uplink()
        ciphers = _ciphers(registry)
        self._downlink = Downlink(
            radio, ciphers, registry.epoch, nonce=nonce, answer=self._post, log=self._log
        )
        self._outbox = Outbox(config.database, reserve_bytes=config.outbox.reserve_mb << 20)
        self._reception = Reception(registry, self._outbox.counts(), self._ears.recognised)
        self._station = self._make_station()
        self._relay = Relay(
            config.name,
            Topics(config.fleet),
            tuple(ciphers),
            self._outbox.restored(),
            round(config.resend_s * _MS_PER_S),
            self._reception.buttons,
            alarm=None if self._station is None else self._station.alarm,
            limit_bytes=config.outbox.limit_mb << 20,
        )
        self._engine = Engine(
            self._relay, self._outbox, self._uplink, self._downlink, self._station
        )
        self._bulletin = Bulletin(
            config.name,
            self._ears,
            self._reception,
            self._relay,
            self._outbox,
            self._uplink,
            self._log,
        )
        self._outbox_log = OutboxLog(self._outbox, self._log)
        self._outbox_log.look(self._relay.dropped)
        if doubted := self._reception.doubted:
            self._engine.note(doubted)
            self._log.warning("counters.not_proved", badges=[one.badge for one in doubted])

    async def run(self) -> None:
        """Run until cancelled. Raises OutboxError when it cannot go on."""
        self._failure = asyncio.get_running_loop().create_future()
        self._log.info("gateway.started", depth=self._relay.depth, version=own_version())
        try:
            async with asyncio.TaskGroup() as tasks:
                for name, part in self._parts().items():
                    self._pulse.watch(tasks.create_task(part, name=name))
                await self._until_the_end()
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None

    def close(self) -> None:
        """Let go of the database, and of what is connected to the hub."""
        self._outbox.close()
        if self._station is not None:
            self._station.close()

    @property
    def depth(self) -> int:
        """How many messages await the broker's PUBACK."""
        return self._relay.depth

    def ailing(self) -> str:
        """Why this process should be started anew; "" while it does its work."""
        return self._pulse.ailing(clocks.steady_ms())

    def snapshot(self) -> Snapshot:
        """How this gateway is; there is no position in it."""
        config, now_ms, steady_ms = self._config, self._now_ms(), clocks.steady_ms()
        urls = ", ".join(str(address) for address in addresses(config.broker))
        snapshot = Snapshot(
            gateway=config.name,
            fleet=config.fleet,
            version=own_version(),
            state=self._ears.state,
            at=rfc3339(now_ms),
            up_s=self._census.up_s(steady_ms),
            radios=self._ears.statuses(),
            badges=self._census.badges(steady_ms),
            outbox=outbox_status(now_ms, Path(config.database), self._outbox, self._relay),
            link=self._census.link(steady_ms, urls, self._uplink.said),
            accepted=self._census.accepted,
            rejected=self._bulletin.rejected,
        )
        return judged(snapshot, Limits(broker_away_s=config.status.broker_away_s))

    def _parts(self) -> dict[str, Coroutine[None, None, None]]:
        parts = {
            "uplink": self._uplink.run(),
            "ears": self._ears.run(),
            "downlink": self._downlink.run(),
            "keep_time": self._keep_time(),
        }
        if self._station is not None:
            parts["station"] = self._station.run()
        if self._config.registry:
            file = RegistryFile(Path(self._config.registry), self._renew, self._log)
            parts["registry"] = file.run()
        return parts

    async def _until_the_end(self) -> None:
        assert self._failure is not None
        try:
            await self._failure
        finally:
            # While the session still stands: it sends this before it disconnects.
            self._uplink.tell_offline(self._now_ms())

    def _make_station(self) -> Station | None:
        options = self._config.alarm
        return None if options is None else Station(options, post=self._post, log=self._log)

    def _make_uplink(self) -> Uplink:
        config = self._config
        try:
            return Uplink(
                config.broker,
                config.name,
                Topics(config.fleet),
                post=self._post,
                on_command=self._on_command,
                started_ms=self._now_ms(),
                log=self._log,
            )
        except ContractError as error:
            raise ConfigError(f"$.{error}") from None

    def _renew(self, registry: Registry) -> None:
        """Go on with other badges and keys; counters and what is open stay."""
        ciphers = _ciphers(registry)
        self._reception.renew(registry)
        self._downlink.renew(ciphers, registry.epoch)
        self._relay.renew(tuple(ciphers), self._reception.buttons)

    def _on_advert(self, advert: Advert) -> None:
        self._adverts.append(advert)
        self._schedule()

    def _on_command(self, ordered: Ordered, received: Received) -> None:
        self._receipts.append(received)
        self._post(ordered)

    def _post(self, happened: Input) -> None:
        self._inbox.append(happened)
        self._schedule()

    def _schedule(self) -> None:
        # Once a turn of the event loop: whatever arrives in it shares one commit.
        if not self._turn_due:
            self._turn_due = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        self._turn_due = False
        try:
            self._carry_on(self._now_ms())
            self._pulse.turned(clocks.steady_ms())
        except Exception as error:
            # Most likely the disk: without it nothing may be promised to a badge.
            if self._failure is not None and not self._failure.done():
                self._failure.set_exception(error)

    def _carry_on(self, now_ms: int) -> None:
        adverts, self._adverts = self._adverts, []
        inputs, self._inbox = self._inbox, []
        receipts, self._receipts = self._receipts, []
        if moved_ms := self._clock.moved_by(now_ms, self._steady_ms()):
            self._log.warning("clock.moved", by_s=round(moved_ms / _MS_PER_S))
            self._bulletin.clock_moved(moved_ms)
            inputs.insert(0, ClockMoved(moved_ms))
        inputs += self._reception.hear(now_ms, adverts)
        self._census.note(clocks.steady_ms(), inputs)
        self._engine.turn(now_ms, inputs)
        for received in receipts:
            self._uplink.acknowledge(received)
        if any(isinstance(item, LinkChanged) and item.up for item in inputs):
            self._bulletin.tell(now_ms)

    async def _keep_time(self) -> None:
        tidied_ms = 0
        while True:
            await asyncio.sleep(TICK_S)
            now_ms = self._now_ms()
            self._post(Tick())
            if self._station is not None:
                self._station.show(self._relay.lamp(deaf=not self._ears.hears))
            if abs(now_ms - tidied_ms) >= TIDY_EVERY_MS:
                tidied_ms = now_ms
                self._engine.tidy()
                self._outbox_log.look(self._relay.dropped)
                self._bulletin.look(now_ms)
            self._bulletin.tick(now_ms)


def _ciphers(registry: Registry) -> dict[int, "BlockCipher"]:
    return {
        number: block_cipher(command_key(key)) for number, key in registry.badge_key_bytes().items()
    }
