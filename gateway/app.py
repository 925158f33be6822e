"""The gateway as a process: wires intake, relay, outbox, broker and radio; decides nothing."""

import asyncio
import os
import time
from collections.abc import Callable

import structlog

from gateway.config import Config
from gateway.contract.errors import ContractError
from gateway.contract.messages import GatewayState, rfc3339
from gateway.contract.session import Received
from gateway.contract.topics import Topics
from gateway.downlink import Downlink
from gateway.engine import Engine
from gateway.errors import ConfigError
from gateway.health import Health
from gateway.intake import Intake
from gateway.keys import block_cipher, command_key
from gateway.outbox import Outbox
from gateway.radio import Advert, Radio
from gateway.registry import Registry
from gateway.relay import Relay
from gateway.steps import Heard, Input, LinkChanged, Ordered, Tick
from gateway.uplink import Uplink, own_version

TICK_S = 0.05
TIDY_EVERY_MS = 1000
STATE_EVERY_MS = 30_000
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
        nonce: Callable[[int], bytes] = os.urandom,
        log: structlog.typing.FilteringBoundLogger | None = None,
    ) -> None:
        self._config = config
        self._radio = radio
        self._now_ms = now_ms or _host_clock_ms
        self._log = (log or structlog.get_logger()).bind(gateway=config.name)
        self._health = Health()
        self._inbox: list[Input] = []
        self._adverts: list[Advert] = []
        self._receipts: list[Received] = []
        self._turn_due = False
        self._failure: asyncio.Future[None] | None = None
        self._told: tuple[str, int] = ("", 0)
        self._intake = Intake(registry)
        self._uplink = self._make_uplink()
        ciphers = {
            number: block_cipher(command_key(key))
            for number, key in registry.badge_key_bytes().items()
        }
        self._downlink = Downlink(
            radio, ciphers, registry.epoch, nonce=nonce, answer=self._post, log=self._log
        )
        self._outbox = Outbox(config.database)
        for count in self._outbox.counts():
            self._intake.restore(count.badge, count.counter, count.frame)
        self._relay = Relay(
            config.name,
            Topics(config.fleet),
            tuple(ciphers),
            self._outbox.restored(),
            round(config.resend_s * _MS_PER_S),
        )
        self._engine = Engine(self._relay, self._outbox, self._uplink, self._downlink)

    async def run(self) -> None:
        """Run until cancelled. Raises OutboxError or RadioError when it cannot go on."""
        self._failure = asyncio.get_running_loop().create_future()
        self._log.info("gateway.started", depth=self._relay.depth, version=own_version())
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._uplink.run())
                tasks.create_task(self._radio.run(self._on_advert))
                tasks.create_task(self._downlink.run())
                tasks.create_task(self._keep_time())
                await self._until_the_end()
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None

    def close(self) -> None:
        """Let go of the database."""
        self._outbox.close()

    async def _until_the_end(self) -> None:
        assert self._failure is not None
        try:
            await self._failure
        finally:
            # While the session still stands: it sends this before it disconnects.
            self._uplink.tell_offline(self._now_ms())

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
        except Exception as error:
            # Most likely the disk: without it nothing may be promised to a badge.
            if self._failure is not None and not self._failure.done():
                self._failure.set_exception(error)

    def _carry_on(self, now_ms: int) -> None:
        adverts, self._adverts = self._adverts, []
        inputs, self._inbox = self._inbox, []
        receipts, self._receipts = self._receipts, []
        for advert in adverts:
            hearing = self._intake.hear(now_ms, advert.frame)
            if hearing is not None:
                self._health.heard(now_ms)
                inputs.append(Heard(hearing, advert.address, advert.rssi))
        self._engine.turn(now_ms, inputs)
        for received in receipts:
            self._uplink.acknowledge(received)
        if any(isinstance(item, LinkChanged) and item.up for item in inputs):
            self._tell_state(now_ms)

    async def _keep_time(self) -> None:
        tidied_ms = 0
        while True:
            await asyncio.sleep(TICK_S)
            now_ms = self._now_ms()
            self._post(Tick())
            if abs(now_ms - tidied_ms) >= TIDY_EVERY_MS:
                tidied_ms = now_ms
                self._engine.tidy()
            state, told_ms = self._told
            if state != self._health.state(now_ms) or abs(now_ms - told_ms) >= STATE_EVERY_MS:
                self._tell_state(now_ms)

    def _tell_state(self, now_ms: int) -> None:
        state, age_ms = self._health.state(now_ms), self._health.age_ms(now_ms)
        self._told = (state, now_ms)
        if bad_tags := self._health.bad_tags(self._intake.rejected):
            self._log.warning("radio.intrusion", bad_tags=bad_tags)
        mqtt = {f"mqtt_{reason}": times for reason, times in self._uplink.rejected.items()}
        self._uplink.tell_state(
            GatewayState(
                gateway=self._config.name,
                state=state,
                at=rfc3339(now_ms),
                last_advert_age_s=None if age_ms is None else age_ms / _MS_PER_S,
                outbox_depth=self._relay.depth,
                version=own_version(),
                rejected={**self._intake.rejected, **mqtt},
            )
        )


def _host_clock_ms() -> int:
    return time.time_ns() // 1_000_000
