"""Somebody with a laptop on the real radio stack: forges, plays back, connects and floods."""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress

from bleak.exc import BleakError
from bumble import hci
from bumble.core import UUID, BaseBumbleError
from bumble.device import Advertisement, Connection, Device
from bumble.transport.common import AsyncPipeSink

from simulator.air import Air
from simulator.bleak_adapter import Adapter
from simulator.controller import VirtualController
from simulator.hci_host import QuietHost
from simulator.lockstep.agenda import Agenda
from simulator.lockstep.log import Log
from simulator.peripheral import Peripheral
from wire.command import COMMAND_UUID, REPLY_UUID, SERVICE_UUID
from wire.frame import FRAME_LENGTH, VERSION, to_advertisement

_ADDRESS = "C0:00:00:00:00:01"
_ALSO_ADVERTISES_US = 20_000
_KEPT = 200
_ALTERED = 0.5  # of what is forged: a real frame, altered
_FRAME_AT = 7  # behind flags and the head of the manufacturer data
_COUNTER_HIGH_AT = 5  # of the frame's counter the third byte, masked
_KIND_AT = 7  # of the sealed report the first byte: it does not change the mask
_NOISE_BYTES = 29
_WRITES = 7
_PAUSE_S = 0.3
_TRIES_FOR_S = 3.5


class Attacker:
    """Hears every frame and has no key. `overhear` is to be called with each advertisement."""

    def __init__(self, air: Air, agenda: Agenda, log: Log, rng: random.Random) -> None:
        self._air = air
        self._agenda = agenda
        self._log = log
        self._rng = rng
        self._frames: deque[bytes] = deque(maxlen=_KEPT)
        self._latest: dict[str, bytes] = {}
        self._speaker: Peripheral | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._connected: set[int] = set()

    def overhear(self, sender: str, payload: bytes) -> None:
        """Somebody says something."""
        if sender.startswith("badge-"):
            self._latest[sender] = payload
            if not self._frames or self._frames[-1] != payload:
                self._frames.append(payload)

    def close(self) -> None:
        """Gone."""
        self.fall_silent()
        for task in tuple(self._tasks):
            task.cancel()

    def forge(self, for_ms: int, per_s: float) -> None:
        """Frames with a right head and nothing right behind it."""
        self._say(for_ms, per_s, self._forged)

    def replay(self, for_ms: int, per_s: float) -> None:
        """What badges have said before, from an address of its own."""
        self._say(for_ms, per_s, self._recorded)

    def flood(self, badge: int, for_ms: int) -> None:
        """Connects to a badge again and again, and writes noise."""
        self._start(self._flood(f"badge-{badge}", for_ms / 1_000))

    def fall_silent(self) -> None:
        """Says nothing more."""
        if self._speaker is not None:
            self._speaker.close()
            self._speaker = None

    def _say(self, for_ms: int, per_s: float, make: Callable[[], bytes | None]) -> None:
        if self._speaker is None:
            self._speaker = Peripheral(
                self._air, "attacker", _ADDRESS,
                on_connect=lambda _connection, _peer: None,
                on_disconnect=lambda _connection, _peer: None,
                on_write=lambda _connection, _handle, _value: None,
            )  # fmt: skip
        for at in range(int(for_ms * per_s / 1_000)):
            self._agenda.after(int(at * 1_000 / per_s), self._next, make)
        self._agenda.after(for_ms, self.fall_silent)

    def _next(self, make: Callable[[], bytes | None]) -> None:
        payload = make()
        if payload is not None and self._speaker is not None:
            self._speaker.advertise(_ALSO_ADVERTISES_US, payload, connectable=False)

    def _forged(self) -> bytes:
        if self._frames and self._rng.random() < _ALTERED:
            return self._altered(self._rng.choice(self._frames))
        return to_advertisement(bytes((VERSION << 4,)) + self._rng.randbytes(FRAME_LENGTH - 1))

    def _altered(self, payload: bytes) -> bytes:
        """A recorded frame with another counter and another kind, under its old tag."""
        forged = bytearray(payload)
        forged[_FRAME_AT + _COUNTER_HIGH_AT] ^= self._rng.randrange(1, 16)
        forged[_FRAME_AT + _KIND_AT] ^= self._rng.randrange(1, 16) << 4
        return bytes(forged)

    def _recorded(self) -> bytes | None:
        return self._rng.choice(self._frames) if self._frames else None

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- connections --------------------------------------------------------

    async def _flood(self, badge: str, for_s: float) -> None:
        controller = VirtualController(self._air, "attacker")
        host = QuietHost(controller, AsyncPipeSink(controller))
        device = Device(name="attacker", address=hci.Address.ANY_RANDOM, host=host)
        try:
            await device.power_on()
            async with asyncio.timeout(for_s):
                await self._connect_again_and_again(Adapter(device, 7.5), badge)
        except TimeoutError:
            pass  # its time is over
        finally:
            controller.power_off()
            self._let_go(int(badge.removeprefix("badge-")))

    async def _connect_again_and_again(self, adapter: Adapter, badge: str) -> None:
        found: dict[str, hci.Address] = {}

        def hear(_address: str, advertisement: Advertisement) -> None:
            if advertisement.is_connectable and advertisement.data_bytes == self._latest.get(badge):
                found[badge] = advertisement.address

        await adapter.add_scanner(hear, active=False)
        while True:
            await asyncio.sleep(_PAUSE_S)
            address = found.pop(badge, None)
            if address is not None:
                with suppress(BleakError, BaseBumbleError, TimeoutError, asyncio.CancelledError):
                    await self._write_noise(adapter, badge, address)

    async def _write_noise(self, adapter: Adapter, badge: str, address: hci.Address) -> None:
        number = int(badge.removeprefix("badge-"))
        async with asyncio.timeout(_TRIES_FOR_S):
            connection = await adapter.connect(address)
            self._connected.add(number)
            self._log.note("attacker", "connects", badge=number)
            connection.on(Connection.EVENT_DISCONNECTION, lambda _: self._let_go(number))
            await self._subscribe_and_write(connection, number)

    async def _subscribe_and_write(self, connection: Connection, badge: int) -> None:
        client = connection.gatt_client
        for service in await client.discover_service(UUID(SERVICE_UUID)):
            found = await client.discover_characteristics((), service)
            values = {str(one.uuid): one for one in found}
            reply, command = (values[str(UUID(uuid))] for uuid in (REPLY_UUID, COMMAND_UUID))
            await client.subscribe(reply, lambda _: self._answered(badge))
            for _ in range(_WRITES):
                noise = self._rng.randbytes(_NOISE_BYTES)
                await client.write_value(command, noise, with_response=True)
                await asyncio.sleep(_PAUSE_S)

    def _answered(self, badge: int) -> None:
        self._log.note("attacker", "was answered", badge=badge, played_back=False)

    def _let_go(self, badge: int) -> None:
        if badge in self._connected:
            self._connected.discard(badge)
            self._log.note("attacker", "is let go", badge=badge, played_back=False)
